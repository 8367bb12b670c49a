"""The differences of a day as they are kept: found, gone, waiting for a neighbour's bill, or dismissed.

``open`` ones are shown and told of. ``waits_before`` and ``waits_after`` are ours within an hour of midnight:
WeChat may have counted them on the neighbouring day, whose bill has not been read. ``noted`` are lines whose
movement stands on another day here, so that nobody misses them there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from infra.database import insert_absent
from payments.bill import BillLine
from payments.bill_tables import bill_differences as table
from payments.match import REPAIRS, Difference

WAITS_BEFORE, WAITS_AFTER = "waits_before", "waits_after"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """A row of ``bill_differences``."""

    id: int
    day: date
    kind: str
    key: str
    out_trade_no: str | None
    out_refund_no: str | None
    transaction_id: str | None
    ours_fen: int | None
    theirs_fen: int | None
    repair: str
    status: str


def record(
    conn: Connection, day: date, found: Sequence[Difference], now: datetime, status: str = "open"
) -> None:
    """Writes down what was found. What was dismissed stays so unless it has another amount now."""
    if not found:
        return
    before = {(one.kind, one.key): one for one in _of_keys(conn, day, {one.key for one in found})}
    fresh = [one for one in found if (one.kind, one.key) not in before]
    new = {"day": day, "status": status, "created_at": now, "closed_at": None}
    insert_absent(conn, table, [asdict(one) | new | {"repair": REPAIRS[one.kind]} for one in fresh])
    for one in found:
        known = before.get((one.kind, one.key))
        if known is not None and _is_new_again(known, one, status):
            amounts = {"ours_fen": one.ours_fen, "theirs_fen": one.theirs_fen}
            values = amounts | {"repair": REPAIRS[one.kind], "status": status, "closed_at": None}
            conn.execute(update(table).where(table.c.id == known.id).values(**values))


def _is_new_again(known: Kept, found: Difference, status: str) -> bool:
    same = (known.ours_fen, known.theirs_fen) == (found.ours_fen, found.theirs_fen)
    return not same if known.status in ("dismissed", "open") else known.status != status


def note_elsewhere(conn: Connection, day: date, seen: Sequence[BillLine], now: datetime) -> None:
    """These lines were seen on ``day``: they are missing on no other."""
    rows = [
        {
            "day": day,
            "kind": "other_day",
            "key": line.entry[:96],
            "out_trade_no": line.out_trade_no[:32],
            "out_refund_no": line.out_refund_no or None,
            "transaction_id": line.transaction_id[:64],
            "ours_fen": None,
            "theirs_fen": line.fen,
            "repair": "",
            "status": "noted",
            "created_at": now,
            "closed_at": now,
        }
        for line in seen
    ]
    insert_absent(conn, table, rows)
    keys = [line.entry for line in seen]
    is_missed = (table.c.kind == "missing_there", table.c.key.in_(keys), table.c.day != day)
    waiting = table.c.status.in_(("open", WAITS_BEFORE, WAITS_AFTER))
    if keys:
        conn.execute(update(table).where(*is_missed, waiting).values(status="closed", closed_at=now))


def seen_elsewhere(conn: Connection, day: date, keys: Sequence[str]) -> set[str]:
    """Those of the entries that stood in the bill of another day."""
    was_theirs = table.c.theirs_fen.is_not(None)
    wanted = select(table.c.key).where(table.c.key.in_(keys), table.c.day != day, was_theirs)
    return set(conn.execute(wanted).scalars())


def close_gone(conn: Connection, day: date, still: set[tuple[str, str]], now: datetime) -> None:
    """What this reading of the bill did not find any more is over; what waited for it waits no more."""
    wanted = select(table.c.id, table.c.kind, table.c.key).where(
        table.c.day == day, table.c.status.in_(("open", "dismissed", WAITS_BEFORE, WAITS_AFTER))
    )
    gone = [row.id for row in conn.execute(wanted).all() if (row.kind, row.key) not in still]
    for at in range(0, len(gone), 500):
        of_gone = table.c.id.in_(gone[at : at + 500])
        conn.execute(update(table).where(of_gone).values(status="closed", closed_at=now))
    for neighbour, waits in ((day - _ONE_DAY, WAITS_AFTER), (day + _ONE_DAY, WAITS_BEFORE)):
        of_neighbour = (table.c.day == neighbour, table.c.status == waits)
        conn.execute(update(table).where(*of_neighbour).values(status="open"))


def open_of(conn: Connection, day: date) -> list[Kept]:
    """In the sequence in which they were found."""
    wanted = select(*_COLUMNS).where(table.c.day == day, table.c.status == "open").order_by(table.c.id)
    return [Kept(*row) for row in conn.execute(wanted)]


def count_open(conn: Connection) -> dict[date, int]:
    """How many are open, by day."""
    wanted = select(table.c.day, func.count()).where(table.c.status == "open").group_by(table.c.day)
    return {row[0]: row[1] for row in conn.execute(wanted)}


def find(conn: Connection, number: int) -> Kept | None:
    row = conn.execute(select(*_COLUMNS).where(table.c.id == number)).one_or_none()
    return None if row is None else Kept(*row)


def end(conn: Connection, number: int, status: str, now: datetime) -> bool:
    """``closed`` or ``dismissed``; False if it was not open."""
    is_open = (table.c.id == number, table.c.status == "open")
    return conn.execute(update(table).where(*is_open).values(status=status, closed_at=now)).rowcount == 1


def leave_to_operator(conn: Connection, number: int) -> None:
    """The gateway was asked, and that did not repair it."""
    conn.execute(update(table).where(table.c.id == number).values(repair="operator"))


_COLUMNS = tuple(table.c[name] for name in Kept.__dataclass_fields__)


def _of_keys(conn: Connection, day: date, keys: Iterable[str]) -> list[Kept]:
    every, found = list(keys), list[Any]()
    for at in range(0, len(every), 500):
        some = table.c.key.in_(every[at : at + 500])
        found += conn.execute(select(*_COLUMNS).where(table.c.day == day, some)).all()
    return [Kept(*row) for row in found]
