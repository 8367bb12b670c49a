"""A refund is given up only if it is still ours to end; and what goes back after all is booked after all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from infra.outbox import Outbox
from payments.errors import PaymentDiffers
from payments.finish_refund import take_refund
from payments.gateway import RefundFact, RefundRequest
from payments.order import Order
from payments.refund import QUICK_TRIES, Refund
from tests.unit.payments.counter import CRAWLER, LIN, Books, Counter
from tests.unit.payments.test_till_care import calls_care, days, paid_twice, refunds, refusing, taking, wrong
from tests.unit.payments.test_till_close import desk


def refused(counter: Counter, times: int = QUICK_TRIES, fen: int | None = None) -> tuple[Order, Refund]:
    """A refund that somebody asked for, after so many tries; the gateway goes on refusing."""
    order, _ = counter.bought()
    refusing(counter)
    made = counter.till.refund(order.order_no, fen, "不想学了")
    days(counter, times - 1)
    return order, made


def goes_back_after_all(counter: Counter, refund: Refund) -> None:
    """A request that was long under way arrives at the gateway, and the bank pays."""
    taking(counter)
    request = RefundRequest(
        refund.out_refund_no, refund.out_trade_no, refund.fen, refund.total_fen, refund.reason, ""
    )
    counter.gateway.refund(request)
    counter.gateway.refund_ends(refund.out_refund_no)


def after_the_question(counter: Counter, what: Callable[[], object]) -> None:
    """``what`` happens once, between the gateway's answer about a refund and what is made of it."""
    ask, waiting = counter.gateway.query_refund, [what]

    def query_refund(out_refund_no: str) -> RefundFact | None:
        said = ask(out_refund_no)
        if waiting:
            waiting.pop()()
        return said

    counter.gateway.query_refund = query_refund  # type: ignore[method-assign]


def test_what_an_operator_had_accepted_meanwhile_is_not_given_up(counter: Counter) -> None:
    order, refund = refused(counter, QUICK_TRIES - 1)

    def try_again() -> None:
        taking(counter)
        counter.till.try_again(refund.out_refund_no)

    after_the_question(counter, try_again)
    days(counter, 1)
    assert refunds(counter, order)[0].status == "processing"
    assert counter.books().pending == 9900
    counter.gateway.refund_ends(refund.out_refund_no)
    counter.tell_refund(refund.out_refund_no)
    assert counter.status(order) == "refunded"
    assert counter.books() == Books(received=9900, refunded=9900, refunds=1)
    assert not calls_care(counter, order)


def test_what_somebody_else_is_trying_just_now_is_not_given_up(counter: Counter) -> None:
    """Their try may be accepted there although nothing here says so yet."""
    order, refund = refused(counter, QUICK_TRIES - 1)

    def try_again() -> None:
        taking(counter)
        counter.gateway.answers_are_lost = True
        counter.till.try_again(refund.out_refund_no)

    after_the_question(counter, try_again)
    days(counter, 1)
    (now,) = refunds(counter, order)
    assert (now.status, now.tries, counter.books().pending) == ("created", 1, 9900)


def test_what_turns_out_to_be_accepted_before_is_not_given_up(counter: Counter) -> None:
    """The slow answer to an earlier try comes in: no further try was counted."""
    order, refund = refused(counter, QUICK_TRIES - 1)
    accepted = RefundFact(
        refund.out_refund_no, refund.out_trade_no, "PROCESSING", refund.fen, refund.total_fen, "50-slow"
    )
    after_the_question(counter, lambda: take_refund(desk(counter), accepted))
    days(counter, 1)
    assert (refunds(counter, order)[0].status, counter.books().pending) == ("processing", 9900)


def test_what_the_gateway_knows_is_not_given_up_and_its_word_is_taken(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.gateway.answers_are_lost = True
    counter.till.refund(order.order_no, None, "不想学了")
    counter.gateway.answers_are_lost = False
    refusing(counter)
    days(counter, QUICK_TRIES - 1)
    assert (refunds(counter, order)[0].status, counter.books().pending) == ("processing", 9900)


def test_a_refused_question_about_an_accepted_refund_is_no_reason_to_give_it_up(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.till.refund(order.order_no, None, "不想学了")
    counter.gateway.refusal = "NO_AUTH"
    counter.gateway.calls.clear()
    days(counter, QUICK_TRIES + 2)
    assert counter.gateway.calls == ["query_refund"] * (QUICK_TRIES + 2)
    assert (refunds(counter, order)[0].status, counter.books().pending) == ("processing", 9900)


def test_what_was_given_up_and_goes_back_after_all_is_booked_once(counter: Counter) -> None:
    order, refund = refused(counter)
    assert (refunds(counter, order)[0].status, counter.books().pending) == ("closed", 0)
    goes_back_after_all(counter, refund)
    for _ in range(3):
        counter.tell_refund(refund.out_refund_no)
    assert counter.status(order) == "refunded"
    assert not counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.books() == Books(received=9900, refunded=9900, refunds=1)
    told = [parcel for parcel in Outbox(counter.db, counter.clock).waiting() if parcel.topic == "refund"]
    assert len(told) == 1
    assert calls_care(counter, order)
    (text,) = wrong(counter, order)
    assert text.startswith(f"gone back after all: {refund.out_refund_no}; resolved: refund ")


def test_a_part_that_goes_back_after_all_leaves_the_course_open(counter: Counter) -> None:
    order, refund = refused(counter, fen=3000)
    goes_back_after_all(counter, refund)
    counter.tell_refund(refund.out_refund_no)
    assert counter.status(order) == "partially_refunded"
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.books() == Books(ledger=6900, received=9900, refunded=3000, refunds=1, grants=1)


def test_another_refund_leaves_it_in_sight_that_one_went_back_after_all(counter: Counter) -> None:
    order, refund = refused(counter, fen=3000)
    goes_back_after_all(counter, refund)
    counter.tell_refund(refund.out_refund_no)
    counter.refunded(order.order_no)
    assert counter.status(order) == "refunded"
    assert calls_care(counter, order)


def test_a_lie_about_what_was_given_up_books_nothing(counter: Counter) -> None:
    order, refund = refused(counter)
    goes_back_after_all(counter, refund)
    with pytest.raises(PaymentDiffers):
        counter.tell_refund(refund.out_refund_no, fen=1)
    assert counter.books() == Books(ledger=9900, received=9900, refunds=1, grants=1)
    assert counter.status(order) == "fulfilled"


def asked_anew(counter: Counter) -> tuple[Order, Refund]:
    """Given up, asked for once more, and gone back under the first number after all."""
    order, first = refused(counter)
    counter.till.refund(order.order_no, None, "再试")
    goes_back_after_all(counter, first)
    return order, first


def test_what_another_refund_holds_by_now_is_not_booked_twice(counter: Counter) -> None:
    order, first = asked_anew(counter)
    with pytest.raises(PaymentDiffers):
        counter.tell_refund(first.out_refund_no)
    assert calls_care(counter, order)
    assert counter.books() == Books(ledger=9900, received=9900, pending=9900, refunds=2)


def test_once_that_other_refund_is_given_up_too_the_first_is_asked_about_and_booked(counter: Counter) -> None:
    order, _ = asked_anew(counter)
    days(counter, QUICK_TRIES)  # the gateway has nothing left to give back
    assert [one.status for one in refunds(counter, order)] == ["success", "closed"]
    assert counter.status(order) == "refunded"
    assert counter.books() == Books(received=9900, refunded=9900, refunds=2)


def test_a_surplus_that_was_closed_and_goes_back_twice_is_booked_once(counter: Counter) -> None:
    """WeChat Pay closed it, so it is made anew; then the first one's success comes."""
    order, _ = paid_twice(counter)
    counter.till.sweep()
    (first,) = refunds(counter, order)
    counter.gateway.refund_ends(first.out_refund_no, "CLOSED")
    counter.tell_refund(first.out_refund_no)
    counter.gateway.refund_ends(first.out_refund_no)
    with pytest.raises(PaymentDiffers):
        counter.tell_refund(first.out_refund_no)
    assert counter.books() == Books(ledger=19800, received=19800, pending=9900, refunds=2, grants=1)
