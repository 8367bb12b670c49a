"""An attempt: one try to pay an order, with an ``out_trade_no`` of its own.

WeChat Pay never lets the parameters of an ``out_trade_no`` change, and a ``prepay_id`` lives two hours, so an
order may need several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from infra.together import Together
from payments import care
from payments.gateway import Payment, Way
from payments.tables import attempts
from payments.transitions import ATTEMPT, ENDED_ATTEMPT, OPEN_ATTEMPT, leads, moving

_MARGIN = timedelta(minutes=5)
FRESH: dict[Way, timedelta] = {
    "jsapi": timedelta(hours=2) - _MARGIN,
    "native": timedelta(hours=2) - _MARGIN,
    "h5": timedelta(minutes=4),  # of five
}
MOST_ATTEMPTS = 50

# An attempt that has ended is asked about again: the gateway's own expiry is not always honoured, and the
# notification of money that came late may be lost as any other.
LATE_LOOKS = 2
FIRST_LATE_LOOK = timedelta(hours=1)
BETWEEN_LATE_LOOKS = timedelta(hours=23)
LATE_LOOKS_WITHIN = timedelta(days=7)  # of being due; what ended before there were late looks is left alone


@dataclass(frozen=True)
class Attempt:
    """A row of ``attempts``. ``wrong`` is for an operator, see `payments.care`."""

    out_trade_no: str
    order_no: str
    number: int
    way: Way
    openid: str
    total_fen: int
    asked_for: str
    status: str
    prepay_id: str | None
    pay_url: str | None
    prepay_at: datetime | None
    transaction_id: str | None
    payer: str | None
    success_at: datetime | None
    received_fen: int
    refunded_fen: int
    pending_fen: int
    wrong: str
    queries: int
    created_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_ATTEMPT

    @property
    def is_ended(self) -> bool:
        return self.status in ENDED_ATTEMPT

    @property
    def refundable_fen(self) -> int:
        return self.received_fen - self.refunded_fen - self.pending_fen

    def is_fresh(self, now: datetime) -> bool:
        """What it was prepared with can still be paid, with a margin."""
        return self.prepay_at is not None and now < self.prepay_at + FRESH[self.way]


def number_of(order_no: str, number: int) -> str:
    """The ``out_trade_no`` of an order's n-th attempt: at most 22 of WeChat's 32 characters."""
    return f"{order_no}{number:02d}"


def find(conn: Connection, out_trade_no: str) -> Attempt | None:
    return _one(conn, select(attempts).where(attempts.c.out_trade_no == out_trade_no))


def live_of(conn: Connection, order_no: str) -> Attempt | None:
    """The one attempt of this order that is being paid now."""
    return _one(conn, select(attempts).where(attempts.c.live_key == order_no))


def credit(writing: Together, attempt: Attempt, paid: Payment, now: datetime) -> Attempt | None:
    """Writes down that the money is here; the attempt with it, or None if that was known already.

    The caller holds the order's row, under which alone money is credited.
    """
    if not leads(ATTEMPT, attempt.status, "success"):
        return None
    came: dict[str, Any] = {"transaction_id": paid.transaction_id, "received_fen": paid.total_fen}
    came["payer"] = paid.openid or None
    at = paid.success_at or now
    if attempt.wrong:
        care.resolve(writing.conn, attempt.out_trade_no, now)
    number = attempt.out_trade_no
    writing.must(moving(attempts, number, "success", now=now, live_key=None, success_at=at, **came))
    return replace(attempt, status="success", success_at=at, **came)


def all_of(conn: Connection, order_no: str) -> list[Attempt]:
    """Oldest first."""
    wanted = select(attempts).where(attempts.c.order_no == order_no).order_by(attempts.c.number)
    return [_attempt(row) for row in conn.execute(wanted)]


def paid_of(conn: Connection, order_nos: Sequence[str]) -> list[Attempt]:
    """All that brought money, of several orders."""
    wanted = select(attempts).where(attempts.c.order_no.in_(order_nos), attempts.c.status == "success")
    return [_attempt(row) for row in conn.execute(wanted)]


def open_of(conn: Connection, order_no: str) -> list[Attempt]:
    return [attempt for attempt in all_of(conn, order_no) if attempt.is_open]


def doubtful_of(conn: Connection, order_no: str, limit: int) -> list[Attempt]:
    """All that brought no money as far as is known: open ones first, then the newest."""
    doubtful = [attempt for attempt in all_of(conn, order_no) if attempt.is_open or attempt.is_ended]
    return sorted(doubtful, key=lambda attempt: (not attempt.is_open, -attempt.number))[:limit]


def due(conn: Connection, now: datetime, limit: int) -> list[Attempt]:
    """Attempts that it is time to ask about, the longest due first: open ones, and ended ones twice more."""
    is_open = attempts.c.status.in_(OPEN_ATTEMPT)
    is_ended = and_(
        attempts.c.status.in_(ENDED_ATTEMPT),
        attempts.c.queries < LATE_LOOKS,
        attempts.c.due_at > now - LATE_LOOKS_WITHIN,
    )
    wanted = select(attempts).where(or_(is_open, is_ended), attempts.c.due_at <= now)
    return [_attempt(row) for row in conn.execute(wanted.order_by(attempts.c.due_at).limit(limit))]


def last_number(conn: Connection, order_no: str) -> int:
    wanted = select(func.max(attempts.c.number)).where(attempts.c.order_no == order_no)
    return conn.execute(wanted).scalar() or 0


def _one(conn: Connection, wanted: Any) -> Attempt | None:
    row = conn.execute(wanted).one_or_none()
    return None if row is None else _attempt(row)


def _attempt(row: Any) -> Attempt:
    return read(row._mapping)


def read(row: Mapping[str, Any]) -> Attempt:
    """Of a row of ``attempts``, by column."""
    return Attempt(**{name: row[name] for name in Attempt.__dataclass_fields__})
