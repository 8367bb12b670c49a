"""Orders with their figures, for a spreadsheet: every amount is the ledger's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from infra.database import Database
from payments.book import FEES, WECHAT
from payments.order import Order, after
from payments.tables import attempts, postings

PIECE = 500


@dataclass(frozen=True)
class Figures:
    """In fen. ``transactions``: WeChat's numbers of the payments."""

    received_fen: int = 0
    refunded_fen: int = 0
    fee_fen: int = 0
    transactions: tuple[str, ...] = ()

    @property
    def net_fen(self) -> int:
        return self.received_fen - self.refunded_fen - self.fee_fen


def exported(db: Database, start: datetime, end: datetime) -> Iterator[tuple[Order, Figures]]:
    """Orders that were made from ``start`` until before ``end``, oldest first."""
    seen: Order | None = None
    while True:
        with db.reading() as conn:
            piece = after(conn, start, end, seen, PIECE)
            figures = _figures(conn, [order.order_no for order in piece])
        for order in piece:
            yield order, figures[order.order_no]
        if len(piece) < PIECE:
            return
        seen = piece[-1]


def _figures(conn: Connection, numbers: list[str]) -> dict[str, Figures]:
    moved = select(postings.c.order_no, postings.c.entry, postings.c.account, postings.c.fen)
    is_held = postings.c.account.in_((WECHAT, FEES))
    sums = {number: [0, 0, 0] for number in numbers}
    for row in conn.execute(moved.where(postings.c.order_no.in_(numbers), is_held)):
        _add(sums[row.order_no], row)
    paid = select(attempts.c.order_no, attempts.c.transaction_id).where(
        and_(attempts.c.order_no.in_(numbers), attempts.c.transaction_id.is_not(None))
    )
    names: dict[str, list[str]] = {number: [] for number in numbers}
    for order_no, name in conn.execute(paid.order_by(attempts.c.number)):
        names[order_no].append(name)
    return {
        number: Figures(received, refunded, fee, tuple(names[number]))
        for number, (received, refunded, fee) in sums.items()
    }


def _add(sums: list[int], row: Any) -> None:
    if row.account == FEES:
        sums[2] += row.fen
    elif row.entry.startswith("payment:"):
        sums[0] += row.fen
    elif row.entry.startswith("refund:"):
        sums[1] -= row.fen
