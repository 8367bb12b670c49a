"""Two real processes that settle, poll, close and refund the same orders at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from infra.clock import ManualClock
from infra.database import Database
from infra.errors import KebanError
from infra.outbox import Outbox
from payments.bill import BEIJING
from payments.reconcile import EVERY_REPAIR, reconcile
from payments.tables import notifications, postings
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


def redeem_each(codes: list[tuple[str, str]], counter: Counter) -> None:
    for openid, code in codes:
        counter.gateway.all_are_ready()  # type: ignore[attr-defined]
        quietly(counter.till.redeem, openid, code)


def test_a_gift_code_in_two_processes_is_redeemed_once(counter: Counter, database_url: str) -> None:
    """By two who were sent the same code, or by one who tapped twice."""
    gifts = [counter.bought(openid, replace(CRAWLER, is_gift=True))[0] for openid in followers()]
    codes = [found.code for order in gifts if (found := counter.till.gift_of(order.order_no))]
    one = [(f"oOne_{at:023d}", code) for at, code in enumerate(codes)]
    other = [(one[at][0] if at % 2 else f"oOther_{at:021d}", code) for at, code in enumerate(codes)]
    both(counter, database_url, partial(redeem_each, one), partial(redeem_each, other))
    assert counter.books().grants == len(codes) == ORDERS
    redeemed = [counter.till.gift(code) for code in codes]
    assert [gift.status for gift in redeemed if gift] == ["redeemed"] * ORDERS
    readers = {gift.redeemer for gift in redeemed if gift and gift.redeemer}
    assert all(counter.till.may_read(openid, CRAWLER.item_id) for openid in readers)
    told = [parcel.topic for parcel in Outbox(counter.db, counter.clock).waiting()]
    assert told.count("gift_received") == told.count("gift_redeemed") == ORDERS


def reconcile_each(days: list[date], counter: Counter) -> None:
    for day in days:
        counter.gateway.all_are_ready()  # type: ignore[attr-defined]
        quietly(partial(reconcile, repairs=EVERY_REPAIR), counter.till.desk, day)


def test_a_days_bill_read_by_two_processes_is_booked_and_repaired_once(
    counter: Counter, database_url: str
) -> None:
    """Payments that nobody told us of, fees of those that are known; by the worker and by command at once."""
    bought = [counter.paid(openid) for openid in followers()]
    for _, number in bought[: ORDERS // 2]:
        counter.tell(number)
    day = counter.clock.now().astimezone(BEIJING).date()
    counter.clock.advance(86_400)
    both(counter, database_url, *[partial(reconcile_each, [day])] * 2)
    reconcile(counter.till.desk, day, repairs=EVERY_REPAIR)
    assert counter.books() == counter.books()._replace(received=ORDERS * FEN, refunds=0, grants=ORDERS)
    assert len(counter.receipts()) == ORDERS
    with counter.db.reading() as conn:
        entries = conn.execute(select(postings.c.entry, postings.c.account)).all()
        fees = conn.execute(select(func.count()).where(postings.c.account == "fees")).scalar_one()
    assert len(entries) == len(set(entries))
    assert fees == ORDERS
    assert reconcile(counter.till.desk, day).left == []
