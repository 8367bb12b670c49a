"""A refund: money of one payment on its way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from payments.tables import refunds
from payments.transitions import OPEN_REFUND

QUICK_TRIES = 12  # within a day
DAYS_OF_TRYING = 30
MOST_TRIES = 80  # of a refund that somebody asked for: some two weeks
MOST_AUTOMATIC_TRIES = QUICK_TRIES + DAYS_OF_TRYING
AUTOMATIC = "surplus:"
RETURNABLE = timedelta(days=365)  # WeChat Pay gives nothing back after a year


@dataclass(frozen=True)
class Refund:
    """A row of ``refunds``. Money in fen; ``cause`` says who or what asked, and makes it unique."""

    out_refund_no: str
    order_no: str
    out_trade_no: str
    number: int
    cause: str
    fen: int
    total_fen: int
    reason: str
    asked_by: str
    status: str
    refund_id: str | None
    tries: int
    due_at: datetime
    last_error: str
    created_at: datetime

    @property
    def is_automatic(self) -> bool:
        """Of money that the order has no use for: nobody asked for it, and nobody would ask again."""
        return self.cause.startswith(AUTOMATIC)

    @property
    def is_stuck(self) -> bool:
        """Not finished, and not going as it should: an operator may do something and have it tried again."""
        has_trouble = bool(self.last_error) or self.status == "abnormal" or self.tries >= self.most_tries
        return self.status in OPEN_REFUND and has_trouble

    @property
    def most_tries(self) -> int:
        return MOST_AUTOMATIC_TRIES if self.is_automatic else MOST_TRIES


def is_too_late(paid_at: datetime, now: datetime) -> bool:
    """Whether the gateway would refuse, whoever asks."""
    return now >= paid_at + RETURNABLE


def is_under_way() -> ColumnElement[bool]:
    """In SQL: not finished, and there are tries left."""
    most = case((refunds.c.cause.startswith(AUTOMATIC), MOST_AUTOMATIC_TRIES), else_=MOST_TRIES)
    return and_(refunds.c.status.in_(OPEN_REFUND), refunds.c.tries < most)


def number_of(out_trade_no: str, number: int) -> str:
    """The ``out_refund_no`` of a payment's n-th refund; a repeat keeps it, so WeChat pays it once."""
    return f"{out_trade_no}R{number:02d}"


def find(conn: Connection, out_refund_no: str) -> Refund | None:
    row = conn.execute(select(refunds).where(refunds.c.out_refund_no == out_refund_no)).one_or_none()
    return None if row is None else _refund(row)


def all_of(conn: Connection, order_no: str) -> list[Refund]:
    """Oldest first."""
    wanted = select(refunds).where(refunds.c.order_no == order_no)
    return [
        _refund(row) for row in conn.execute(wanted.order_by(refunds.c.created_at, refunds.c.out_refund_no))
    ]


def closed_of(conn: Connection, out_trade_no: str) -> list[Refund]:
    """All of one payment that ended without its money going back, as far as is known here."""
    wanted = select(refunds).where(refunds.c.out_trade_no == out_trade_no, refunds.c.status == "closed")
    return [_refund(row) for row in conn.execute(wanted.order_by(refunds.c.number))]


def due(conn: Connection, now: datetime, limit: int) -> list[Refund]:
    """Unfinished refunds whose next step is due, the longest due first."""
    wanted = select(refunds).where(is_under_way(), refunds.c.due_at <= now)
    return [_refund(row) for row in conn.execute(wanted.order_by(refunds.c.due_at).limit(limit))]


def last_number(conn: Connection, out_trade_no: str) -> int:
    wanted = select(func.max(refunds.c.number)).where(refunds.c.out_trade_no == out_trade_no)
    return conn.execute(wanted).scalar() or 0


def _refund(row: Any) -> Refund:
    return Refund(**{name: getattr(row, name) for name in Refund.__dataclass_fields__})
