"""What an operator has to look at.

An attempt is marked (``wrong``) when the gateway's word did not match, or when money that should go back did
not. The mark stays as history once the matter is resolved, and says so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, literal, select, union, update

from payments.refund import is_under_way
from payments.tables import attempts, grants, orders, refunds

RESOLVED = "resolved: "
ABOUT_A_REFUND = "refund "
_MOST_CHARS = 280  # leaves room for RESOLVED in the column's 300


def mark(conn: Connection, out_trade_no: str, what: str, now: datetime) -> None:
    """Marks an attempt; the caller holds its order's row. What is unresolved already stays in sight."""
    is_it = attempts.c.out_trade_no == out_trade_no
    before = conn.execute(select(attempts.c.wrong).where(is_it)).scalar() or ""
    unresolved = before if is_unresolved(before) else ""
    if what in unresolved:
        return
    both = f"{what}; {unresolved}" if unresolved else what
    conn.execute(update(attempts).where(is_it).values(wrong=both[:_MOST_CHARS], updated_at=now))


def resolve(conn: Connection, out_trade_no: str, now: datetime, *, about: str = "") -> None:
    """The truth has come, or the money has gone back: marks that begin with ``about`` are history."""
    conn.execute(
        update(attempts)
        .where(attempts.c.out_trade_no == out_trade_no, _is_marked(), attempts.c.wrong.startswith(about))
        .values(wrong=literal(RESOLVED) + attempts.c.wrong, updated_at=now)
    )


def is_unresolved(wrong: str) -> bool:
    return bool(wrong) and not wrong.startswith(RESOLVED)


def needing(conn: Connection) -> frozenset[str]:
    """The numbers of all orders that need care: few, so they are not counted or picked by the database."""
    return frozenset(conn.execute(union(_marked(), _stranded())).scalars())


def _is_marked() -> ColumnElement[bool]:
    return and_(attempts.c.wrong != "", ~attempts.c.wrong.startswith(RESOLVED))


def _marked() -> Select[Any]:
    return select(attempts.c.order_no).where(_is_marked())


def _stranded() -> Select[Any]:
    """Money was taken, nothing was ever opened for it, and no refund is under way.

    Only after an automatic refund was given up; here so that a refund of a part does not hide the rest.
    """
    opened = exists().where(grants.c.source == literal("order:") + orders.c.order_no)
    going_back = exists().where(refunds.c.order_no == orders.c.order_no, is_under_way())
    return select(orders.c.order_no).where(
        orders.c.status.in_(("paid", "partially_refunded")), ~opened, ~going_back
    )
