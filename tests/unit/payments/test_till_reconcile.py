"""Random books against a bill with random faults: each is found, repairs make the books equal, and a second
time changes nothing.
"""

from __future__ import annotations

import tempfile
from collections import Counter as Count
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from infra.clock import ManualClock
from infra.database import Database, metadata
from infra.outbox import outbox
from payments import bill_differences
from payments.bill_tables import bill_differences as differences
from payments.reconcile import EVERY_REPAIR, reconcile
from payments.tables import attempts, grants, orders, postings, refunds
from tests.unit.payments.counter import CRAWLER, Counter
from tests.unit.payments.pretend_bill import Movement
from tests.unit.payments.test_till_close import desk

DAY = date(2026, 1, 5)
DAYS = (DAY, DAY + timedelta(days=1))
FEN = (1, 990, 9900, 19999)
# What befalls one purchase, and what kind of difference has to be found.
OF_THE_BOOKS = {
    "well": None,
    "back": None,
    "not_told": "missing_payment",
    "refund_not_told": "missing_refund",
    "by_hand": "foreign_refund",
    "grant_lost": "not_opened",
}
OF_THE_BILL = {
    "well": None,
    "left_out": "missing_there",
    "other_fen": "other_amount",
    "other_number": "other_number",
    "twice": "twice",
    "stranger": "stranger_payment",
}


@dataclass(frozen=True)
class Purchase:
    fen: int
    books: str
    bill: str
    seconds: int  # until the next one


FAULTS = [(books, "well") for books in OF_THE_BOOKS] + [("well", bill) for bill in OF_THE_BILL]
FAULTS += [("back", bill) for bill in OF_THE_BILL]
PURCHASES = st.builds(
    lambda fen, faults, seconds: Purchase(fen, faults[0], faults[1], seconds),
    st.sampled_from(FEN),
    st.sampled_from(FAULTS),
    st.sampled_from([1, 600, 4 * 3600]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PURCHASES, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_each_fault_is_found_and_repairs_make_the_books_equal(
    purchases: list[Purchase], near_midnight: bool, backwards: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder)}/keban.db")
        metadata.create_all(db.engine)
        try:
            check(Counter.opened(db, ManualClock()), purchases, near_midnight, backwards)
        finally:
            db.close()


def check(counter: Counter, purchases: list[Purchase], near_midnight: bool, backwards: bool) -> None:
    if near_midnight:
        counter.clock.advance(14 * 3600 - 700)
    wanted = Count(kind for number, one in enumerate(purchases) for kind in happened(counter, number, one))
    counter.clock.advance(3 * 86_400)
    days = DAYS[::-1] if backwards else DAYS
    assert found(counter, days) == wanted
    before = contents(counter)
    assert found(counter, days) == wanted and contents(counter) == before, "looking again changes nothing"
    repaired(counter, days)
    assert found(counter, days) == Count(kind for kind in wanted.elements() if kind in OF_THE_BILL.values())
    settled(counter, days)
    counter.gateway.tamper = lambda moved: moved
    repaired(counter, days)
    assert found(counter, days) == Count(), "with the bill as it should be, all is equal"
    settled(counter, days)


def repaired(counter: Counter, days: tuple[date, ...]) -> None:
    for day in days:
        reconcile(desk(counter), day, repairs=EVERY_REPAIR)


def settled(counter: Counter, days: tuple[date, ...]) -> None:
    after = contents(counter)
    repaired(counter, days)
    assert contents(counter) == after, "a second time changes nothing"
    assert ledger_fen(counter) == counter.gateway.took_fen - counter.gateway.gave_back_fen
    assert readers(counter) == kept_by(counter)


def happened(counter: Counter, number: int, one: Purchase) -> list[str]:
    """Lets one purchase happen with its faults; which differences there are to be found."""
    openid, offer = f"oFollower_{number:018d}", replace(CRAWLER, price_fen=one.fen)
    _, out_trade_no = counter.paid(openid, offer)
    order_no = counter.till.orders_of(openid)[0].order_no
    if one.books != "not_told":
        counter.tell(out_trade_no)
    befall(counter, one, order_no, out_trade_no)
    transaction_id = counter.gateway.accounts[out_trade_no].transaction_id
    spoil(counter, one.bill, transaction_id)
    counter.clock.advance(one.seconds)
    return [kind for kind in (OF_THE_BOOKS[one.books], OF_THE_BILL[one.bill]) if kind]


def befall(counter: Counter, one: Purchase, order_no: str, out_trade_no: str) -> None:
    if one.books == "back":
        counter.refunded(order_no)
    if one.books == "refund_not_told":
        counter.gateway.refund_ends(counter.till.refund(order_no, None, "不想学了").out_refund_no)
    if one.books == "by_hand":
        counter.gateway.refunded_by_hand(out_trade_no, one.fen)
    if one.books == "grant_lost":
        with counter.db.transaction() as conn:
            conn.execute(delete(grants).where(grants.c.source == f"order:{order_no}"))


def spoil(counter: Counter, how: str, transaction_id: str) -> None:
    """Only the payment's line; a refund's stays."""
    before = counter.gateway.tamper

    def is_meant(line: Movement) -> bool:
        return line.transaction_id == transaction_id and not line.out_refund_no

    def spoilt(moved: list[Movement]) -> list[Movement]:
        lines = list[Movement]()
        for line in before(moved):
            lines += SPOILT[how](line) if is_meant(line) else [line]
        return lines

    counter.gateway.tamper = spoilt


SPOILT: dict[str, Any] = {
    "well": lambda line: [line],
    "left_out": lambda line: [],
    "other_fen": lambda line: [replace(line, fen=line.fen + 1)],
    "other_number": lambda line: [replace(line, out_trade_no="somebodyelses01")],
    "twice": lambda line: [line, line],
    "stranger": lambda line: [
        line,
        replace(line, transaction_id=f"x{line.transaction_id[-20:]}", out_trade_no="nobodys1"),
    ],
}


def found(counter: Counter, days: tuple[date, ...]) -> Count[str]:
    for day in days:
        reconcile(desk(counter), day)
    with counter.db.reading() as conn:
        return Count(one.kind for day in DAYS for one in bill_differences.open_of(conn, day))


def contents(counter: Counter) -> list[Any]:
    """All that a repair could touch."""
    tables = (orders, attempts, grants, refunds, postings, outbox)
    kept = select(differences.c.key, differences.c.kind, differences.c.status, differences.c.repair)
    with counter.db.reading() as conn:
        rows = [tuple(row) for one in tables for row in conn.execute(select(one))]
        return rows + sorted(tuple(row) for row in conn.execute(kept))


def ledger_fen(counter: Counter) -> int:
    moved = select(func.sum(postings.c.fen)).where(
        postings.c.account == "wechat", ~postings.c.entry.startswith("fee:")
    )
    with counter.db.reading() as conn:
        return int(conn.execute(moved).scalar() or 0)


def readers(counter: Counter) -> set[str]:
    with counter.db.reading() as conn:
        return set(conn.execute(select(grants.c.openid).where(grants.c.status == "active")).scalars())


def kept_by(counter: Counter) -> set[str]:
    """Whose money the provider took and did not give back."""
    back = {one.out_trade_no for one in counter.gateway.refunds.values() if one.state == "SUCCESS"}
    accounts = counter.gateway.accounts.items()
    return {paid.request.openid for number, paid in accounts if paid.transaction_id and number not in back}
