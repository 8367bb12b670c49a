"""The ledger is double entry: each movement of money says where it came from, and comes to zero."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.together import Together, together
from payments import book
from tests.unit.payments.counter import CRAWLER, LIN, Counter


def accounts(counter: Counter, order_no: str) -> dict[str, int]:
    with counter.db.reading() as conn:
        return book.of_order(conn, order_no)


def test_what_opens_a_course_is_a_sale(counter: Counter) -> None:
    order, _ = counter.bought()
    assert accounts(counter, order.order_no) == {"wechat": 9900, "sales": -9900}


def test_what_goes_back_leaves_the_account_that_it_came_to(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.refunded(order.order_no, 3000)
    assert accounts(counter, order.order_no) == {"wechat": 6900, "sales": -6900}
    assert counter.till.show(order.order_no).balance_fen == 6900


def test_money_without_a_use_is_owed_until_it_is_back(counter: Counter) -> None:
    twice, second = counter.paid(offer=replace(CRAWLER, price_fen=7900))
    counter.bought()
    counter.tell(second)
    assert accounts(counter, twice.order_no) == {"wechat": 7900, "owed": -7900}
    counter.till.sweep()
    (out_refund_no,) = counter.gateway.refunds
    counter.gateway.refund_ends(out_refund_no)
    counter.tell_refund(out_refund_no)
    assert accounts(counter, twice.order_no) == {"wechat": 0, "owed": 0}


def test_a_fee_is_no_matter_of_the_followers(counter: Counter) -> None:
    order, out_trade_no = counter.bought()
    now = counter.clock.now()
    of_order = {"order_no": order.order_no, "out_trade_no": out_trade_no}
    with counter.db.transaction() as conn, together(conn) as writing:
        book.post(writing, "fee:1", {"wechat": -59, "fees": 59}, **of_order, at=now, now=now)
    assert counter.till.show(order.order_no).balance_fen == 9900


@pytest.mark.parametrize("amounts", [{"wechat": 9900, "sales": -9899}, {"wechat": 1, "pocket": -1}])
def test_what_does_not_come_to_zero_or_has_no_account_is_refused(
    counter: Counter, amounts: dict[str, int]
) -> None:
    now = counter.clock.now()
    with counter.db.transaction() as conn, pytest.raises(ValueError, match="entry e"):
        book.post(Together(conn), "e", amounts, order_no="A", out_trade_no="A01", at=now, now=now)
    assert accounts(counter, "A") == {}


def test_who_asked_for_a_refund_is_kept(counter: Counter) -> None:
    order, _ = counter.bought()
    assert counter.till.refund(order.order_no, 100, "不想学了", asked_by=LIN).asked_by == LIN
    assert counter.till.refund(order.order_no, 100, "客服补偿").asked_by == ""
