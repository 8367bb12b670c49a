"""The till on SQLite, PostgreSQL and MariaDB: the same answers, also when two do the same thing at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from infra.clock import ManualClock
from infra.database import Database
from infra.errors import Conflict, Refused
from payments.burst import Burst
from payments.errors import AlreadyOwned, RefundTooMuch
from payments.notify import notified
from payments.refund import DAYS_OF_TRYING, QUICK_TRIES
from payments.settle import take
from payments.standing import Standing
from tests.unit.payments.counter import CRAWLER, FREE, LIN, Books, Counter, new_till
from tests.unit.payments.test_till_care import (
    bought_twice,
    calls_care,
    days,
    paid_twice,
    refusing,
    standing,
    taking,
    wrong,
)
from tests.unit.payments.test_till_close import desk
from tests.unit.payments.test_till_given_up import after_the_question, goes_back_after_all, refused
from tests.unit.payments.test_till_since import Book

TOGETHER = 6


@pytest.fixture
def counter(database: Database, clock: ManualClock) -> Counter:
    return Counter.opened(database, clock)


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """All jobs, begun together; what each returned or raised."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return job()
        except (Conflict, Refused) as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_the_whole_way_from_order_to_refund(counter: Counter) -> None:
    order, _ = counter.bought(offer=replace(CRAWLER, access="365d"))
    assert counter.status(order) == "fulfilled"
    assert counter.receipts() == [order.order_no]
    counter.refunded(order.order_no, 4000)
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    counter.clock.advance(60)
    counter.refunded(order.order_no)
    assert counter.status(order) == "refunded"
    assert not counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.books() == Books(received=9900, refunded=9900, refunds=2)


def test_what_goes_back_is_closed_at_once_and_open_again_if_that_fails(counter: Counter) -> None:
    month = replace(CRAWLER, access="30d")
    first, _ = counter.bought(offer=month)
    counter.clock.advance(10 * 24 * 3600)
    second, _ = counter.bought(offer=month)
    numbers = [counter.till.refund(one.order_no, None, "不想学了").out_refund_no for one in (second, first)]
    assert not counter.till.owned(LIN).opens(Book()) and counter.till.owned(LIN).goes_back(Book())
    assert {one.order_no for one in counter.till.suspended(LIN)} == {first.order_no, second.order_no}
    for number in numbers:
        counter.clock.advance(24 * 3600)
        counter.gateway.refund_ends(number, "CLOSED")
        counter.tell_refund(number)
    assert counter.till.owned(LIN).opens(Book()) and not counter.till.owned(LIN).suspended
    one, other = (counter.till.show(order.order_no).grants[0] for order in (first, second))
    assert one.expires_at == other.starts_at
    assert counter.books() == Books(ledger=19800, received=19800, refunds=2, grants=2)


def test_who_pays_to_go_on_while_the_first_term_is_given_back_reads_at_once(counter: Counter) -> None:
    for at in range(TOGETHER):
        reader = f"oReader_{at:021d}"
        order, _ = counter.bought(reader, replace(CRAWLER, access="30d"))
        _, out_trade_no = counter.paid(reader, replace(CRAWLER, access="60d"))
        paid = counter.gateway.payment_notice(out_trade_no)
        at_once(
            [
                partial(counter.till.notified, *paid),
                partial(counter.till.refund, order.order_no, None, "不想学了"),
            ]
        )
        assert counter.till.may_read(reader, CRAWLER.item_id)


def test_since_when_a_course_is_held_is_told_alike(counter: Counter) -> None:
    counter.bought(offer=replace(CRAWLER, access="10d"))
    bought_at = counter.clock.now()
    counter.clock.advance(8 * 24 * 3600)
    counter.bought(offer=replace(CRAWLER, access="20d"))
    counter.clock.advance(7 * 24 * 3600)
    counter.till.sweep()
    assert counter.till.held_since(LIN, Book()) == bought_at
    assert counter.till.held_since(LIN, Book(id="another", tags=())) is None


def test_the_whole_way_of_an_order_that_nobody_pays(counter: Counter) -> None:
    order, _ = counter.prepared()
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert counter.status(order) == "closed"


def test_the_whole_way_of_money_that_does_not_want_to_go_back(counter: Counter) -> None:
    order, surplus = paid_twice(counter)
    assert standing(counter, order) == Standing(refundable_fen=9900, surplus="going_back")
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    assert calls_care(counter, order)
    assert standing(counter, order).surplus == "stuck"
    taking(counter)
    made = counter.till.refund(order.order_no, None, "多付的一笔", payment=surplus)
    counter.gateway.refund_ends(made.out_refund_no)
    counter.tell_refund(made.out_refund_no)
    assert not calls_care(counter, order)
    assert standing(counter, order) == Standing(refundable_fen=9900)


def test_money_that_opened_nothing_and_was_given_up_is_in_sight(counter: Counter) -> None:
    order = bought_twice(counter)
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    taking(counter)
    counter.refunded(order.order_no, 100)
    assert calls_care(counter, order)


def test_openids_are_told_apart_by_case(counter: Counter) -> None:
    counter.bought()
    assert not counter.till.may_read(LIN.swapcase(), CRAWLER.item_id)


def test_moments_come_back_as_they_went_in(counter: Counter) -> None:
    order = counter.order()
    assert counter.till.show(order.order_no).order == order
    assert order.created_at == counter.clock.now()


def test_a_double_tap_on_buy_gives_one_order(counter: Counter) -> None:
    given = at_once([counter.order] * TOGETHER)
    assert len({order.order_no for order in given if not isinstance(order, Exception)}) == 1
    assert len(counter.till.orders_of(LIN)) == 1


def test_a_double_tap_on_a_free_course_grants_once(counter: Counter) -> None:
    given = at_once([lambda: counter.order(offer=FREE)] * TOGETHER)
    assert counter.books().grants == 1
    assert sum(isinstance(one, AlreadyOwned) for one in given) == TOGETHER - 1


def test_a_double_tap_on_pay_makes_one_attempt(counter: Counter) -> None:
    order = counter.order()
    fields = at_once([lambda: counter.till.prepay(order.order_no, LIN)] * TOGETHER)
    assert len({one["package"] for one in fields}) == 1
    assert len(counter.till.show(order.order_no).attempts) == 1
    assert len(counter.gateway.accounts) == 1


def test_two_notifications_at_once_credit_once(counter: Counter) -> None:
    """Money 1: ruoyi-vue-pro#1156, frappe/lms#2602, polar#12344."""
    order, out_trade_no = counter.paid()
    deliveries = [counter.gateway.payment_notice(out_trade_no) for _ in range(TOGETHER)]
    here = desk(counter)
    results = at_once([partial(notified, here, Burst(here), *one) for one in deliveries])
    assert [taken for taken in results if isinstance(taken, str)]
    assert counter.books() == Books(ledger=9900, received=9900, grants=1)
    assert counter.receipts() == [order.order_no]


def test_one_notification_delivered_twice_at_once_credits_once(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    delivery = counter.gateway.payment_notice(out_trade_no)
    at_once([lambda: counter.till.notified(*delivery)] * TOGETHER)
    counter.till.notified(*delivery)
    assert counter.books() == Books(ledger=9900, received=9900, grants=1)


def test_notification_poll_and_sweep_at_once_credit_once(counter: Counter) -> None:
    order, out_trade_no = counter.paid()
    counter.clock.advance(30)
    delivery = counter.gateway.payment_notice(out_trade_no)
    said = counter.gateway.query(out_trade_no)
    assert said is not None
    at_once(
        [
            lambda: counter.till.notified(*delivery),
            lambda: counter.till.refresh(order.order_no),
            counter.till.sweep,
            lambda: take(desk(counter), said),
        ]
    )
    counter.till.refresh(order.order_no)
    assert counter.status(order) == "fulfilled"
    assert counter.books() == Books(ledger=9900, received=9900, grants=1)


def test_payment_and_closing_at_once_leave_an_open_course(counter: Counter) -> None:
    """The money is there: whoever comes first, the follower reads."""
    order, out_trade_no = counter.paid()
    counter.clock.advance(2 * 3600)
    delivery = counter.gateway.payment_notice(out_trade_no)
    at_once([lambda: counter.till.notified(*delivery), counter.till.sweep, counter.till.sweep])
    counter.till.notified(*delivery)
    assert counter.status(order) == "fulfilled"
    assert counter.books() == Books(ledger=9900, received=9900, grants=1)


def test_two_administrators_do_not_refund_more_than_was_paid(counter: Counter) -> None:
    """Money 9."""
    order, _ = counter.bought()
    given = at_once([lambda: counter.till.refund(order.order_no, 6000, "两个人")] * TOGETHER)
    assert sum(isinstance(one, RefundTooMuch) for one in given) == TOGETHER - 1
    assert counter.books().pending == 6000


def test_one_refund_finished_twice_at_once_is_booked_once(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(number)
    deliveries = [counter.gateway.refund_notice(number) for _ in range(TOGETHER)]
    at_once([lambda d=one: counter.till.refund_notified(*d) for one in deliveries])  # type: ignore[misc]
    counter.till.refund_notified(*deliveries[0])
    assert counter.books() == Books(received=9900, refunded=9900, refunds=1)


def test_a_refund_that_was_given_up_and_goes_back_after_all_is_booked_once(counter: Counter) -> None:
    order, refund = refused(counter)
    assert counter.books().pending == 0
    goes_back_after_all(counter, refund)
    deliveries = [counter.gateway.refund_notice(refund.out_refund_no) for _ in range(TOGETHER)]
    at_once([lambda d=one: counter.till.refund_notified(*d) for one in deliveries])  # type: ignore[misc]
    counter.till.refund_notified(*deliveries[0])
    assert counter.books() == Books(received=9900, refunded=9900, refunds=1)
    assert counter.status(order) == "refunded"
    assert calls_care(counter, order)
    (text,) = wrong(counter, order)
    assert text.startswith("gone back after all: ") and "; resolved: refund " in text


def test_a_refund_that_was_accepted_before_it_could_be_given_up_goes_on(counter: Counter) -> None:
    order, refund = refused(counter, QUICK_TRIES - 1)

    def try_again() -> None:
        taking(counter)
        counter.till.try_again(refund.out_refund_no)

    after_the_question(counter, try_again)
    days(counter, 1)
    assert [one.status for one in counter.till.show(order.order_no).refunds] == ["processing"]
    assert counter.books().pending == 9900


def test_a_late_success_and_a_new_request_at_once_hold_the_sum_once(counter: Counter) -> None:
    order, refund = refused(counter)
    goes_back_after_all(counter, refund)
    delivery = counter.gateway.refund_notice(refund.out_refund_no)
    at_once(
        [
            lambda: counter.till.refund_notified(*delivery),
            lambda: counter.till.refund(order.order_no, None, "再试"),
        ]
    )
    books = counter.books()
    assert books.refunded + books.pending == 9900
    assert books.ledger == books.received - books.refunded


def test_two_orders_of_one_thing_paid_at_once_open_once_and_send_one_back(counter: Counter) -> None:
    _, first = counter.paid()
    _, second = counter.paid(offer=replace(CRAWLER, price_fen=7900))
    jobs = [counter.gateway.payment_notice(number) for number in (first, second)]
    at_once([lambda d=one: counter.till.notified(*d) for one in jobs])  # type: ignore[misc]
    for delivery in jobs:
        counter.till.notified(*delivery)
    books = counter.books()
    assert books.ledger == books.received == 17800
    assert (books.grants, books.refunds) == (1, 1)
    assert books.pending in (9900, 7900)
    assert counter.till.may_read(LIN, CRAWLER.item_id)


def test_two_sweeps_at_once_ask_once(counter: Counter) -> None:
    counter.prepared()
    counter.clock.advance(60)
    counter.gateway.calls.clear()
    at_once([counter.till.sweep] * TOGETHER)
    assert counter.gateway.calls == ["query"]


def test_a_second_process_sees_the_same_till(counter: Counter, database_url: str) -> None:
    order, out_trade_no = counter.paid()
    other = Database(database_url)
    second = new_till(other, counter.gateway, counter.clock)
    deliveries = [counter.gateway.payment_notice(out_trade_no) for _ in range(TOGETHER)]
    tills = [counter.till, second] * (TOGETHER // 2)
    at_once(
        [
            lambda t=till, d=one: t.notified(*d)  # type: ignore[misc]
            for till, one in zip(tills, deliveries, strict=True)
        ]
    )
    counter.till.notified(*deliveries[0])
    assert second.may_read(LIN, CRAWLER.item_id)
    assert second.show(order.order_no).balance_fen == 9900
    other.close()
