from __future__ import annotations

from dataclasses import replace

import pytest

from infra.outbox import Outbox
from payments.errors import NothingToRefund, OrderNotFound, PaymentDiffers, RefundTooMuch
from payments.refund import MOST_TRIES, QUICK_TRIES
from tests.unit.payments.counter import CRAWLER, FREE, LIN, Counter


def test_a_whole_refund_closes_at_once_and_ends_on_the_gateways_word(counter: Counter) -> None:
    """Access 1: polar#4596, sensei#181: refunded, still open. And "accepted" is not "done"."""
    order, _ = counter.bought()
    refund = counter.till.refund(order.order_no, None, "不想学了")
    assert (refund.status, refund.fen) == ("processing", 9900)
    assert counter.status(order) == "fulfilled"
    assert not counter.till.may_read(LIN, CRAWLER.item_id)
    counter.gateway.refund_ends(refund.out_refund_no)
    counter.tell_refund(refund.out_refund_no)
    assert counter.status(order) == "refunded"
    assert not counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.till.show(order.order_no).balance_fen == 0


def test_a_partial_refund_keeps_access(counter: Counter) -> None:
    """Access 1."""
    order, _ = counter.bought()
    counter.refunded(order.order_no, 3000)
    assert counter.status(order) == "partially_refunded"
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.till.show(order.order_no).balance_fen == 6900


def test_parts_that_make_the_whole_end_access(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.refunded(order.order_no, 3000)
    counter.clock.advance(60)
    counter.refunded(order.order_no)
    assert counter.status(order) == "refunded"
    assert not counter.till.may_read(LIN, CRAWLER.item_id)


def test_parts_of_one_order_reach_the_gateway_a_minute_apart(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.till.refund(order.order_no, 1000, "第一次")
    second = counter.till.refund(order.order_no, 1000, "第二次")
    assert second.status == "created"
    counter.till.sweep()
    assert counter.gateway.calls.count("refund") == 1
    counter.clock.advance(60)
    counter.till.sweep()
    assert counter.gateway.calls.count("refund") == 2


def test_one_of_two_purchases_refunded_leaves_the_other(counter: Counter) -> None:
    """Access 1: tutor#2346."""
    first, _ = counter.bought(offer=replace(CRAWLER, access="30d"))
    counter.clock.advance(40 * 24 * 3600)
    second, _ = counter.bought()
    counter.refunded(first.order_no)
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    counter.refunded(second.order_no)
    assert not counter.till.may_read(LIN, CRAWLER.item_id)


def test_more_than_was_received_is_refused(counter: Counter) -> None:
    order, _ = counter.bought()
    with pytest.raises(RefundTooMuch):
        counter.till.refund(order.order_no, 9901, "手滑")
    counter.till.refund(order.order_no, 9000, "大部分")
    with pytest.raises(RefundTooMuch):
        counter.till.refund(order.order_no, 901, "再来")
    assert counter.books().pending == 9000


def test_a_second_whole_refund_finds_nothing_left(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.till.refund(order.order_no, None, "甲")
    with pytest.raises(NothingToRefund):
        counter.till.refund(order.order_no, None, "乙")


@pytest.mark.parametrize("fen", [0, -100])
def test_nothing_or_less_is_not_refunded(counter: Counter, fen: int) -> None:
    order, _ = counter.bought()
    with pytest.raises(NothingToRefund):
        counter.till.refund(order.order_no, fen, "?")


def test_what_was_not_paid_is_not_refunded(counter: Counter) -> None:
    order, _ = counter.prepared()
    free = counter.order(offer=FREE)
    for order_no in (order.order_no, free.order_no):
        with pytest.raises(NothingToRefund):
            counter.till.refund(order_no, None, "?")
    with pytest.raises(OrderNotFound):
        counter.till.refund("26010510000000000000", None, "?")


def test_a_refund_that_the_gateway_cannot_take_now_is_brought_again(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.gateway.down = True
    refund = counter.till.refund(order.order_no, None, "不想学了")
    assert (refund.status, "down" in refund.last_error) == ("created", True)
    counter.gateway.down = False
    counter.clock.advance(60)
    counter.till.sweep()
    assert set(counter.gateway.refunds) == {refund.out_refund_no}


def test_a_refund_whose_answer_is_lost_is_repeated_under_its_number(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.gateway.answers_are_lost = True
    refund = counter.till.refund(order.order_no, None, "不想学了")
    counter.gateway.answers_are_lost = False
    counter.clock.advance(60)
    counter.till.sweep()
    assert list(counter.gateway.refunds) == [refund.out_refund_no]
    assert counter.till.show(order.order_no).refunds[0].status == "processing"


def test_when_no_notification_comes_the_sweep_asks(counter: Counter) -> None:
    order, _ = counter.bought()
    refund = counter.till.refund(order.order_no, None, "不想学了")
    counter.gateway.refund_ends(refund.out_refund_no)
    counter.clock.advance(60)
    counter.till.sweep()
    assert counter.status(order) == "refunded"


def test_a_repeated_refund_notification_is_booked_once(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.refunded(order.order_no, 3000)
    counter.tell_refund(number)
    assert counter.books().refunded == 3000
    assert counter.till.show(order.order_no).balance_fen == 6900


def test_a_refund_notification_that_differs_changes_nothing(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.till.refund(order.order_no, 3000, "部分").out_refund_no
    counter.gateway.refund_ends(number)
    lies = ({"fen": 1}, {"total_fen": 1}, {"mch_id": "1999999999"}, {"out_trade_no": "x"}, {"state": "DONE"})
    for lie in lies:
        with pytest.raises(PaymentDiffers):
            counter.tell_refund(number, **lie)
    with pytest.raises(PaymentDiffers):
        counter.tell_refund(number, out_refund_no="unheard-of")
    assert counter.books().refunded == 0


def test_a_refund_closed_by_the_gateway_frees_its_sum(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(number, "CLOSED")
    counter.tell_refund(number)
    assert counter.books().pending == 0
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.till.refund(order.order_no, None, "再试").out_refund_no != number


def test_an_abnormal_refund_is_not_the_end(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(number, "ABNORMAL")
    counter.tell_refund(number)
    assert counter.books().pending == 9900
    counter.gateway.refund_ends(number)
    counter.clock.advance(3600)
    counter.till.sweep()
    assert counter.status(order) == "refunded"


def test_a_refund_refused_again_and_again_is_given_up_and_free_to_ask_anew(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.gateway.refusal = "NOT_ENOUGH"
    counter.till.refund(order.order_no, None, "不想学了")
    counter.gateway.during_call = lambda name: let_queries_through(counter, name)
    for _ in range(QUICK_TRIES + 2):
        counter.clock.advance(6 * 3600)
        counter.till.sweep()
    (refund,) = counter.till.show(order.order_no).refunds
    assert refund.status == "closed"
    assert counter.gateway.calls.count("refund") == QUICK_TRIES
    assert counter.books().pending == 0


def let_queries_through(counter: Counter, name: str) -> None:
    counter.gateway.refusal = "" if name == "query_refund" else "NOT_ENOUGH"


def test_asking_about_a_refund_ends(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.till.refund(order.order_no, None, "不想学了")
    for _ in range(MOST_TRIES + 10):
        counter.clock.advance(7 * 3600)
        counter.till.sweep()
    assert counter.gateway.calls.count("query_refund") == MOST_TRIES - 1


def test_the_follower_is_told_once_that_money_is_back(counter: Counter) -> None:
    order, _ = counter.bought()
    number = counter.refunded(order.order_no)
    counter.tell_refund(number)
    told = [parcel for parcel in Outbox(counter.db, counter.clock).waiting() if parcel.topic == "refund"]
    assert [parcel.payload for parcel in told] == [
        {
            "openid": LIN,
            "order_no": order.order_no,
            "title": CRAWLER.title,
            "fen": 9900,
            "reason": "不想学了",
        }
    ]
