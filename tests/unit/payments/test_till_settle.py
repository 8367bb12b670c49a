from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from payments.errors import NotificationRefused, PaymentDiffers
from payments.order import Order
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Books, Counter, new_till


def test_a_payment_opens_the_course_and_sends_one_receipt(counter: Counter) -> None:
    order, _ = counter.bought()
    assert counter.status(order) == "fulfilled"
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert not counter.till.may_read(MEI, CRAWLER.item_id)
    assert counter.receipts() == [order.order_no]
    assert counter.till.show(order.order_no).balance_fen == 9900


def test_a_repeated_notification_grants_once(counter: Counter) -> None:
    order, out_trade_no = counter.paid()
    delivery = counter.gateway.payment_notice(out_trade_no)
    for _ in range(5):
        counter.till.notified(*delivery)
    counter.tell(out_trade_no)  # and once more under another notification id
    assert counter.books() == Books(ledger=9900, received=9900, grants=1)
    assert counter.receipts() == [order.order_no]


def test_the_notification_and_the_page_confirm_together_and_credit_once(counter: Counter) -> None:
    """Money 1: pretix#1166, saleor#14648."""
    order, out_trade_no = counter.paid()
    assert counter.till.refresh(order.order_no).status == "fulfilled"
    counter.tell(out_trade_no)
    counter.clock.advance(600)
    counter.till.sweep()
    assert counter.books().ledger == 9900
    assert len(counter.receipts()) == 1


LIES: list[dict[str, Any]] = [
    {"total_fen": 1},
    {"total_fen": 9901},
    {"total_fen": None},
    {"currency": "USD"},
    {"app_id": "wx-of-somebody-else"},
    {"mch_id": "1999999999"},
    {"openid": MEI},
    {"openid": ""},
    {"state": "NOTPAY"},
    {"state": "REFUND"},
    {"transaction_id": ""},
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: "-".join(f"{k}={v}" for k, v in lie.items()))
def test_a_notification_that_differs_from_the_order_grants_nothing(
    counter: Counter, lie: dict[str, Any]
) -> None:
    """Money 3: beefyasian-pay#18, WxJava#1104: one fen must not buy everything."""
    order, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, **lie)
    assert counter.status(order) == "awaiting_payment"
    assert counter.books() == Books()
    assert counter.receipts() == []
    assert counter.till.show(order.order_no).attempts[0].wrong


def test_after_a_lie_the_truth_still_settles(counter: Counter) -> None:
    order, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    assert counter.till.refresh(order.order_no).status == "fulfilled"


def test_a_payment_of_an_order_that_we_do_not_know_grants_nothing(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, out_trade_no="26010510000000000000zz")
    assert counter.books().grants == 0


def test_one_transaction_is_not_credited_to_two_orders(counter: Counter) -> None:
    counter.bought()
    first = counter.gateway.accounts[next(iter(counter.gateway.accounts))].transaction_id
    _, second = counter.paid(MEI)
    with pytest.raises(PaymentDiffers):
        counter.tell(second, transaction_id=first)
    assert counter.books().grants == 1


def test_a_second_transaction_on_one_attempt_is_not_credited(counter: Counter) -> None:
    _, out_trade_no = counter.bought()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, transaction_id="42-another")
    assert counter.books().ledger == 9900


def test_an_unsigned_notification_touches_nothing(counter: Counter) -> None:
    """Money 3: WxJava#1890."""
    _, out_trade_no = counter.paid()
    _, body = counter.gateway.payment_notice(out_trade_no)
    with pytest.raises(NotificationRefused):
        counter.till.notified({}, body)
    assert counter.books().ledger == 0


def test_an_event_that_belongs_elsewhere_is_refused(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    with pytest.raises(NotificationRefused):
        counter.tell(out_trade_no, event_type="REFUND.SUCCESS")
    assert counter.books().ledger == 0


def test_money_for_an_order_being_closed_opens_the_course(counter: Counter) -> None:
    """Money 5: pretix#74: closed here, paid there."""
    order, _ = counter.paid()
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert counter.status(order) == "fulfilled"
    assert counter.till.may_read(LIN, CRAWLER.item_id)


def test_money_after_closing_is_fulfilled(counter: Counter) -> None:
    """Money 5."""
    order, out_trade_no = counter.prepared()
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert counter.status(order) == "closed"
    counter.gateway.paid_although_closed(out_trade_no)
    counter.tell(out_trade_no)
    assert counter.status(order) == "fulfilled"
    assert counter.books().ledger == 9900


def test_a_second_payment_of_the_same_thing_goes_back_by_itself(counter: Counter) -> None:
    other, out_trade_no = counter.paid(offer=replace(CRAWLER, price_fen=7900))
    counter.bought()
    counter.tell(out_trade_no)
    assert counter.books().pending == 7900
    counter.till.sweep()
    (refund,) = counter.till.show(other.order_no).refunds
    counter.gateway.refund_ends(refund.out_refund_no)
    counter.tell_refund(refund.out_refund_no)
    assert counter.status(other) == "refunded"
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.books() == Books(ledger=9900, received=17800, refunded=7900, refunds=1, grants=1)
    assert len(counter.receipts()) == 1


def test_a_second_paid_attempt_of_one_order_goes_back_by_itself(counter: Counter) -> None:
    order = paid_twice(counter)
    assert counter.status(order) == "fulfilled"
    (refund,) = counter.till.show(order.order_no).refunds
    counter.gateway.refund_ends(refund.out_refund_no)
    counter.tell_refund(refund.out_refund_no)
    assert counter.status(order) == "fulfilled"
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.till.show(order.order_no).balance_fen == 9900


def test_late_money_does_not_reopen_a_refunded_order(counter: Counter) -> None:
    """Money 4: mollie/WooCommerce#1252."""
    order, out_trade_no = counter.bought()
    counter.refunded(order.order_no)
    counter.tell(out_trade_no)
    assert counter.status(order) == "refunded"
    assert not counter.till.may_read(LIN, CRAWLER.item_id)


def test_a_late_failure_does_not_overwrite_a_success(counter: Counter) -> None:
    """Money 4: pretix#1572."""
    order, out_trade_no = counter.bought()
    counter.gateway.accounts[out_trade_no].state = "PAYERROR"
    counter.clock.advance(600)
    counter.till.refresh(order.order_no)
    counter.till.sweep()
    assert counter.status(order) == "fulfilled"
    assert counter.till.show(order.order_no).attempts[0].status == "success"


def test_a_course_that_ended_between_order_and_payment_is_refunded(counter: Counter) -> None:
    order, out_trade_no = counter.paid(offer=replace(CRAWLER, access="2026-01-05"))
    counter.clock.advance(24 * 3600)
    counter.tell(out_trade_no)
    assert counter.status(order) == "paid"
    assert counter.books().pending == 9900


def paid_twice(counter: Counter) -> Order:
    """One order with two attempts, both paid: WeChat did not honour the closing of the first."""
    order, first = counter.prepared()
    moved = new_till(counter.db, counter.gateway, counter.clock, base="https://elsewhere.test")
    moved.prepay(order.order_no, LIN)
    second = counter.till.show(order.order_no).attempts[-1].out_trade_no
    counter.gateway.paid_by_follower(second)
    counter.tell(second)
    counter.gateway.paid_although_closed(first)
    counter.tell(first)
    counter.till.sweep()
    return order
