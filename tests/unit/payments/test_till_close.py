from __future__ import annotations

import pytest

from payments.ask import ask, retire
from payments.desk import Desk
from payments.gateway import GatewayUnavailable
from tests.unit.payments.counter import CRAWLER, LIN, Counter, new_till


def test_an_order_nobody_paid_is_asked_about_then_closed_there_then_here(counter: Counter) -> None:
    order, out_trade_no = counter.prepared()
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert counter.status(order) == "closed"
    assert counter.gateway.accounts[out_trade_no].state == "CLOSED"
    assert counter.gateway.calls.index("query") < counter.gateway.calls.index("close")


def test_an_order_that_was_never_prepared_closes_without_the_gateway(counter: Counter) -> None:
    order = counter.order()
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert (counter.status(order), counter.gateway.calls) == ("closed", [])


def test_a_failed_query_is_not_taken_for_not_paid(counter: Counter) -> None:
    """Money 5."""
    order, _ = counter.paid()
    counter.gateway.down = True
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert counter.status(order) == "closing"
    counter.gateway.down = False
    counter.clock.advance(3600)
    counter.till.sweep()
    assert counter.status(order) == "fulfilled"


def test_a_close_whose_answer_is_lost_stays_until_it_is_sure(counter: Counter) -> None:
    order, _ = counter.prepared()
    counter.gateway.answers_are_lost = True
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert counter.status(order) == "closing"
    counter.gateway.answers_are_lost = False
    counter.clock.advance(3600)
    counter.till.sweep()
    assert counter.status(order) == "closed"


def test_money_between_the_question_and_the_closing_is_not_lost(counter: Counter) -> None:
    """Money 5."""
    order, out_trade_no = counter.prepared()

    def pay_at_the_last_moment(name: str) -> None:
        if name == "close":
            counter.gateway.paid_by_follower(out_trade_no)

    counter.gateway.during_call = pay_at_the_last_moment
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert counter.status(order) == "closing"
    counter.clock.advance(3600)
    counter.till.sweep()
    assert counter.status(order) == "fulfilled"


def test_an_order_with_time_left_is_not_closed(counter: Counter) -> None:
    order, _ = counter.prepared()
    counter.clock.advance(3600)
    counter.till.sweep()
    assert counter.status(order) == "awaiting_payment"


def test_a_new_order_can_be_placed_while_the_old_one_is_closed(counter: Counter) -> None:
    order, _ = counter.prepared()
    counter.clock.advance(2 * 3600)
    assert counter.order().order_no != order.order_no
    counter.till.sweep()
    assert counter.status(order) == "closed"


def test_an_attempt_unknown_to_the_gateway_is_out_of_the_way(counter: Counter) -> None:
    order, out_trade_no = counter.prepared()
    del counter.gateway.accounts[out_trade_no]
    (attempt,) = counter.till.show(order.order_no).attempts
    assert ask(desk(counter), attempt) == "UNHEARD"
    assert retire(desk(counter), attempt)
    assert counter.till.show(order.order_no).attempts[0].status == "closed"


def test_a_payment_in_progress_is_left_alone(counter: Counter) -> None:
    order, out_trade_no = counter.prepared()
    counter.gateway.accounts[out_trade_no].state = "USERPAYING"
    (attempt,) = counter.till.show(order.order_no).attempts
    assert not retire(desk(counter), attempt)
    assert "close" not in counter.gateway.calls


def test_a_payment_refunded_by_hand_on_the_platform_is_an_operators(counter: Counter) -> None:
    order, out_trade_no = counter.paid()
    counter.gateway.accounts[out_trade_no].state = "REFUND"
    counter.till.refresh(order.order_no)
    (attempt,) = counter.till.show(order.order_no).attempts
    assert (attempt.status, attempt.wrong) == ("unknown", "refunded outside of the till")
    assert not counter.till.may_read(LIN, CRAWLER.item_id)


def test_when_one_attempt_paid_the_other_is_closed(counter: Counter) -> None:
    order, first = counter.prepared()
    moved = new_till(counter.db, counter.gateway, counter.clock, base="https://elsewhere.test")
    moved.prepay(order.order_no, LIN)  # closes the first
    counter.gateway.paid_although_closed(first)
    counter.tell(first)
    counter.clock.advance(60)
    counter.till.sweep()
    statuses = [attempt.status for attempt in counter.till.show(order.order_no).attempts]
    assert statuses == ["success", "closed"]


def test_a_page_that_polls_fast_does_not_make_us_poll_the_gateway_fast(counter: Counter) -> None:
    order, _ = counter.prepared()
    for _ in range(10):
        counter.till.refresh(order.order_no)
    assert counter.gateway.calls.count("query") == 1
    counter.clock.advance(2)
    counter.till.refresh(order.order_no)
    assert counter.gateway.calls.count("query") == 2


def test_open_attempts_are_asked_about_later_and_later(counter: Counter) -> None:
    counter.prepared()
    for _ in range(120):
        counter.clock.advance(60)
        counter.till.sweep()
        if counter.gateway.calls[-1] == "close":
            break
    assert 5 <= counter.gateway.calls.count("query") <= 20


def test_a_page_that_polled_does_not_put_the_sweep_off(counter: Counter) -> None:
    """Paid a minute after the page gave up asking: the worker's question must not be minutes away."""
    order, out_trade_no = counter.prepared()
    for _ in range(14):
        counter.clock.advance(2)
        counter.till.refresh(order.order_no)
    counter.clock.advance(32)
    counter.gateway.paid_by_follower(out_trade_no)
    counter.till.sweep()
    assert counter.status(order) == "fulfilled"


def test_questions_without_an_answer_do_not_put_the_next_one_off(counter: Counter) -> None:
    order, _ = counter.paid()
    counter.gateway.down = True
    for _ in range(40):
        counter.clock.advance(60)
        counter.till.refresh(order.order_no)
        counter.till.sweep()
    counter.gateway.down = False
    counter.clock.advance(60)
    counter.till.sweep()
    assert counter.status(order) == "fulfilled"


def test_the_pause_counts_from_the_moment_at_which_one_could_pay(counter: Counter) -> None:
    order = counter.order()
    counter.gateway.answers_are_lost = True
    with pytest.raises(GatewayUnavailable):
        counter.till.prepay(order.order_no, LIN)
    counter.gateway.answers_are_lost = False
    for _ in range(20):
        counter.clock.advance(60)
        counter.till.sweep()
    counter.till.prepay(order.order_no, LIN)
    (out_trade_no,) = counter.gateway.accounts
    counter.clock.advance(15)
    counter.till.sweep()  # not paid yet
    counter.gateway.paid_by_follower(out_trade_no)
    counter.clock.advance(60)
    counter.till.sweep()
    assert counter.status(order) == "fulfilled"


def test_a_sweep_stops_when_the_gateway_is_silent(counter: Counter) -> None:
    for number in range(8):
        counter.prepared(openid=f"oFollower{number}")
    counter.gateway.down = True
    counter.gateway.calls.clear()
    counter.clock.advance(60)
    counter.till.sweep()
    assert counter.gateway.calls == ["query"] * 3


def desk(counter: Counter) -> Desk:
    return Desk(counter.db, counter.gateway, counter.clock, "https://keban.test/n", "https://keban.test/r")
