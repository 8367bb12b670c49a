"""The chat's answers: one thin file an intent, asked in the order of this list.

To add one: write ``handlers/chat/NAME.py`` with ``answer(shop, turn) -> str | None``, its sentences in
``handlers/sentences.toml``, one flow test, and one line here. ``None`` leaves the message to the next line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.conversation import Conversation
from bot.message import Message
from bot.robot import KebanRobot
from handlers.chat import (
    buy,
    choose,
    discount,
    fallback,
    follow,
    invoice,
    menu,
    mine,
    more,
    not_opened,
    order_number,
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
    ("text", small_talk.crisis),
    ("text", invoice.answer),
    ("text", order_number.answer),
    ("text", not_opened.answer),
    ("text", choose.answer),
    ("text", buy.answer),
    ("text", more.answer),
    ("text", mine.answer),
    ("text", resume.answer),
    ("text", orders.answer),
    ("text", refund.answer),
    ("text", discount.answer),
    ("text", small_talk.answer),
    ("text", recommend.answer),
    ("text", question.answer),
    ("text", fallback.off_topic),
    ("voice", fallback.unheard),
    ("image", fallback.picture),
    ("all", fallback.other),
)


def register(robot: KebanRobot, shop: Shop) -> None:
    """Puts the list into the robot: for each type of message those who are asked, in order."""
    for message_type in dict.fromkeys(kind for kind, _ in INTENTS):
        robot.add_handler(_ask_in_turn(_asked_about(message_type), shop), message_type)


def _asked_about(message_type: str) -> list[Answer]:
    """Whatever can be typed can be said: the words that WeChat heard are answered as a text."""
    own = [answer for kind, answer in INTENTS if kind == message_type]
    return own + _asked_about("text") if message_type == "voice" else own


def _ask_in_turn(answers: Sequence[Answer], shop: Shop) -> Callable[[Message, Conversation], str | None]:
    """One turn a message, shared by all who are asked: its text is read once."""

    def handler(message: Message, session: Conversation) -> str | None:
        turn = Turn(shop, message, session)
        return next((reply for answer in answers if (reply := answer(shop, turn))), None)

    return handler
