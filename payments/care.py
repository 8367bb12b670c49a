"""What an operator has to look at.

An attempt is marked (``wrong``) when the gateway's word did not match, or when money that should go back did
not. One column holds all its marks, and each is resolved by itself: ``new; older; resolved: old; oldest``.
What is resolved stays as history where there is room.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, literal, select, union, update

from payments.audit import is_dismissed
from payments.gift_tables import gifts
from payments.refund import is_under_way
from payments.tables import attempts, grants, orders, refunds

RESOLVED = "resolved: "
ABOUT_A_REFUND = "refund "
_BETWEEN = "; "
_MORE = "and more"  # belongs to no single matter, so only what resolves all of them resolves it
_MOST_OF_ONE = 120
_MOST_UNRESOLVED = 260
_MOST_CHARS = 300  # the column's


def mark(conn: Connection, out_trade_no: str, what: str, now: datetime) -> None:
    """Marks an attempt; the caller holds its order's row. What is unresolved already stays in sight."""
    unresolved, history = _read(conn, out_trade_no)
    part = what.replace(_BETWEEN, ", ")[:_MOST_OF_ONE]
    if part not in unresolved:
        _write(conn, out_trade_no, [part, *unresolved], history, now)


def resolve(conn: Connection, out_trade_no: str, now: datetime, *, about: str = "") -> None:
    """The truth has come, or the money has gone back: marks that begin with ``about`` are history.

    The others stay. The caller holds the order's row.
    """
    unresolved, history = _read(conn, out_trade_no)
    over = [part for part in unresolved if part.startswith(about)]
    left = [part for part in unresolved if not part.startswith(about)]
    if over:
        _write(conn, out_trade_no, left, [*over, *history], now)


def _read(conn: Connection, out_trade_no: str) -> tuple[list[str], list[str]]:
    """What is unresolved, and what is history: newest first each, and in the column in this sequence."""
    text = conn.execute(select(attempts.c.wrong).where(attempts.c.out_trade_no == out_trade_no)).scalar()
    parts = text.split(_BETWEEN) if text else []
    begins = next((at for at, part in enumerate(parts) if part.startswith(RESOLVED)), len(parts))
    return parts[:begins], [part.removeprefix(RESOLVED) for part in parts[begins:]]


def _write(
    conn: Connection, out_trade_no: str, unresolved: list[str], history: list[str], now: datetime
) -> None:
    """Parts are left out whole: half of one would be taken for another matter."""
    parts = _fitting(unresolved)
    for at, part in enumerate(history):
        parts = [*parts, part if at else RESOLVED + part]
        if len(_BETWEEN.join(parts)) > _MOST_CHARS:
            parts.pop()
            break
    of_attempt = update(attempts).where(attempts.c.out_trade_no == out_trade_no)
    conn.execute(of_attempt.values(wrong=_BETWEEN.join(parts), updated_at=now))


def _fitting(unresolved: list[str]) -> list[str]:
    """The newest, and a word that there is more where not all have room."""
    if len(_BETWEEN.join(unresolved)) <= _MOST_UNRESOLVED:
        return unresolved
    kept = [part for part in unresolved if part != _MORE]
    while len(_BETWEEN.join([*kept, _MORE])) > _MOST_UNRESOLVED:
        kept.pop()
    return [*kept, _MORE]


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
    has_code = exists().where(gifts.c.order_no == orders.c.order_no)
    going_back = exists().where(refunds.c.order_no == orders.c.order_no, is_under_way())
    return select(orders.c.order_no).where(
        orders.c.status.in_(("paid", "partially_refunded")),
        ~opened,
        ~has_code,
        ~going_back,
        ~is_dismissed(orders.c.order_no),
    )
