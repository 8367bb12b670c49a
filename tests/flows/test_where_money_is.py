"""What a follower, and an operator's figures, are told about money that is on its way.

No worker runs in this town: whatever a story begins stays as it is until the story goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from math import isnan
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from content.publish import Publisher
from infra.clock import ManualClock, SystemClock
from payments.offer import Offer
from payments.order import Order
from payments.refund import DAYS_OF_TRYING, QUICK_TRIES
from tests.flows.courses import CANARY, CRAWLER, MYSQL, write_courses
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town
from tests.unit.payments.counter import Counter
from tests.unit.payments.test_till_care import bought_twice, days, paid_twice, refusing, taking
from tests.waiting import until

COURSE = Offer(item_id="crawler-one", title=CRAWLER, price_fen=9900, refund="7d")
LINUX = "Linux 小课"
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("money")
    with open_town(folder, platform_keys, write_courses(folder / "courses"), consume=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def counter(town: Town) -> Counter:
    """A till on the town's books whose gateway does what a story wants; all stories share its clock."""
    return Counter.opened(town.rooms.db, ManualClock(datetime.now(UTC)))


def given_up(counter: Counter) -> None:
    """A month of refusals."""
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    taking(counter)


def assert_told(follower: Follower, order: Order, few: str, sentence: str) -> None:
    """The state in the lists; and with the sentence where one looks at this order."""
    assert f"{few} · " in follower.say("我的订单")
    assert f">{few}</span>" in follower.log_in().get("/me").text
    page, asked = follower.get(f"/pay/{order.order_no}").text, follower.say(order.order_no)
    assert sentence in page and sentence in asked and f"{few} · " in asked


def test_a_second_order_for_one_course_says_that_its_money_is_going_back(
    counter: Counter, anna: Follower
) -> None:
    order = bought_twice(counter, anna.openid, COURSE)
    assert_told(anna, order, "重复支付，正在退款", "多付的 ¥79 会自动原路退回")
    assert "支付成功" not in anna.get(f"/pay/{order.order_no}").text
    given_up(counter)
    assert_told(anna, order, "退款等人工处理", "¥79 没能自动退回，情况已经记下来了")


def test_a_second_payment_of_one_order_leaves_the_course_open_and_says_where_it_is(
    counter: Counter, anna: Follower
) -> None:
    order, surplus = paid_twice(counter, anna.openid, COURSE)
    assert_told(anna, order, "已开通；重复支付，正在退款", "多付的钱会自动原路退回")
    for told in (anna.get(f"/pay/{order.order_no}").text, anna.say(order.order_no)):
        assert "/courses/crawler-one" in told
    given_up(counter)
    assert_told(anna, order, "已开通；重复支付，等人工退款", "多付的钱没能自动退回")
    made = counter.till.refund(order.order_no, None, "多付的一笔", payment=surplus)
    counter.gateway.refund_ends(made.out_refund_no)
    counter.tell_refund(made.out_refund_no)
    assert "已开通 · " in anna.say("我的订单")


def test_money_that_came_after_the_last_day_is_not_called_paid_twice(
    counter: Counter, anna: Follower
) -> None:
    until_today = replace(COURSE, access=counter.clock.now().astimezone(BEIJING).date().isoformat())
    order, out_trade_no = counter.paid(anna.openid, until_today)
    counter.clock.advance(2 * 24 * 3600)
    counter.tell(out_trade_no)
    assert_told(anna, order, "有效期已过，正在退款", "有效期已经过了，没能开通。¥99 会自动原路退回")


def test_a_refund_that_was_asked_for_says_that_it_is_on_its_way(counter: Counter, anna: Follower) -> None:
    order, _ = counter.bought(anna.openid, COURSE)
    counter.till.refund(order.order_no, None, "不想学了")
    assert_told(anna, order, "退款正在处理", "¥99 会原路退回")


def test_only_what_can_go_back_is_offered_and_the_rest_is_named(counter: Counter, anna: Follower) -> None:
    asked, _ = counter.bought(anna.openid, COURSE)
    part, _ = counter.bought(anna.openid, replace(COURSE, item_id="crawler-two", title="爬虫进阶课"))
    bought_twice(counter, anna.openid, replace(COURSE, item_id="mysql-one", title=MYSQL))
    counter.refunded(part.order_no, 3000)
    counter.till.refund(asked.order_no, None, "不想学了")
    offer, _, on_the_way = anna.say("退款").partition("已经在退的")
    assert "爬虫进阶课（¥69，" in offer and f"{MYSQL}（¥99，" in offer
    assert CRAWLER not in offer
    assert f"{CRAWLER}（¥99）：退款正在处理" in on_the_way
    assert f"{MYSQL}（¥79）：重复支付，正在退款" in on_the_way


def test_with_all_on_its_way_nothing_is_offered(counter: Counter, anna: Follower) -> None:
    order, _ = counter.bought(anna.openid, COURSE)
    assert f"{CRAWLER}（¥99，" in anna.say("退款")
    counter.till.refund(order.order_no, None, "不想学了")
    told = anna.say("退款")
    assert "退款正在处理" in told and "确定要退" not in told
    assert "退款正在处理" in anna.say("退款 1")
    assert len(counter.till.show(order.order_no).refunds) == 1


# A course that is not sold any more


def test_the_open_order_of_a_withdrawn_course_can_be_paid_and_opens_it(town: Town, anna: Follower) -> None:
    order_no = anna.log_in().order_of(LINUX)
    shutil.rmtree(town.courses / "linux-one")
    Publisher(town.rooms.db, SystemClock()).publish(town.courses)
    until(lambda: anna.get("/courses/linux-one").status_code == 410, "the course to be off the shelf")
    assert 'id="pay"' in anna.get(f"/pay/{order_no}").text
    assert f"/pay/{order_no}" in anna.say(order_no)
    assert anna.pay(order_no)["status"] == "success"
    assert CANARY in anna.get("/courses/linux-one/work").text


# The worker is woken


@pytest.mark.parametrize("words", ["{}", "我付了没开通"])
def test_a_question_in_the_chat_that_finds_money_wakes_the_worker(
    town: Town, anna: Follower, words: str
) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    town.faults(drop=1)
    assert anna.pay(order_no)["status"] == "success"
    town.rooms.queue.flush()
    assert "已开通" in anna.say(words.format(order_no))
    until(town.rooms.queue.pending_count, "the worker to be woken")


# Figures


def needing_care(town: Town) -> float:
    figures = requests.get(f"{town.url}/metrics", timeout=10).text
    line = next(line for line in figures.splitlines() if line.startswith("keban_orders_needing_care "))
    return float(line.split()[1])


def test_the_figures_count_the_orders_that_an_operator_has_to_look_at(town: Town, anna: Follower) -> None:
    before = needing_care(town)
    town.faults(lie_amount=True)
    order_no = anna.log_in().order_of(CRAWLER)
    anna.pay(order_no)
    # What was looked up is told again for a moment.
    until(lambda: needing_care(town) == before + 1, "the order in the figures")
    town.faults()
    assert anna.status(order_no, ask=True)["paid"]
    until(lambda: needing_care(town) == before, "the order out of the figures")


def test_without_an_answer_of_the_books_the_other_figures_are_told(town: Town) -> None:
    with full_checks(town):
        until(lambda: isnan(needing_care(town)), "an unknown number")
    assert needing_care(town) >= 0


@contextmanager
def full_checks(town: Town) -> Iterator[None]:
    checks, free = town.rooms.pools.checks, Event()
    for _ in range(6):
        checks.submit(free.wait, 20.0)
    try:
        yield
    finally:
        free.set()
        until(lambda: checks.busy == 0, "the places to be free again")
