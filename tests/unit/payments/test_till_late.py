"""Money that comes after an attempt has ended here, and of which nobody tells us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from payments.errors import RefundTooLate
from payments.gateway import GatewayUnavailable
from payments.order import Order
from tests.unit.payments.counter import CRAWLER, LIN, Books, Counter

HOUR_S = 3600


def closed(counter: Counter) -> tuple[Order, str]:
    order, out_trade_no = counter.prepared()
    counter.clock.advance(2 * HOUR_S)
    counter.till.sweep()
    assert counter.status(order) == "closed"
    return order, out_trade_no


def asked(counter: Counter, what: Callable[[], object]) -> int:
    """How often the gateway was asked meanwhile."""
    before = counter.gateway.calls.count("query")
    what()
    return counter.gateway.calls.count("query") - before


def hours(counter: Counter, count: int) -> None:
    for _ in range(count):
        counter.clock.advance(HOUR_S)
        counter.till.sweep()


@pytest.mark.parametrize("comes_after_h", [0, 5])
def test_money_that_came_late_without_a_word_is_found_within_a_day(
    counter: Counter, comes_after_h: int
) -> None:
    order, out_trade_no = closed(counter)
    hours(counter, comes_after_h)
    counter.gateway.paid_although_closed(out_trade_no)
    hours(counter, 1 if comes_after_h == 0 else 24 - comes_after_h)
    assert counter.status(order) == "fulfilled"
    assert counter.receipts() == [order.order_no]


def test_what_has_ended_is_asked_about_twice_and_then_left_alone(counter: Counter) -> None:
    closed(counter)
    assert asked(counter, lambda: hours(counter, 1)) == 1
    assert asked(counter, lambda: hours(counter, 22)) == 0
    assert asked(counter, lambda: hours(counter, 1)) == 1
    assert asked(counter, lambda: hours(counter, 50)) == 0


def test_a_late_look_that_heard_nothing_is_repeated(counter: Counter) -> None:
    order, out_trade_no = closed(counter)
    counter.gateway.paid_although_closed(out_trade_no)
    counter.gateway.down = True
    hours(counter, 2)
    counter.gateway.down = False
    hours(counter, 1)
    assert counter.status(order) == "fulfilled"


def test_an_attempt_that_the_gateway_refused_is_looked_at_too(counter: Counter) -> None:
    order = counter.order()
    counter.gateway.refusal = "INVALID_REQUEST"
    with pytest.raises(Exception, match="attempt"):
        counter.till.prepay(order.order_no, LIN)
    counter.gateway.refusal = ""
    assert {one.status for one in counter.till.show(order.order_no).attempts} == {"failed"}
    assert asked(counter, lambda: hours(counter, 1)) == len(counter.till.show(order.order_no).attempts)


def test_who_says_that_they_paid_is_believed_enough_to_ask_about_what_has_ended(counter: Counter) -> None:
    order, out_trade_no = closed(counter)
    counter.gateway.paid_although_closed(out_trade_no)
    assert counter.till.refresh(order.order_no).status == "closed"
    assert counter.till.insist(order.order_no).status == "fulfilled"
    assert counter.till.may_read(LIN, CRAWLER.item_id)


def test_a_complaint_asks_afresh_although_the_page_has_just_asked(counter: Counter) -> None:
    order, out_trade_no = counter.prepared()
    counter.till.refresh(order.order_no)
    counter.gateway.paid_by_follower(out_trade_no)
    assert counter.till.refresh(order.order_no).status == "awaiting_payment"
    assert counter.till.insist(order.order_no).status == "fulfilled"


def test_a_complaint_asks_about_a_few_attempts_only(counter: Counter) -> None:
    order = counter.order()
    for way in ("native", "h5") * 3:
        counter.till.pay_url(order.order_no, LIN, way, "203.0.113.7")
    assert asked(counter, lambda: counter.till.insist(order.order_no)) == 3


def test_what_was_paid_a_year_ago_is_refused_before_the_gateway_does(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.clock.advance(timedelta(days=365).total_seconds() - 1)
    counter.till.refund(order.order_no, 100, "不想学了")
    counter.clock.advance(1)
    with pytest.raises(RefundTooLate):
        counter.till.refund(order.order_no, 100, "不想学了")
    assert counter.books() == Books(ledger=9900, received=9900, pending=100, refunds=1, grants=1)


def test_silence_is_told_from_not_paid(counter: Counter) -> None:
    order, _ = counter.prepared()
    assert not counter.till.insist(order.order_no).is_paid
    counter.gateway.down = True
    with pytest.raises(GatewayUnavailable):
        counter.till.insist(order.order_no)
    assert counter.status(order) == "awaiting_payment"
