"""The chat's answers: one thin file an intent, asked in the order of this list.

To add one: write ``handlers/chat/NAME.py`` with ``answer(shop, turn) -> str | None``, its sentences in
``handlers/sentences.toml``, one flow test, and one line here. ``None`` leaves the message to the next line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.conversation import Conversation
from bot.message import Message
from bot.robot import KebanRobot
from handlers.chat import (
    buy,
    choose,
    fallback,
    follow,
    menu,
    mine,
    more,
    orders,
    question,
    recommend,
    refund,
    resume,
    small_talk,
)
from handlers.chat.turn import Turn
from handlers.shop import Shop

Answer = Callable[[Shop, Turn], str | None]

INTENTS: tuple[tuple[str, Answer], ...] = (
    ("subscribe_event", follow.greet),
    ("unsubscribe_event", follow.goodbye),
    ("click_event", menu.answer),
    ("text", choose.answer),
    ("text", buy.answer),
    ("text", more.answer),
    ("text", mine.answer),
    ("text", resume.answer),
    ("text", orders.answer),
    ("text", refund.answer),
    ("text", small_talk.answer),
    ("text", recommend.answer),
    ("text", question.answer),
    ("voice", question.answer_voice),
    ("text", fallback.off_topic),
    ("image", fallback.picture),
    ("voice", fallback.voice),
    ("all", fallback.other),
)


def register(robot: KebanRobot, shop: Shop) -> None:
    """Puts the list into the robot, in order."""
    for message_type, answer in INTENTS:
        robot.add_handler(_bind(answer, shop), message_type)


def _bind(answer: Answer, shop: Shop) -> Callable[[Message, Conversation], str | None]:
    def handler(message: Message, session: Conversation) -> str | None:
        return answer(shop, _turn(shop, message, session))

    return handler


def _turn(shop: Shop, message: Any, session: Conversation) -> Turn:
    """One turn a message, shared by the handlers that are asked in a row: its text is read once."""
    turn: Turn | None = getattr(message, "turn", None)
    if turn is None:
        turn = message.turn = Turn(shop, message, session)
    return turn
