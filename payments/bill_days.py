"""Which days' bills are to be fetched, and who fetches one: claimed by a conditional update, with an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, func, select, update

from infra.database import insert_if_absent
from payments.bill import BEIJING, BillTotals
from payments.bill_tables import bills
from payments.tables import orders

READY_AT = time(10, 0)  # of the next day, in Beijing
KEPT_DAYS = 90  # at WeChat Pay
MOST_TRIES = 16
FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=6)
# A day is ``due`` until its bill was read, then ``equal`` or ``differs``; ``failed`` when the tries are over.
_OPEN = ("due", "differs")


@dataclass(frozen=True)
class BillDay:
    """A row of ``bills``: how far the reconciliation of one day has come."""

    day: date
    status: str
    tries: int
    due_at: datetime
    last_error: str

    def is_due(self, now: datetime) -> bool:
        return self.status in _OPEN and self.due_at <= now and self.tries < MOST_TRIES


def bounds(day: date) -> tuple[datetime, datetime]:
    """The day's first moment, and the first one after it."""
    return (
        datetime.combine(day, time(), BEIJING),
        datetime.combine(day + timedelta(days=1), time(), BEIJING),
    )


def newest_ready(now: datetime) -> date:
    """The last day whose bill can be asked for."""
    here = now.astimezone(BEIJING)
    return here.date() - timedelta(days=1 if here.time() >= READY_AT else 2)


def find(conn: Connection, day: date) -> BillDay | None:
    return next(iter(_days(conn, day, day)), None)


def due(conn: Connection, now: datetime, limit: int) -> list[BillDay]:
    """The oldest days whose turn it is: from the first order on, as far back as WeChat keeps bills."""
    first = conn.execute(select(func.min(orders.c.created_at))).scalar()
    if first is None:
        return []
    last, today = newest_ready(now), now.astimezone(BEIJING).date()
    begin = max(first.astimezone(BEIJING).date(), today - timedelta(days=KEPT_DAYS - 1))
    known = {one.day: one for one in _days(conn, begin, last)}
    wanted = [begin + timedelta(days=after) for after in range((last - begin).days + 1)]
    days = [known.get(day) or BillDay(day, "due", 0, now, "") for day in wanted]
    return [one for one in days if one.is_due(now)][:limit]


def claim(conn: Connection, seen: BillDay, now: datetime) -> bool:
    """One worker takes this try; the next is due later and later."""
    begin(conn, seen.day, now)
    pause = min(FIRST_PAUSE * 2 ** min(seen.tries, 10), LONGEST_PAUSE)
    claimed = conn.execute(
        update(bills)
        .where(bills.c.day == seen.day, bills.c.tries == seen.tries, bills.c.status.in_(_OPEN))
        .where(bills.c.due_at <= now)
        .values(tries=seen.tries + 1, due_at=now + pause)
    )
    return claimed.rowcount == 1


def begin(conn: Connection, day: date, now: datetime) -> None:
    """The day's row, if it is not there yet."""
    row = {"day": day, "status": "due", "sha1": "", "rows": 0, "tries": 0, "due_at": now, "last_error": ""}
    row |= {"received_fen": 0, "refunded_fen": 0, "fee_fen": 0, "fetched_at": None}
    insert_if_absent(conn, bills, row)


def failed(conn: Connection, day: date, cause: str) -> bool:
    """Writes down why; True when that was the last try."""
    last = bills.c.tries >= MOST_TRIES
    conn.execute(update(bills).where(bills.c.day == day).values(last_error=cause[:300]))
    given_up = conn.execute(
        update(bills).where(bills.c.day == day, bills.c.status == "due", last).values(status="failed")
    )
    return given_up.rowcount == 1


def read(conn: Connection, day: date, sha1: str, totals: BillTotals, *, left: int, now: datetime) -> None:
    """The bill was read and compared; ``left`` differences are open."""
    conn.execute(
        update(bills)
        .where(bills.c.day == day)
        .values(
            status="differs" if left else "equal",
            sha1=sha1,
            rows=totals.rows,
            received_fen=totals.received_fen,
            refunded_fen=totals.refunded_fen,
            fee_fen=totals.fee_fen,
            last_error="",
            fetched_at=now,
        )
    )


def is_read(conn: Connection, day: date) -> bool:
    known = find(conn, day)
    return known is not None and known.status in ("equal", "differs")


def will_be_read(conn: Connection, day: date) -> bool:
    """Whether the till was in use by then: there is something to compare its bill with."""
    _, end = bounds(day)
    before = select(orders.c.order_no).where(orders.c.created_at < end).limit(1)
    return conn.execute(before).first() is not None


def _days(conn: Connection, first: date, last: date) -> list[BillDay]:
    wanted = select(bills.c.day, bills.c.status, bills.c.tries, bills.c.due_at, bills.c.last_error)
    rows = conn.execute(wanted.where(bills.c.day >= first, bills.c.day <= last).order_by(bills.c.day))
    return [BillDay(*row) for row in rows]
