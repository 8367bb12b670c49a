"""Money that nobody asked back: it is never silently given up, and an operator sees what is left to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments import care
from payments.errors import PaymentDiffers
from payments.offer import Offer
from payments.order import Order
from payments.refund import DAYS_OF_TRYING, MOST_TRIES, QUICK_TRIES, Refund
from payments.standing import Standing
from payments.submit_refund import due_refunds, push
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter, new_till
from tests.unit.payments.test_till_close import desk
from tests.unit.payments.test_till_refund import let_queries_through

DAY_S = 24 * 3600


def paid_twice(counter: Counter, openid: str = LIN, offer: Offer = CRAWLER) -> tuple[Order, str]:
    """Two attempts of one order were paid; with the number of the payment that was one too many."""
    order, first = counter.prepared(openid, offer)
    moved = new_till(counter.db, counter.gateway, counter.clock, base="https://elsewhere.test")
    moved.prepay(order.order_no, openid)
    second = counter.till.show(order.order_no).attempts[-1].out_trade_no
    counter.gateway.paid_by_follower(second)
    counter.tell(second)
    counter.gateway.paid_although_closed(first)
    counter.tell(first)
    return order, first


def days(counter: Counter, many: int) -> None:
    for _ in range(many):
        counter.clock.advance(DAY_S)
        counter.till.sweep()


def refusing(counter: Counter) -> None:
    """Refunds are refused from now on; WeChat Pay answers questions."""
    counter.gateway.during_call = lambda name: let_queries_through(counter, name)


def taking(counter: Counter) -> None:
    counter.gateway.during_call = lambda _name: None
    counter.gateway.refusal = ""


def refunds(counter: Counter, order: Order) -> list[Refund]:
    return counter.till.show(order.order_no).refunds


def wrong(counter: Counter, order: Order) -> list[str]:
    return [attempt.wrong for attempt in counter.till.show(order.order_no).attempts if attempt.wrong]


def calls_care(counter: Counter, order: Order) -> bool:
    """As the list and the order's own file say; they never differ."""
    listed = order.order_no in counter.till.needing_care()
    assert counter.till.show(order.order_no).needs_care == listed
    return listed


def test_what_is_refused_for_weeks_still_goes_back(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING - 3)
    assert not calls_care(counter, order)
    taking(counter)
    days(counter, 2)
    assert [refund.status for refund in refunds(counter, order)] == ["processing"]


def test_the_first_tries_are_quick_and_the_others_daily(counter: Counter) -> None:
    paid_twice(counter)
    refusing(counter)
    for _ in range(24 * 60):
        counter.clock.advance(60)
        counter.till.sweep()
    assert counter.gateway.calls.count("refund") == QUICK_TRIES
    for _ in range(5 * 24):
        counter.clock.advance(3600)
        counter.till.sweep()
    assert counter.gateway.calls.count("refund") == QUICK_TRIES + 5


def test_after_a_month_of_refusals_an_operator_is_called_and_the_money_is_free(counter: Counter) -> None:
    order, surplus = paid_twice(counter)
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    assert calls_care(counter, order)
    (text,) = wrong(counter, order)
    assert "refused 42 times" in text and "NOT_ENOUGH" in text
    unused = counter.till.show(order.order_no).unused
    assert unused is not None and unused.out_trade_no == surplus


def test_a_month_of_silence_calls_an_operator(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    counter.gateway.down = True
    days(counter, QUICK_TRIES + DAYS_OF_TRYING - 1)
    assert not calls_care(counter, order)
    days(counter, 1)
    assert calls_care(counter, order)
    assert "no tries left" in wrong(counter, order)[0]


def test_a_refund_that_is_processing_for_ever_calls_an_operator(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING + 1)
    assert calls_care(counter, order)


def test_who_is_killed_in_the_last_try_has_called_already(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    counter.gateway.down = True
    days(counter, QUICK_TRIES + DAYS_OF_TRYING - 1)
    counter.clock.advance(DAY_S)
    counter.gateway.during_call = die
    with pytest.raises(KeyboardInterrupt):
        counter.till.sweep()
    assert calls_care(counter, order)


def die(_name: str) -> None:
    raise KeyboardInterrupt


def test_a_last_try_that_succeeds_calls_nobody(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING - 1)
    (refund,) = refunds(counter, order)
    counter.gateway.refund_ends(refund.out_refund_no)
    days(counter, 1)
    assert not calls_care(counter, order)
    assert wrong(counter, order)[0].startswith("resolved: ")


def test_an_automatic_refund_that_was_closed_is_made_again_under_a_new_number(counter: Counter) -> None:
    order, surplus = paid_twice(counter)
    counter.till.sweep()
    (first,) = refunds(counter, order)
    counter.gateway.refund_ends(first.out_refund_no, "CLOSED")
    counter.tell_refund(first.out_refund_no)
    again = refunds(counter, order)[-1]
    assert (again.status, again.fen, again.out_refund_no) == ("created", 9900, f"{surplus}R02")
    assert not calls_care(counter, order)
    days(counter, 1)
    counter.gateway.refund_ends(again.out_refund_no)
    counter.tell_refund(again.out_refund_no)
    assert counter.till.show(order.order_no).balance_fen == 9900
    assert counter.books().refunded == 9900


def test_a_closed_refund_that_is_told_twice_is_made_again_once(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    counter.till.sweep()
    (first,) = refunds(counter, order)
    counter.gateway.refund_ends(first.out_refund_no, "CLOSED")
    counter.tell_refund(first.out_refund_no)
    counter.tell_refund(first.out_refund_no)
    assert len(refunds(counter, order)) == 2


def test_what_is_closed_again_and_again_ends_at_an_operator(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    for _ in range(DAYS_OF_TRYING + 5):
        days(counter, 1)
        latest = refunds(counter, order)[-1]
        if latest.status == "processing":
            counter.gateway.refund_ends(latest.out_refund_no, "CLOSED")
            counter.tell_refund(latest.out_refund_no)
    assert calls_care(counter, order)
    assert "was closed by WeChat Pay" in wrong(counter, order)[0]
    assert counter.books().pending == 0


def test_each_surplus_payment_has_a_month_of_its_own(counter: Counter) -> None:
    """The first attempt of three is paid as well, and the second one only after that month."""
    order, first = counter.prepared()
    for base in ("https://second.test", "https://third.test"):
        new_till(counter.db, counter.gateway, counter.clock, base=base).prepay(order.order_no, LIN)
    _, second, third = (attempt.out_trade_no for attempt in counter.till.show(order.order_no).attempts)
    counter.gateway.paid_by_follower(third)
    counter.tell(third)
    for late in (first, second):
        counter.gateway.paid_although_closed(late)
        counter.tell(late)
        days(counter, 1)
        number = refunds(counter, order)[-1].out_refund_no
        counter.gateway.refund_ends(number, "CLOSED" if late == second else "SUCCESS")
        counter.tell_refund(number)
        days(counter, DAYS_OF_TRYING + 5 if late == first else 0)
    assert refunds(counter, order)[-1].out_refund_no == f"{second}R02"
    assert not calls_care(counter, order)


def test_what_somebody_asked_for_and_was_closed_is_not_made_again(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(number, "CLOSED")
    counter.tell_refund(number)
    assert len(refunds(counter, order)) == 1
    assert calls_care(counter, order)


def test_asking_about_a_refund_that_was_asked_for_ends_with_an_operator(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.till.refund(order.order_no, None, "不想学了")
    days(counter, MOST_TRIES - 2)
    assert not calls_care(counter, order)
    days(counter, 1)
    assert calls_care(counter, order)


def test_an_abnormal_refund_calls_until_the_money_is_back(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(number, "ABNORMAL")
    counter.tell_refund(number)
    assert calls_care(counter, order)
    counter.gateway.refund_ends(number)
    counter.tell_refund(number)
    assert not calls_care(counter, order)


def test_a_lie_calls_until_the_truth_has_come(counter: Counter) -> None:
    order, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    assert calls_care(counter, order)
    counter.tell(out_trade_no)
    assert not calls_care(counter, order)
    assert wrong(counter, order) == ["resolved: 1 fen instead of 9900"]


def test_a_lie_about_an_order_that_nobody_paid_ends_with_its_closing(counter: Counter) -> None:
    order, out_trade_no = counter.prepared()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, state="SUCCESS", total_fen=1, transaction_id="42-made-up")
    assert calls_care(counter, order)
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    assert not calls_care(counter, order)


def test_a_lie_after_the_truth_calls_nobody_and_a_second_transaction_does(counter: Counter) -> None:
    order, out_trade_no = counter.bought()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    assert not calls_care(counter, order)
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, transaction_id="42-another")
    assert calls_care(counter, order)


def test_a_repeated_payment_notification_does_not_hide_a_refund_in_trouble(counter: Counter) -> None:
    order, out_trade_no = counter.bought()
    number = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(number, "ABNORMAL")
    counter.tell_refund(number)
    counter.tell(out_trade_no)
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    assert calls_care(counter, order)


def test_a_refund_notification_that_lies_calls_until_the_truth_has_come(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(number)
    with pytest.raises(PaymentDiffers):
        counter.tell_refund(number, fen=1)
    assert calls_care(counter, order)
    counter.tell_refund(number)
    with pytest.raises(PaymentDiffers):
        counter.tell_refund(number, fen=1)
    assert not calls_care(counter, order)


def test_the_same_trouble_is_written_down_once(counter: Counter) -> None:
    order, out_trade_no = counter.paid()
    for fen in (1, 1, 2):
        with pytest.raises(PaymentDiffers):
            counter.tell(out_trade_no, total_fen=fen)
    assert wrong(counter, order) == ["2 fen instead of 9900; 1 fen instead of 9900"]


def in_trouble(counter: Counter) -> tuple[Order, str]:
    """A refund that sticks, of an order that is wanted to have been paid a second time; its number."""
    order, out_trade_no = counter.bought()
    number = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(number, "ABNORMAL")
    counter.tell_refund(number)
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, transaction_id="42-another")
    return order, number


def test_a_refund_that_is_done_leaves_another_trouble_in_sight(counter: Counter) -> None:
    order, number = in_trouble(counter)
    with pytest.raises(PaymentDiffers):
        counter.tell_refund(number, fen=1, total_fen=2)  # one trouble, with two differences
    counter.gateway.refund_ends(number)
    counter.tell_refund(number)
    (text,) = wrong(counter, order)
    assert text == (
        f"a second transaction; resolved: refund {number}: 1 fen instead of 9900, "
        f"a total of 2 instead of 9900; refund {number} is ABNORMAL"
    )
    assert calls_care(counter, order)


def test_a_refund_that_is_done_is_history_wherever_its_mark_stands(counter: Counter) -> None:
    order, number = in_trouble(counter)
    assert wrong(counter, order) == [f"a second transaction; refund {number} is ABNORMAL"]
    counter.gateway.refund_ends(number)
    counter.tell_refund(number)
    assert wrong(counter, order) == [f"a second transaction; resolved: refund {number} is ABNORMAL"]


def test_a_new_trouble_stands_before_what_is_history(counter: Counter) -> None:
    _, out_trade_no = counter.bought()
    mark(counter, out_trade_no, "refund A", "other", "refund B")
    with counter.db.transaction() as conn:
        care.resolve(conn, out_trade_no, counter.clock.now(), about=care.ABOUT_A_REFUND)
    assert marked(counter, out_trade_no) == "other; resolved: refund B; refund A"
    mark(counter, out_trade_no, "refund C", "other")
    assert marked(counter, out_trade_no) == "refund C; other; resolved: refund B; refund A"
    with counter.db.transaction() as conn:
        care.resolve(conn, out_trade_no, counter.clock.now())
    assert marked(counter, out_trade_no) == "resolved: refund C; other; refund B; refund A"


def test_more_troubles_than_there_is_room_for_are_not_forgotten(counter: Counter) -> None:
    """Whatever was left out may not have been about a refund."""
    order, out_trade_no = counter.bought()
    mark(counter, out_trade_no, "other", *(f"refund {number:02d} {'x' * 150}" for number in range(4)))
    text = marked(counter, out_trade_no)
    assert text.startswith("refund 03 ") and text.endswith("; and more") and len(text) <= 300
    with counter.db.transaction() as conn:
        care.resolve(conn, out_trade_no, counter.clock.now(), about=care.ABOUT_A_REFUND)
    text = marked(counter, out_trade_no)
    assert text.startswith("and more; resolved: refund 03 ") and len(text) <= 300
    assert calls_care(counter, order)


def mark(counter: Counter, out_trade_no: str, *troubles: str) -> None:
    for what in troubles:
        with counter.db.transaction() as conn:
            care.mark(conn, out_trade_no, what, counter.clock.now())


def marked(counter: Counter, out_trade_no: str) -> str:
    found = counter.till.payment(out_trade_no)
    assert found is not None
    return found.wrong


def test_an_operator_sends_an_unused_payment_back(counter: Counter) -> None:
    order, surplus = paid_twice(counter)
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    taking(counter)
    made = counter.till.refund(order.order_no, None, "多付的一笔", payment=surplus)
    assert (made.out_trade_no, made.fen, made.status) == (surplus, 9900, "processing")
    assert calls_care(counter, order)
    counter.gateway.refund_ends(made.out_refund_no)
    counter.tell_refund(made.out_refund_no)
    assert not calls_care(counter, order)
    assert counter.status(order) == "fulfilled"
    assert counter.till.may_read(LIN, CRAWLER.item_id)


def test_a_part_of_an_unused_payment_leaves_the_rest_in_sight(counter: Counter) -> None:
    order, surplus = paid_twice(counter)
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    taking(counter)
    made = counter.till.refund(order.order_no, 100, "一部分", payment=surplus)
    counter.gateway.refund_ends(made.out_refund_no)
    counter.tell_refund(made.out_refund_no)
    assert calls_care(counter, order)


def test_a_part_of_a_payment_that_opened_nothing_leaves_the_rest_in_sight(counter: Counter) -> None:
    order = bought_twice(counter)
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    taking(counter)
    counter.refunded(order.order_no, 100)
    assert calls_care(counter, order)
    counter.clock.advance(60)
    counter.refunded(order.order_no)
    assert not calls_care(counter, order)


def test_another_orders_payment_is_not_refunded_by_this_one(counter: Counter) -> None:
    order, _ = counter.bought()
    _, hers = counter.bought(MEI)
    with pytest.raises(Exception, match="has no payment"):
        counter.till.refund(order.order_no, None, "?", payment=hers)


def test_an_operator_tries_a_waiting_refund_again_at_once(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    counter.gateway.down = True
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    counter.gateway.down = False
    (waiting,) = refunds(counter, order)
    assert counter.till.try_again(waiting.out_refund_no).status == "processing"
    counter.gateway.refund_ends(waiting.out_refund_no)
    days(counter, 1)
    assert not calls_care(counter, order)


def test_trying_again_leaves_what_is_done_alone(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.refunded(order.order_no)
    assert counter.till.try_again(number).status == "success"
    assert due_refunds(desk(counter), 10) == []


def test_a_worker_that_looked_before_the_operator_does_not_push_again(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    counter.gateway.down = True
    days(counter, 2)
    counter.gateway.down = False
    (seen,) = refunds(counter, order)
    counter.till.try_again(seen.out_refund_no)
    asked = counter.gateway.calls.count("refund")
    push(desk(counter), seen)
    assert counter.gateway.calls.count("refund") == asked


# Where the money of an order is, for whoever paid it


def bought_twice(counter: Counter, openid: str = LIN, offer: Offer = CRAWLER) -> Order:
    """Two orders for one course were paid; the one that came second."""
    other, out_trade_no = counter.paid(openid, replace(offer, price_fen=7900))
    counter.bought(openid, offer)
    counter.tell(out_trade_no)
    return other


def standing(counter: Counter, order: Order) -> Standing:
    now = counter.till.get(order.order_no)
    assert now is not None
    return counter.till.standing(now)


def test_an_unpaid_order_has_nothing_anywhere(counter: Counter) -> None:
    order, _ = counter.prepared()
    assert standing(counter, order) == Standing()


def test_a_bought_order_can_be_refunded_less_what_went_back_or_is_on_its_way(counter: Counter) -> None:
    order, _ = counter.bought()
    assert standing(counter, order) == Standing(refundable_fen=9900)
    counter.refunded(order.order_no, 1000)
    counter.till.refund(order.order_no, 2000, "部分")
    assert standing(counter, order) == Standing(refundable_fen=6900, pending_fen=2000)


def test_a_second_payment_of_an_order_is_going_back_then_stuck_then_gone(counter: Counter) -> None:
    order, surplus = paid_twice(counter)
    assert standing(counter, order) == Standing(refundable_fen=9900, surplus="going_back")
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    assert standing(counter, order).surplus == "stuck"
    taking(counter)
    made = counter.till.refund(order.order_no, None, "多付的一笔", payment=surplus)
    assert standing(counter, order).surplus == "going_back"
    counter.gateway.refund_ends(made.out_refund_no)
    counter.tell_refund(made.out_refund_no)
    assert standing(counter, order).surplus == ""


def test_a_second_order_for_the_same_course_is_going_back_whole(counter: Counter) -> None:
    order = bought_twice(counter)
    assert standing(counter, order) == Standing(pending_fen=7900, surplus="going_back")


def test_money_that_came_after_the_last_day_came_late(counter: Counter) -> None:
    until_today = replace(CRAWLER, access=counter.clock.now().date().isoformat())
    order, out_trade_no = counter.paid(offer=until_today)
    counter.clock.advance(2 * DAY_S)
    counter.tell(out_trade_no)
    assert standing(counter, order) == Standing(pending_fen=9900, surplus="going_back", came_late=True)


def test_many_orders_are_looked_up_together(counter: Counter) -> None:
    twice, _ = paid_twice(counter)
    plain, _ = counter.bought(MEI)
    waiting, _ = counter.prepared(MEI, replace(CRAWLER, item_id="another"))
    found = counter.till.standings(counter.till.recent())
    assert {no: one.surplus for no, one in found.items()} == {
        twice.order_no: "going_back",
        plain.order_no: "",
        waiting.order_no: "",
    }
    assert counter.till.standings([]) == {}
