from __future__ import annotations

from dataclasses import replace

import pytest

from payments.errors import AlreadyOwned, AlreadyPaid, OrderClosed, OrderNotFound
from payments.gateway import GatewayRefused, GatewayUnavailable
from tests.unit.payments.counter import CRAWLER, FREE, LIN, MEI, Counter, new_till


def test_the_owner_gets_the_six_fields(counter: Counter) -> None:
    order = counter.order()
    fields = counter.till.prepay(order.order_no, LIN)
    assert set(fields) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    assert counter.status(order) == "awaiting_payment"


def test_another_followers_order_does_not_open_by_its_number(counter: Counter) -> None:
    """Access 4."""
    order = counter.order(LIN)
    with pytest.raises(OrderNotFound):
        counter.till.prepay(order.order_no, MEI)
    assert counter.gateway.calls == []


def test_an_order_that_does_not_exist_looks_the_same(counter: Counter) -> None:
    with pytest.raises(OrderNotFound):
        counter.till.prepay("26010510000000000000", LIN)


def test_a_second_tap_uses_the_same_attempt_and_asks_nobody(counter: Counter) -> None:
    order, _ = counter.prepared()
    counter.till.prepay(order.order_no, LIN)
    assert counter.gateway.calls == ["prepay"]
    assert len(counter.till.show(order.order_no).attempts) == 1


def test_the_gateway_is_never_called_inside_a_transaction(counter: Counter) -> None:
    def write_meanwhile(_name: str) -> None:
        with counter.db.transaction():  # waits in vain while the till holds one
            pass

    counter.gateway.during_call = write_meanwhile
    order, _ = counter.paid()
    counter.clock.advance(3)
    assert counter.till.refresh(order.order_no).status == "fulfilled"
    counter.refunded(order.order_no)
    counter.prepared(MEI)
    counter.clock.advance(3 * 3600)
    counter.till.sweep()
    assert set(counter.gateway.calls) == {"prepay", "query", "refund", "close"}


def test_after_a_kill_between_call_and_answer_the_same_attempt_goes_on(counter: Counter) -> None:
    order = counter.order()
    counter.gateway.down = True
    with pytest.raises(GatewayUnavailable):
        counter.till.prepay(order.order_no, LIN)
    counter.gateway.down = False
    counter.till.prepay(order.order_no, LIN)
    (attempt,) = counter.till.show(order.order_no).attempts
    assert (attempt.status, attempt.number) == ("prepay", 1)


def test_changed_parameters_close_the_former_attempt_and_take_a_new_number(counter: Counter) -> None:
    """Money 6: yansongda/pay#705: one out_trade_no keeps its parameters for ever."""
    order, former = counter.prepared()
    moved = new_till(counter.db, counter.gateway, counter.clock, base="https://elsewhere.test")
    moved.prepay(order.order_no, LIN)
    first, second = counter.till.show(order.order_no).attempts
    assert (first.status, second.status) == ("closed", "prepay")
    assert counter.gateway.accounts[former].state == "CLOSED"


def test_a_former_attempt_that_cannot_be_asked_about_is_not_replaced(counter: Counter) -> None:
    order, _ = counter.prepared()
    moved = new_till(counter.db, counter.gateway, counter.clock, base="https://elsewhere.test")
    counter.gateway.down = True
    with pytest.raises(GatewayUnavailable):
        moved.prepay(order.order_no, LIN)
    assert [attempt.status for attempt in counter.till.show(order.order_no).attempts] == ["prepay"]


def test_a_former_attempt_that_was_paid_meanwhile_is_settled(counter: Counter) -> None:
    order, _ = counter.paid()
    moved = new_till(counter.db, counter.gateway, counter.clock, base="https://elsewhere.test")
    with pytest.raises(AlreadyPaid):
        moved.prepay(order.order_no, LIN)
    assert counter.status(order) == "fulfilled"


def lose_the_prepay_answer(counter: Counter, order_no: str) -> str:
    """The gateway has registered the attempt, and we do not know; returns its number there."""
    counter.gateway.answers_are_lost = True
    with pytest.raises(GatewayUnavailable):
        counter.till.prepay(order_no, LIN)
    counter.gateway.answers_are_lost = False
    (out_trade_no,) = counter.gateway.accounts
    return out_trade_no


def test_an_attempt_that_is_paid_there_before_we_know_is_settled(counter: Counter) -> None:
    order = counter.order()
    counter.gateway.paid_by_follower(lose_the_prepay_answer(counter, order.order_no))
    with pytest.raises(AlreadyPaid):
        counter.till.prepay(order.order_no, LIN)
    assert counter.till.may_read(LIN, CRAWLER.item_id)


def test_a_number_that_is_closed_there_is_replaced(counter: Counter) -> None:
    order = counter.order()
    counter.gateway.close(lose_the_prepay_answer(counter, order.order_no))
    counter.till.prepay(order.order_no, LIN)
    assert [a.status for a in counter.till.show(order.order_no).attempts] == ["failed", "prepay"]


def test_a_refusal_for_another_reason_uses_no_number_up(counter: Counter) -> None:
    order = counter.order()
    counter.gateway.refusal = "NO_AUTH"
    for _ in range(3):
        with pytest.raises(GatewayRefused):
            counter.till.prepay(order.order_no, LIN)
    counter.gateway.refusal = ""
    counter.till.prepay(order.order_no, LIN)
    assert len(counter.till.show(order.order_no).attempts) == 1


def test_a_paid_order_is_not_paid_again(counter: Counter) -> None:
    order, _ = counter.bought()
    with pytest.raises(AlreadyPaid):
        counter.till.prepay(order.order_no, LIN)


def test_a_free_order_never_reaches_the_gateway(counter: Counter) -> None:
    order = counter.order(offer=FREE)
    with pytest.raises(AlreadyPaid):
        counter.till.prepay(order.order_no, LIN)
    assert counter.gateway.calls == []


def test_an_order_past_its_time_is_not_paid(counter: Counter) -> None:
    order = counter.order()
    counter.clock.advance(2 * 3600)
    with pytest.raises(OrderClosed):
        counter.till.prepay(order.order_no, LIN)


def test_a_second_open_order_for_what_is_owned_is_not_paid(counter: Counter) -> None:
    other = counter.order(offer=replace(CRAWLER, price_fen=7900))
    counter.bought()
    with pytest.raises(AlreadyOwned):
        counter.till.prepay(other.order_no, LIN)
