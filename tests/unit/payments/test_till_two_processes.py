"""Two real processes that settle, poll, close and refund the same orders at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from infra.clock import ManualClock
from infra.database import Database
from infra.errors import KebanError
from payments.tables import notifications
from tests.unit.payments.counter import CRAWLER, Books, Counter
from tests.unit.payments.other_process import OtherProcess, run_all
from tests.unit.payments.pretend_gateway import Delivery

ORDERS = 12
FEN = CRAWLER.price_fen


@pytest.fixture
def counter(database: Database, clock: ManualClock) -> Counter:
    return Counter.opened(database, clock)


def settle_each(deliveries: list[Delivery], counter: Counter) -> None:
    for delivery in deliveries:
        counter.gateway.all_are_ready()  # type: ignore[attr-defined]
        quietly(counter.till.notified, *delivery)


def poll_each(order_nos: list[str], counter: Counter) -> None:
    for order_no in order_nos:
        counter.gateway.all_are_ready()  # type: ignore[attr-defined]
        quietly(counter.till.insist, order_no)


def refund_each(order_nos: list[str], counter: Counter) -> None:
    for order_no in order_nos:
        counter.gateway.all_are_ready()  # type: ignore[attr-defined]
        quietly(counter.till.refund, order_no, 6000, "两个人")


def quietly(act: Callable[..., Any], *args: Any) -> None:
    """Refused, busy, in conflict: each is an answer, and WeChat would tell it again."""
    with suppress(KebanError):
        act(*args)


def both(counter: Counter, url: str, *stories: Callable[[Counter], None]) -> None:
    run_all([OtherProcess(url, story, counter.clock.now()) for story in stories], counter.gateway)


def followers() -> list[str]:
    return [f"oFollower_{at:020d}" for at in range(ORDERS)]


def test_two_notifications_in_two_processes_credit_once(counter: Counter, database_url: str) -> None:
    """Money 1: two notifications at once credit twice."""
    numbers = [counter.paid(openid)[1] for openid in followers()]
    first, second = ([counter.gateway.payment_notice(number) for number in numbers] for _ in range(2))
    both(counter, database_url, partial(settle_each, first), partial(settle_each, second))
    assert counter.books() == Books(ledger=ORDERS * FEN, received=ORDERS * FEN, grants=ORDERS)
    assert len(counter.receipts()) == ORDERS


def test_one_notification_in_two_processes_is_kept_once(counter: Counter, database_url: str) -> None:
    numbers = [counter.paid(openid)[1] for openid in followers()]
    deliveries = [counter.gateway.payment_notice(number) for number in numbers]
    both(counter, database_url, *[partial(settle_each, deliveries)] * 2)
    assert counter.books() == Books(ledger=ORDERS * FEN, received=ORDERS * FEN, grants=ORDERS)
    with counter.db.reading() as conn:
        kept, came = conn.execute(select(func.count(), func.sum(notifications.c.deliveries))).one()
    assert (kept, int(came)) == (ORDERS, 2 * ORDERS)


def test_notification_and_page_in_two_processes_credit_once(counter: Counter, database_url: str) -> None:
    """Money 1: the redirect and the webhook confirm together."""
    bought = [counter.paid(openid) for openid in followers()]
    deliveries = [counter.gateway.payment_notice(number) for _, number in bought]
    pages = partial(poll_each, [order.order_no for order, _ in bought])
    both(counter, database_url, partial(settle_each, deliveries), pages)
    assert counter.books() == Books(ledger=ORDERS * FEN, received=ORDERS * FEN, grants=ORDERS)


def test_two_administrators_in_two_processes_refund_what_was_paid(
    counter: Counter, database_url: str
) -> None:
    """Money 9: two administrators refund more than was paid."""
    order_nos = [counter.bought(openid)[0].order_no for openid in followers()]
    both(counter, database_url, *[partial(refund_each, order_nos)] * 2)
    assert counter.books().pending == ORDERS * 6000
    assert sum(fact.fen for fact in counter.gateway.refunds.values()) == ORDERS * 6000
