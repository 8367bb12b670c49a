from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from payments.errors import AlreadyOwned, BadOffer, TermOver
from payments.order import new_order_no
from tests.unit.payments.counter import CRAWLER, FREE, LIN, MEI, Counter


def test_an_order_number_fits_the_contract_sorts_by_time_and_differs() -> None:
    early = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    numbers = {new_order_no(early) for _ in range(1000)}
    assert len(numbers) == 1000
    assert all(re.fullmatch(r"[0-9A-Za-z]{20}", number) for number in numbers)
    assert max(numbers) < new_order_no(datetime(2026, 1, 5, 2, 1, tzinfo=UTC))


def test_a_double_tap_on_buy_gives_one_order(counter: Counter) -> None:
    assert counter.order().order_no == counter.order().order_no


def test_another_follower_gets_an_order_of_their_own(counter: Counter) -> None:
    assert counter.order(LIN).order_no != counter.order(MEI).order_no


def test_the_price_is_frozen_and_a_new_price_makes_a_new_order(counter: Counter) -> None:
    """Money 6."""
    order = counter.order()
    dearer = counter.order(offer=replace(CRAWLER, price_fen=12900))
    assert dearer.order_no != order.order_no
    assert (counter.till.show(order.order_no).order.total_fen, dearer.total_fen) == (9900, 12900)


def test_an_order_about_to_expire_is_not_given_again(counter: Counter) -> None:
    order = counter.order()
    counter.clock.advance(2 * 3600 - 60)
    assert counter.order().order_no != order.order_no
    assert counter.status(order) == "closing"


def test_what_is_owned_is_not_sold_again(counter: Counter) -> None:
    counter.bought()
    with pytest.raises(AlreadyOwned):
        counter.order()
    assert len(counter.till.orders_of(LIN)) == 1


def test_a_zero_total_is_fulfilled_at_once_without_the_gateway(counter: Counter) -> None:
    """Money 7."""
    order = counter.order(offer=FREE)
    assert order.status == "fulfilled"
    assert counter.till.may_read(LIN, FREE.item_id)
    assert counter.gateway.calls == []
    assert counter.books().ledger == 0


def test_a_negative_price_is_not_sold(counter: Counter) -> None:
    """Money 7."""
    with pytest.raises(BadOffer):
        counter.order(offer=replace(CRAWLER, price_fen=-1))


def test_a_course_whose_last_day_has_passed_is_not_sold(counter: Counter) -> None:
    with pytest.raises(TermOver):
        counter.order(offer=replace(CRAWLER, access="2025-12-31"))


def test_a_term_that_cannot_be_read_is_not_sold(counter: Counter) -> None:
    with pytest.raises(BadOffer):
        counter.order(offer=replace(CRAWLER, access="a while"))


def test_orders_are_listed_newest_first_and_only_ones_own(counter: Counter) -> None:
    first = counter.order()
    counter.clock.advance(1)
    second = counter.order(offer=replace(CRAWLER, item_id="go-web"))
    counter.order(MEI)
    assert [order.order_no for order in counter.till.orders_of(LIN)] == [second.order_no, first.order_no]
    assert len(counter.till.recent()) == 3
    assert [order.order_no for order in counter.till.recent(status="paid")] == []


def test_what_was_refunded_can_be_bought_again(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.refunded(order.order_no)
    again, _ = counter.bought()
    assert again.order_no != order.order_no
    assert counter.till.may_read(LIN, CRAWLER.item_id)


def test_a_free_course_whose_term_ended_can_be_taken_again(counter: Counter) -> None:
    month = replace(FREE, access="30d")
    counter.order(offer=month)
    counter.clock.advance(40 * 24 * 3600)
    assert counter.order(offer=month).status == "fulfilled"
    assert counter.till.may_read(LIN, FREE.item_id)
