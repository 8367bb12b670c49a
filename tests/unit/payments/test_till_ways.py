"""Paying by a QR code or a link: whoever pays, the grant is the order owner's."""

from __future__ import annotations

import pytest

from payments.errors import AlreadyPaid, OrderNotFound
from payments.gateway import Way
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter

IP = "203.0.113.7"


@pytest.mark.parametrize("way", ["native", "h5"])
@pytest.mark.parametrize("payer", [LIN, MEI, ""])
def test_whoever_pays_the_order_is_its_owners(counter: Counter, way: Way, payer: str) -> None:
    order = counter.order()
    assert counter.till.pay_url(order.order_no, LIN, way, IP)
    (attempt,) = counter.till.show(order.order_no).attempts
    counter.gateway.paid_by_follower(attempt.out_trade_no)
    counter.tell(attempt.out_trade_no, openid=payer)
    assert counter.till.may_read(LIN, CRAWLER.item_id) and not counter.till.may_read(MEI, CRAWLER.item_id)
    assert counter.till.show(order.order_no).attempts[0].payer == (payer or None)


def test_another_way_closes_the_attempt_before(counter: Counter) -> None:
    order, first = counter.prepared()
    shown = counter.till.pay_url(order.order_no, LIN, "native")
    assert counter.till.pay_url(order.order_no, LIN, "native") == shown
    attempts = counter.till.show(order.order_no).attempts
    assert [(one.way, one.status) for one in attempts] == [("jsapi", "closed"), ("native", "prepay")]
    assert counter.gateway.accounts[first].state == "CLOSED"


def test_what_was_paid_before_the_way_was_changed_opens_the_course(counter: Counter) -> None:
    order, _ = counter.paid()
    with pytest.raises(AlreadyPaid):
        counter.till.pay_url(order.order_no, LIN, "native")
    assert counter.status(order) == "fulfilled"


def test_a_link_is_asked_for_anew_when_its_minutes_are_over_and_not_when_the_phone_moved(
    counter: Counter,
) -> None:
    order = counter.order()
    first = counter.till.pay_url(order.order_no, LIN, "h5", IP)
    assert counter.till.pay_url(order.order_no, LIN, "h5", "198.51.100.1") == first
    counter.clock.advance(5 * 60)
    assert counter.till.pay_url(order.order_no, LIN, "h5", IP) != first


def test_a_strangers_order_gives_no_code(counter: Counter) -> None:
    order = counter.order()
    with pytest.raises(OrderNotFound):
        counter.till.pay_url(order.order_no, MEI, "native")
