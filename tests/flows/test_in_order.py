"""``最便宜的是哪门``, ``有新课吗``, ``哪门卖得最好``: the list, or the shelf, in the order asked for."""

from __future__ import annotations

import re

import pytest

from handlers.chat import recommend
from tests.flows.courses import CRAWLER, GIT, MYSQL, PANDAS
from tests.flows.follower import Follower
from tests.flows.town import Town

NUMBERED = re.compile(r"^\d+\. (.+)$", re.MULTILINE)
PRICE = re.compile(r"^(?:¥(\d+)|(免费))", re.MULTILINE)


def prices(reply: str) -> list[int]:
    return [int(yuan or 0) for yuan, _ in PRICE.findall(reply)]


@pytest.mark.parametrize("words", ["最便宜的是哪门", "其中最便宜的", "最便宜的呢"])
def test_the_cheapest_of_a_list_comes_first(anna: Follower, words: str) -> None:
    found = set(NUMBERED.findall(anna.say("想学爬虫")))
    reply = anna.say(words)
    assert "刚才这些课里" in reply
    assert prices(reply) == sorted(prices(reply)) and found == set(NUMBERED.findall(reply))


def test_the_dearest_of_a_list_comes_first(anna: Follower) -> None:
    anna.say("想学爬虫")
    reply = anna.say("最贵的呢")
    assert prices(reply) == sorted(prices(reply), reverse=True) and prices(reply)[0] > 0


def test_without_a_list_it_is_the_shelf_that_is_put_in_order(anna: Follower) -> None:
    reply = anna.say("最贵的是哪门")
    assert "刚才" not in reply and prices(reply) == sorted(prices(reply), reverse=True)


@pytest.mark.parametrize("words", ["最短的是哪门", "最简单的是哪个", "最长的", "最难的呢"])
def test_other_orders_are_answered_with_a_list(anna: Follower, words: str) -> None:
    anna.say("推荐")
    assert NUMBERED.search(anna.say(words))


@pytest.mark.parametrize("words", ["有新课吗", "最近上新了什么", "随便推荐一个"])
def test_a_question_about_the_shelf_is_not_taken_for_one_about_the_list(anna: Follower, words: str) -> None:
    one = NUMBERED.findall(anna.say("想学爬虫"))
    assert NUMBERED.findall(anna.say(words)) != one


def test_what_sells_best_comes_first_once_something_has_sold(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = town.new_follower()
    monkeypatch.setattr(recommend, "FEW_SALES", 10**6)
    assert "还说不出哪门卖得最好" in anna.say("哪门卖得最好")
    monkeypatch.setattr(recommend, "FEW_SALES", 3)
    for title in (MYSQL, MYSQL, PANDAS):
        buyer = town.new_follower()
        buyer.pay(buyer.order(f"购买 {title}"))
    reply = anna.say("哪门卖得最好")
    assert NUMBERED.findall(reply)[:2] == [MYSQL, PANDAS]
    assert GIT not in reply, "what is free is not sold"
    assert CRAWLER not in NUMBERED.findall(reply)[:1]


@pytest.mark.parametrize("words", ["钱扣了没开通", "钱被扣了课没开", "银行扣款了但是显示未支付"])
def test_whose_money_is_gone_is_heard(anna: Follower, words: str) -> None:
    reply = anna.say(words)
    assert "没有找到你的订单" in reply


def test_who_cannot_pay_is_told_what_to_do(anna: Follower) -> None:
    assert "去付款" in anna.say("微信支付不了")
