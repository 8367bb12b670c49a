"""A day's bill against the ledger: fetched, read to its end, matched piece by piece, repaired where wanted.

The bill alone moves neither money nor access: a repair asks the gateway and takes its word, as the till does
every day (`payments.repair`). Only what WeChat kept as its fee is booked from the bill: nothing else says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from infra.errors import KebanError
from infra.log import get_logger
from payments import bill_days, bill_differences
from payments.bill import BillLine, BillTotals, checked, lines
from payments.bill_differences import WAITS_AFTER, WAITS_BEFORE, Kept
from payments.book import WECHAT, book_fees
from payments.desk import Desk
from payments.gateway import Bill
from payments.match import REPAIRS, Difference, compare
from payments.repair import BY_ITSELF, repair
from payments.tables import postings

log = get_logger("payments")

PIECE = 500
DAYS_PER_RUN = 5
NEAR_MIDNIGHT = timedelta(hours=1)
_MISSED = tuple(postings.c[name] for name in ("id", "entry", "order_no", "out_trade_no", "fen", "at"))
EVERY_REPAIR = frozenset(REPAIRS.values())


@dataclass(frozen=True)
class Reconciled:
    """One day: the bill's totals, what was repaired just now, and what still differs."""

    day: date
    totals: BillTotals
    repaired: list[Kept]
    left: list[Kept]


def reconcile(desk: Desk, day: date, *, repairs: Collection[str] = ()) -> Reconciled:
    """Compares the day and makes those of the repairs that are named (see `payments.match.REPAIRS`).

    Raises GatewayUnavailable (BillNotReady among them), GatewayRefused, or BillBroken with nothing changed.
    """
    bill = desk.gateway.trade_bill(day)
    with bill.file:
        totals = checked(bill)
        desk.write(partial(bill_days.begin, day=day, now=desk.now()))
        left = _match(desk, bill)
        repaired = [one for one in left if one.repair in repairs and repair(desk, one)]
        if repaired:
            left = _match(desk, bill)
        elif repairs:
            left = desk.write(partial(bill_differences.open_of, day=day))
    now = desk.now()
    desk.write(lambda conn: bill_days.read(conn, day, bill.sha1, totals, left=len(left), now=now))
    for one in left:
        log.info("bill_differs", day=str(day), kind=one.kind, key=one.key, repair=one.repair)
    say = log.warning if left else log.info
    say("bill_reconciled", day=str(day), rows=totals.rows, repaired=len(repaired), left=len(left))
    return Reconciled(day, totals, repaired, left)


def reconcile_due(desk: Desk, limit: int = DAYS_PER_RUN) -> int:
    """The worker's round: the days whose turn it is, with the repairs that make nobody poorer.

    Returns how many days were tried.
    """
    if not desk.gateway.merchant.mch_id:
        return 0
    with desk.db.reading() as conn:
        days = bill_days.due(conn, desk.now(), limit)
    return sum(_try(desk, seen) for seen in days)


def _try(desk: Desk, seen: bill_days.BillDay) -> bool:
    if not desk.write(partial(bill_days.claim, seen=seen, now=desk.now())):
        return False
    try:
        reconcile(desk, seen.day, repairs=BY_ITSELF)
    except KebanError as error:
        cause = str(error)
        given_up = desk.write(lambda conn: bill_days.failed(conn, seen.day, cause))
        say = log.error if given_up else log.warning
        say("bill_not_read", day=str(seen.day), cause=cause, given_up=given_up)
    return True


def _match(desk: Desk, bill: Bill) -> list[Kept]:
    """Both directions; what is found is written piece by piece. Returns what is open afterwards."""
    seen, still = set[str](), set[tuple[str, str]]()
    every = lines(bill)
    while piece := tuple(islice(every, PIECE)):
        found = desk.write(partial(_match_piece, desk=desk, day=bill.day, piece=piece, seen=seen))
        seen.update(line.entry for line in piece)
        still.update((one.kind, one.key) for one in found)
    for rows in _unseen(desk, bill.day, seen):
        still.update(desk.write(partial(_miss, day=bill.day, rows=rows, now=desk.now())))
    now = desk.now()
    desk.write(lambda conn: bill_differences.close_gone(conn, bill.day, still, now))
    with desk.db.reading() as conn:
        return bill_differences.open_of(conn, bill.day)


def _match_piece(
    conn: Connection, desk: Desk, day: date, piece: tuple[BillLine, ...], seen: Collection[str]
) -> list[Difference]:
    now = desk.now()
    found = compare(conn, piece, day, desk.gateway.merchant, seen)
    bill_differences.record(conn, day, found.differences, now)
    bill_differences.note_elsewhere(conn, day, found.elsewhere, now)
    book_fees(conn, found.fees, now)
    return found.differences


def _unseen(desk: Desk, day: date, seen: set[str]) -> Iterator[list[Any]]:
    """What the ledger has on that day and the bill has not, a piece at a time."""
    start, end = bill_days.bounds(day)
    after: Any = postings.c.at >= start
    while True:
        of_day = select(*_MISSED).where(postings.c.account == WECHAT, after, postings.c.at < end)
        with desk.db.reading() as conn:
            rows = conn.execute(of_day.order_by(postings.c.at, postings.c.id).limit(PIECE * 4)).all()
        if not rows:
            return
        last = rows[-1]
        is_after = or_(postings.c.at > last.at, postings.c.id > last.id)
        after = and_(postings.c.at >= last.at, is_after)
        missed = [row for row in rows if row.entry not in seen and not row.entry.startswith("fee:")]
        if missed:
            yield missed


def _miss(conn: Connection, day: date, rows: list[Any], now: datetime) -> set[tuple[str, str]]:
    elsewhere = bill_differences.seen_elsewhere(conn, day, [row.entry for row in rows])
    missed = [row for row in rows if row.entry not in elsewhere]
    for status in ("open", WAITS_BEFORE, WAITS_AFTER):
        found = [_missing_there(row) for row in missed if _waits(conn, day, row.at) == status]
        bill_differences.record(conn, day, found, now, status)
    return {("missing_there", row.entry) for row in missed}


def _waits(conn: Connection, day: date, at: datetime) -> str:
    """Near midnight the neighbour's bill decides, once it is read."""
    start, end = bill_days.bounds(day)
    one = timedelta(days=1)
    if at >= end - NEAR_MIDNIGHT and not bill_days.is_read(conn, day + one):
        return WAITS_AFTER
    is_early = at < start + NEAR_MIDNIGHT and not bill_days.is_read(conn, day - one)
    return WAITS_BEFORE if is_early and bill_days.will_be_read(conn, day - one) else "open"


def _missing_there(row: Any) -> Difference:
    kind, _, number = row.entry.partition(":")
    return Difference(
        "missing_there",
        row.entry,
        out_trade_no=row.out_trade_no,
        out_refund_no=number if kind == "refund" else None,
        transaction_id=number if kind == "payment" else None,
        ours_fen=abs(row.fen),
    )
