"""Questions about one order: its number sent as the list of orders says, and 「付了款没开课」."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from handlers.chat import not_opened
from payments.order import new_order_no
from tests.flows.courses import CANARY, CRAWLER, GIT, MYSQL, PANDAS
from tests.flows.follower import Follower
from tests.flows.town import Town

NOT_FOUND = "没有这个订单，或者它不是你的。"
COMPLAINTS = (
    "我付了没开通",
    "付了款没开课",
    "付款了但是打不开",
    "我已经付款了怎么还没开通",
    "支付成功但课程没开",
    "钱付了，课没打开",
    "刚买的课打不开",
    "交了钱还是看不了",
    "扣钱了怎么还要我买",
)


def test_the_list_of_orders_shows_the_numbers_that_it_asks_for(anna: Follower) -> None:
    first, second = anna.order_of(CRAWLER), anna.order_of(PANDAS)
    reply = anna.say("我的订单")
    assert [part.count("订单号") for part in reply.split("\n\n") if "订单号 " in part] == [1, 1]
    assert first in reply and second in reply


@pytest.mark.parametrize("words", ["{}", "订单号 {}", "订单号：{} 有问题", "我的订单{}怎么了", "{}01"])
def test_the_number_of_an_unpaid_order_tells_it_and_how_to_pay(anna: Follower, words: str) -> None:
    order_no = anna.order_of(CRAWLER)
    reply = anna.say(words.format(order_no))
    assert f"《{CRAWLER}》" in reply and "¥99" in reply and "待付款" in reply and order_no in reply
    assert f'<a href="{anna.service}/pay/{order_no}">' in reply


def test_the_number_of_a_paid_order_leads_into_the_course(anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    reply = anna.say(order_no)
    assert "已开通" in reply and f'<a href="{anna.service}/courses/crawler-one">' in reply
    assert "/pay/" not in reply


def test_the_number_of_an_order_finds_money_that_nobody_told_of(town: Town, anna: Follower) -> None:
    town.faults(drop=1)
    order_no = anna.log_in().order_of(CRAWLER)
    assert anna.pay(order_no)["status"] == "success"
    assert "已开通" in anna.say(order_no)
    assert CANARY in anna.get("/courses/crawler-one/work").text


def test_the_number_of_a_refunded_order_tells_where_the_money_is(anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    anna.say("退款")
    anna.say("退款 1")
    assert re.search("正在处理|已经原路退回", anna.say(order_no))
    anna.await_push("已经原路退回")
    reply = anna.say(order_no)
    assert "已退款" in reply and "已经原路退回" in reply and "/courses/" not in reply


def test_the_number_of_a_free_order_leads_into_the_course_too(town: Town, anna: Follower) -> None:
    anna.say(f"购买 {GIT}")
    order_no = town.rooms.shop.till.orders_of(anna.openid)[0].order_no
    assert "/courses/git-free" in anna.say(order_no)


def test_another_followers_number_and_an_unknown_one_are_answered_alike(
    anna: Follower, bert: Follower
) -> None:
    order_no = anna.order_of(CRAWLER)
    unknown = new_order_no(datetime.now(UTC))
    assert [bert.say(text) for text in (order_no, unknown, f"订单号 {order_no}", "订单号 123456")] == [
        NOT_FOUND
    ] * 4


def test_the_number_with_a_wish_for_a_refund_is_a_refund(anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    assert "可以退款的订单" in anna.say("退款") and "可以退款的订单" in anna.say(f"退款 {order_no}")


def test_a_word_of_twenty_letters_is_no_order(anna: Follower) -> None:
    assert anna.say("internationalization") != NOT_FOUND


@pytest.mark.parametrize("words", COMPLAINTS)
def test_paid_and_still_closed_asks_the_gateway_and_opens(town: Town, anna: Follower, words: str) -> None:
    town.faults(drop=1)
    order_no = anna.log_in().order_of(CRAWLER)
    assert anna.pay(order_no)["status"] == "success"
    reply = anna.say(words)
    assert f"《{CRAWLER}》" in reply and "已开通" in reply and "/courses/crawler-one" in reply
    assert CANARY in anna.get("/courses/crawler-one/work").text


def test_a_complaint_about_an_order_without_payment_says_so_and_how_to_pay(anna: Follower) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    anna.pay(order_no, "cancel")
    reply = anna.say("我付了没开通")
    assert "答复是还没有收到" in reply and f"/pay/{order_no}" in reply and "已开通" not in reply


def test_while_the_gateway_is_silent_nobody_is_told_that_they_did_not_pay(town: Town, anna: Follower) -> None:
    town.faults(drop=1, query_error=True)
    order_no = anna.log_in().order_of(CRAWLER)
    anna.pay(order_no)
    reply = anna.say("我付了没开通")
    assert "没有答复" in reply and "先别再付一次" in reply and "答复是还没有收到" not in reply
    assert "/pay/" not in reply and "去付款" not in reply and "没有收到付款" not in reply
    assert "正在核对" in reply and order_no in reply


def test_nor_is_who_sends_the_orders_number_asked_to_pay_while_it_is_silent(
    town: Town, anna: Follower
) -> None:
    town.faults(drop=1, query_error=True)
    order_no = anna.log_in().order_of(CRAWLER)
    anna.pay(order_no)
    reply = anna.say(order_no)
    assert "正在核对" in reply and "/pay/" not in reply
    town.faults()
    assert "已开通" in anna.say(order_no)


def test_a_complaint_is_about_the_order_that_waits_and_not_about_a_closed_case(
    town: Town, anna: Follower
) -> None:
    anna.log_in().buy(PANDAS)
    town.faults(drop=1)
    anna.pay(anna.order_of(MYSQL))
    reply = anna.say("付了款没开课")
    assert f"《{MYSQL}》" in reply and "已开通" in reply and PANDAS not in reply


def test_a_complaint_with_nothing_open_tells_of_the_newest_order(anna: Follower) -> None:
    anna.buy(CRAWLER)
    assert "/courses/crawler-one" in anna.say("刚买的课打不开")


def test_a_complaint_of_somebody_without_orders_is_answered_kindly(anna: Follower) -> None:
    assert "没有找到你的订单" in anna.say("我付了没开通")


@pytest.mark.parametrize(
    "words", ["微信支付回调没收到怎么办", "支付成功的回调接口打不开怎么写代码", "想学支付"]
)
def test_who_asks_about_the_craft_of_payments_gets_no_orders(anna: Follower, words: str) -> None:
    assert "订单" not in anna.say(words)


def test_a_long_tale_is_no_complaint_about_an_order(anna: Follower) -> None:
    tale = "我付了没开通" + "，另外我还想问问怎么学爬虫" * 5
    assert len(tale) > not_opened.MAX_CHARS
    assert "没有找到你的订单" not in anna.say(tale)
