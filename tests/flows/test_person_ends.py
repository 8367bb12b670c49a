"""A talk with a person ends by itself; and an account without customer service hands over to nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import Conversation
from bot.document import parse
from bot.message import to_message
from bot.robot import KebanRobot
from handlers import chat
from handlers.chat.person import TOGETHER_S, WAITING_S
from infra.clock import ManualClock, SystemClock
from tests.flows.courses import CRAWLER
from tests.flows.town import Town, new_openid


class Talk:
    """A follower's talk with the very answers of the town's shop, at a time of the test's own."""

    def __init__(self, town: Town, *, customer_service: bool = True) -> None:
        self.clock = ManualClock(SystemClock().now())
        shop = replace(town.rooms.shop, clock=self.clock, customer_service=customer_service)
        self._robot = KebanRobot(shop.say)
        chat.register(self._robot, shop)
        self._conversation = Conversation(new_openid())

    def say(self, text: str) -> str:
        return self._send(f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content>")

    def event(self, name: str) -> str:
        return self._send(f"<MsgType>event</MsgType><Event>{name}</Event><KfAccount>a@b</KfAccount>")

    def _send(self, fields: str) -> str:
        sender = f"<FromUserName>{self._conversation.openid}</FromUserName>"
        xml = f"<xml><ToUserName>gh</ToUserName>{sender}{fields}</xml>"
        return self._robot.answer(to_message(parse(xml.encode())), self._conversation).xml.decode()


def is_handed_over(xml: str) -> bool:
    return "transfer_customer_service" in xml


def test_where_nobody_comes_the_bot_is_back_after_a_while(town: Town) -> None:
    talk = Talk(town)
    talk.say("人工")
    talk.clock.advance(WAITING_S)
    assert is_handed_over(talk.say("有人吗"))
    talk.clock.advance(1)
    assert CRAWLER in talk.say("想学爬虫")


def test_a_persons_talk_lasts_as_long_as_something_is_said(town: Town) -> None:
    talk = Talk(town)
    talk.event("kf_create_session")
    for _ in range(3):
        talk.clock.advance(TOGETHER_S)
        assert is_handed_over(talk.say("还在吗"))
    talk.clock.advance(TOGETHER_S + 1)
    assert CRAWLER in talk.say("想学爬虫")


@pytest.mark.parametrize("words", ["人工", "转人工", "客服"])
def test_without_customer_service_the_truth_is_told_and_the_bot_goes_on(town: Town, words: str) -> None:
    talk = Talk(town, customer_service=False)
    told = talk.say(words)
    assert "自动回复" in told and "留言" in told
    assert CRAWLER in talk.say("想学爬虫")
