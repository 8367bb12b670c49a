from __future__ import annotations

import re
from typing import Any

import pytest
from werobot.replies import ImageReply

from bot.conversation import Conversation
from bot.document import parse
from bot.message import Message, to_message
from bot.robot import KebanRobot
from infra.errors import Conflict
from tests.unit.bot.pretend_wechat import say


def message(kind: str = "text", **fields: str) -> Message:
    children = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    head = "<FromUserName>o1</FromUserName><ToUserName>gh</ToUserName>"
    return to_message(parse(f"<xml>{head}<MsgType>{kind}</MsgType>{children}</xml>".encode()))


@pytest.fixture
def robot() -> KebanRobot:
    return KebanRobot(say)


@pytest.fixture
def talk() -> Conversation:
    return Conversation("o1")


def test_handlers_are_asked_in_order_of_registration(robot: KebanRobot, talk: Conversation) -> None:
    asked: list[str] = []
    robot.text(lambda: asked.append("first text"))
    robot.handler(lambda: asked.append("catch-all"))
    robot.text(lambda: "second text")
    robot.text(lambda: asked.append("never"))
    assert robot.answer(message(Content="x"), talk).text == "second text"
    assert asked == ["first text", "catch-all"]


def test_a_handler_takes_what_it_asks_for(robot: KebanRobot, talk: Conversation) -> None:
    @robot.filter("hi")
    def hi(message: Any, session: Conversation) -> str:
        return f"{message.content} {session.openid}"

    @robot.filter(re.compile(r"买 (\d)"))
    def buy(_message: Any, _session: Conversation, match: re.Match[str]) -> str:
        return f"buy {match[1]}"

    @robot.key_click("HELP")
    def assist(message: Any) -> str:
        return f"help by {message.key}"

    assert robot.answer(message(Content="hi"), talk).text == "hi o1"
    assert robot.answer(message(Content="买 2"), talk).text == "buy 2"
    assert robot.answer(message("event", Event="CLICK", EventKey="HELP"), talk).text == "help by HELP"
    assert robot.answer(message("event", Event="CLICK", EventKey="OTHER"), talk).outcome == "silent"


@pytest.mark.parametrize(
    ("kind", "fields", "known"),
    [
        ("music", {}, "unknown"),
        ("all", {}, "unknown"),
        ("event", {"Event": "brand_new"}, "unknown_event"),
        ("event", {}, "unknown_event"),
        ("event", {"Event": "all"}, "unknown_event"),
    ],
)
def test_unknown_types_have_a_place(
    robot: KebanRobot, talk: Conversation, kind: str, fields: dict[str, str], known: str
) -> None:
    robot.unknown(lambda: "unknown")
    robot.unknown_event(lambda: "unknown_event")
    assert robot.answer(message(kind, **fields), talk).text == known


def test_nobody_answers(robot: KebanRobot, talk: Conversation) -> None:
    assert robot.answer(message(Content="x"), talk).xml == b""


def test_a_fault_becomes_a_sentence_and_leaves_no_half_of_the_work(
    robot: KebanRobot, talk: Conversation
) -> None:
    @robot.text
    def broken(_message: Any, session: Conversation) -> str:
        session.chosen = "half"
        raise ZeroDivisionError

    answer = robot.answer(message(Content="x"), talk)
    assert (answer.outcome, answer.text) == ("failed", "抱歉（error.sorry）")
    assert talk.chosen == ""


def test_an_error_of_ours_brings_its_own_sentence(robot: KebanRobot, talk: Conversation) -> None:
    @robot.text
    def refused(_message: Any) -> str:
        raise Conflict("somebody was quicker")

    assert robot.answer(message(Content="x"), talk).text == "抱歉（error.conflict）"


def test_a_reply_that_is_none_is_a_fault(robot: KebanRobot, talk: Conversation) -> None:
    robot.text(lambda: {"not": "a reply"})
    assert robot.answer(message(Content="x"), talk).outcome == "failed"


def test_a_reply_of_werobot_is_rendered(robot: KebanRobot, talk: Conversation) -> None:
    robot.text(lambda message: ImageReply(message, media_id="m1"))
    answer = robot.answer(message(Content="x"), talk)
    assert b"m1" in answer.xml
    assert answer.text == ""


def test_a_handler_added_later_is_heard(robot: KebanRobot, talk: Conversation) -> None:
    assert robot.answer(message(Content="x"), talk).outcome == "silent"
    robot.text(lambda: "now")
    assert robot.answer(message(Content="x"), talk).text == "now"
