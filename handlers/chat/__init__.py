"""The chat's answers: one thin file an intent, asked in the order of this list.

Every message type and every event of WeChat's has a named place here: an answer, a note, or silence on
purpose (`told.NOTHING_TO_DO`); what WeChat may invent tomorrow ends in the last line.

``only`` names what a text must mean for somebody to be asked at all; whoever looks for words, numbers or what
was said before is asked about every text.

To add one: write ``handlers/chat/NAME.py`` with ``answer(shop, turn) -> str | None``, its sentences in
``handlers/sentences.toml``, one flow test, and one line here. ``None`` leaves the message to the next line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

from werobot.replies import WeChatReply

from bot.conversation import Conversation
from bot.message import Message
from bot.robot import KebanRobot
from handlers.chat import (
    about_course,
    buy,
    cheaper,
    choose,
    compare,
    discount,
    easier,
    fallback,
    follow,
    gift,
    how_to,
    in_need,
    invoice,
    media,
    menu,
    mine,
    more,
    not_opened,
    offers,
    order_number,
    orders,
    paid_twice,
    person,
    personal_data,
    question,
    recommend,
    refund,
    resume,
    several,
    small_talk,
    told,
)
from handlers.chat.turn import Turn
from handlers.shop import Shop

Reply: TypeAlias = str | WeChatReply
Answer = Callable[[Shop, Turn], Reply | None]


class only:  # noqa: N801 - reads as a word of the list
    """An answer to texts of one meaning. It says itself when it is not meant; this spares the asking."""

    def __init__(self, meaning: str, answer: Answer) -> None:
        self.meaning, self.answer = meaning, answer

    def __call__(self, shop: Shop, turn: Turn) -> Reply | None:
        return self.answer(shop, turn)


INTENTS: tuple[tuple[str, Answer], ...] = (
    ("subscribe_event", follow.greet),
    ("unsubscribe_event", follow.goodbye),
    ("scan_event", follow.scanned),
    ("click_event", menu.answer),
    ("scancode_waitmsg_event", media.scanned_code),
    ("kf_create_session_event", person.came),
    ("kf_switch_session_event", person.came),
    ("kf_close_session_event", person.went),
    ("user_authorization_cancellation_event", personal_data.account_closed),
    ("user_authorization_revoke_event", personal_data.withdrawn),
    ("user_info_modified_event", personal_data.withdrawn),
    *((kind, told.agreed) for kind in told.SUBSCRIPTIONS),
    ("templatesendjobfinish_event", told.fared),
    ("masssendjobfinish_event", told.finished),
    ("publishjobfinish_event", told.finished),
    *((kind, told.nothing_to_do) for kind in told.NOTHING_TO_DO),
    ("text", only("crisis", small_talk.crisis)),
    ("text", person.hand_over),
    ("text", invoice.answer),
    ("text", gift.redeem),
    ("text", only("support", paid_twice.answer)),
    ("text", order_number.answer),
    ("text", not_opened.answer),
    ("text", gift.give),
    ("text", offers.answer),
    ("text", about_course.answer),
    ("text", only("about", how_to.answer)),
    ("text", only("choose", compare.answer)),
    ("text", only("choose", choose.answer)),
    ("text", only("buy", buy.answer)),
    ("text", only("more", more.answer)),
    ("text", only("mine", mine.answer)),
    ("text", only("resume", resume.answer)),
    ("text", only("orders", orders.answer)),
    ("text", only("refund", refund.answer)),
    ("text", only("discount", discount.answer)),
    ("text", only("human", person.ask)),
    ("text", small_talk.answer),
    ("text", only("recommend", recommend.answer)),
    ("text", only("ask", several.answer)),
    ("text", only("ask", cheaper.answer)),
    ("text", only("ask", easier.answer)),
    ("text", only("ask", question.answer)),
    ("text", fallback.off_topic),
    ("voice", only("crisis", small_talk.crisis)),
    ("voice", person.hand_over),
    ("voice", media.unheard),
    *((kind, person.hand_over) for kind in ("image", "video", "shortvideo", "location", "link")),
    ("image", media.picture),
    ("video", media.video),
    ("shortvideo", media.video),
    ("location", media.place),
    ("link", media.shared_link),
    ("all", media.unknown),
)

# Of a robot that remembers nothing (`in_need`); it leaves everything else alone.
INTENTS_IN_NEED: tuple[tuple[str, Answer], ...] = (
    ("text", in_need.answer),
    ("voice", small_talk.crisis),
    ("click_event", in_need.tapped),
)


def register(robot: KebanRobot, shop: Shop) -> None:
    """Puts the list into the robot: for each type of message those who are asked, in order."""
    _register(robot, shop, INTENTS)


def register_in_need(robot: KebanRobot, shop: Shop) -> None:
    """The same for a robot that stands in while the store is gone."""
    _register(robot, shop, INTENTS_IN_NEED)


def _register(robot: KebanRobot, shop: Shop, intents: Sequence[tuple[str, Answer]]) -> None:
    for message_type in dict.fromkeys(kind for kind, _ in intents):
        robot.add_handler(_ask_in_turn(_asked_about(message_type, intents), shop), message_type)


def _asked_about(message_type: str, intents: Sequence[tuple[str, Answer]]) -> list[Answer]:
    """Whatever can be typed can be said: the words that WeChat heard are answered as a text."""
    own = [answer for kind, answer in intents if kind == message_type]
    return own + _asked_about("text", intents) if message_type == "voice" else own


def _ask_in_turn(answers: Sequence[Answer], shop: Shop) -> Callable[[Message, Conversation], Reply | None]:
    """One turn a message, shared by all who are asked: its text is read once."""
    reads = any(isinstance(answer, only) for answer in answers)

    @cache
    def asked(meaning: str) -> list[Answer]:
        return [
            answer.answer if isinstance(answer, only) else answer
            for answer in answers
            if not isinstance(answer, only) or answer.meaning == meaning
        ]

    def handler(message: Message, session: Conversation) -> Reply | None:
        turn = Turn(shop, message, session)
        meaning = turn.reading.intent if reads and turn.text else ""
        reply = next((reply for answer in asked(meaning) if (reply := answer(shop, turn))), None)
        return "\n\n".join([reply, *turn.notices]) if turn.notices and isinstance(reply, str) else reply

    return handler
