"""``发票`` in the chat: what is said is shown once more, confirmed, corrected, and seen by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from learners.tables import events
from tests.flows.courses import CRAWLER, MYSQL
from tests.flows.follower import Follower
from tests.flows.town import Town

COMPANY, TAX_NO = "阿文信息系统有限公司", "91310000MA1K35XX7P"


@pytest.fixture
def anna(town: Town) -> Follower:
    return town.new_follower().log_in()


def on_the_list(town: Town, order_no: str) -> tuple[str, str, str]:
    invoice = town.rooms.shop.till.invoices.of([order_no])[order_no]
    return invoice.title, invoice.tax_no, invoice.status


def test_details_are_shown_once_more_and_then_noted(town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    assert order_no in anna.say("发票怎么开")
    check = anna.say(f"订单号 {order_no}，抬头 {COMPANY}，税号 {TAX_NO}")
    assert COMPANY in check and TAX_NO in check and CRAWLER in check
    assert town.rooms.shop.till.invoices.of([order_no]) == {}
    assert anna.say("确认发票").startswith("登记好了")
    assert on_the_list(town, order_no) == (COMPANY, TAX_NO, "asked")


def test_they_may_come_in_lines_without_a_word_about_what_they_are(town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    anna.say("能开发票吗")
    assert COMPANY in anna.say(f"{order_no}\n{COMPANY}\n{TAX_NO.lower()}")
    anna.say("确认发票")
    assert on_the_list(town, order_no) == (COMPANY, TAX_NO, "asked")


def test_a_person_needs_no_number_and_may_correct_it(town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    assert "不用税号" in anna.say("发票抬头 个人 林小雨")
    anna.say("确认发票")
    assert on_the_list(town, order_no) == ("个人 林小雨", "", "asked")
    anna.say(f"发票抬头 {COMPANY} 税号 {TAX_NO}")
    anna.say("确认发票")
    assert on_the_list(town, order_no) == (COMPANY, TAX_NO, "asked")
    town.rooms.shop.till.invoices.done(order_no)
    anna.say("发票抬头 个人")
    assert "已经开好" in anna.say("确认发票")
    assert on_the_list(town, order_no) == (COMPANY, TAX_NO, "issued")


def test_what_is_missing_is_asked_for(anna: Follower) -> None:
    first, second = anna.buy(CRAWLER), anna.buy(MYSQL)
    reply = anna.say(f"开发票，抬头 {COMPANY}，税号 {TAX_NO}")
    assert "哪一笔" in reply and first in reply and second in reply
    assert "还差税号" in anna.say(f"发票 订单号 {first}，抬头 {COMPANY}")
    assert "15 到 20 位" in anna.say(f"发票 订单号 {first}，抬头 {COMPANY}，税号 9131000012345")
    assert "还差发票抬头" in anna.say(f"发票 订单号 {first} 税号 {TAX_NO}")
    assert "订单号" in anna.say("确认发票"), "nothing was understood, so nothing is confirmed"


def test_anothers_order_is_not_taken_for_ones_own(town: Town, anna: Follower, bert: Follower) -> None:
    theirs = anna.buy(CRAWLER)
    assert "付款以后" in bert.say(f"发票 订单号 {theirs} 抬头 {COMPANY} 税号 {TAX_NO}")
    assert town.rooms.shop.till.invoices.of([theirs]) == {}


def test_title_and_number_are_in_no_event_and_no_log(town: Town, anna: Follower, capfd: Any) -> None:
    order_no = anna.buy(CRAWLER)
    anna.say(f"发票 订单号 {order_no}，抬头 {COMPANY}，税号 {TAX_NO}")
    anna.say("确认发票")
    town.rooms.shop.members.events.flush()
    with town.rooms.db.reading() as conn:
        kept = str(conn.execute(select(events.c.data).where(events.c.openid == anna.openid)).all())
    logged = "".join(capfd.readouterr())
    assert order_no in logged and order_no in kept
    assert [word for word in (COMPANY, TAX_NO) if word in logged + kept] == []
