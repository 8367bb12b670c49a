"""What followers want to have on their invoices. The operator makes them out; here is the list.

Titles and tax numbers are somebody's own: they are in this table and in what the operator prints, and in no
log and no event.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from infra.clock import Clock
from infra.database import Database, insert_if_absent
from payments import order as orders_of
from payments.errors import InvoiceIssued, NothingToInvoice, OrderNotFound
from payments.invoice_tables import invoices
from payments.order import Order

ASKED, ISSUED = "asked", "issued"
TITLE_CHARS = 100
NOTE_CHARS = 300
_TAX_NO = re.compile(r"[0-9A-Z]{15,20}")


@dataclass(frozen=True)
class Invoice:
    """A row of ``invoices``. ``tax_no`` is empty for a person."""

    order_no: str
    openid: str
    title: str
    tax_no: str
    status: str
    note: str
    created_at: datetime
    updated_at: datetime


def is_tax_no(text: str) -> bool:
    """15 to 20 digits and capital letters: of companies, old and new, and of the self-employed."""
    return _TAX_NO.fullmatch(text) is not None


class Invoices:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def ask(self, openid: str, order_no: str, title: str, tax_no: str = "") -> Invoice:
        """Notes or corrects what one's own order is to be invoiced to.

        Raises OrderNotFound, NothingToInvoice, InvoiceIssued, and ValueError for a title or number that no
        invoice can have.
        """
        title = title.strip()
        if not 0 < len(title) <= TITLE_CHARS or (tax_no and not is_tax_no(tax_no)):
            raise ValueError("a title of 1 to 100 characters, a tax number of 15 to 20")
        now = self._clock.now()
        with self._db.transaction() as conn:
            order = orders_of.lock(conn, order_no)
            if order is None or order.openid != openid:
                raise OrderNotFound(f"no order {order_no}")
            if not can_have(order):
                raise NothingToInvoice(f"order {order_no} is {order.status}")
            return _write(conn, order, {"title": title, "tax_no": tax_no, "updated_at": now}, now)

    def of(self, order_nos: Sequence[str]) -> dict[str, Invoice]:
        """By order number."""
        wanted = select(invoices).where(invoices.c.order_no.in_(order_nos))
        with self._db.reading() as conn:
            return {row.order_no: _invoice(row) for row in conn.execute(wanted)}

    def listed(self, status: str | None = None, limit: int = 1000) -> list[Invoice]:
        """For the operator: the oldest first, all or those in one status."""
        wanted = select(invoices) if status is None else select(invoices).where(invoices.c.status == status)
        with self._db.reading() as conn:
            rows = conn.execute(wanted.order_by(invoices.c.created_at, invoices.c.id).limit(limit))
            return [_invoice(row) for row in rows]

    def done(self, order_no: str, note: str = "") -> Invoice:
        """The operator has made it out; from here on it does not change. Raises NothingToInvoice."""
        of_order = invoices.c.order_no == order_no
        with self._db.transaction() as conn:
            values = {"status": ISSUED, "note": note[:NOTE_CHARS], "updated_at": self._clock.now()}
            conn.execute(update(invoices).where(of_order, invoices.c.status == ASKED).values(**values))
            row = conn.execute(select(invoices).where(of_order)).one_or_none()
        if row is None:
            raise NothingToInvoice(f"no invoice was asked for order {order_no}")
        return _invoice(row)


def can_have(order: Order) -> bool:
    """Money was taken for it, and not all of it went back."""
    return order.is_paid and order.total_fen > 0 and order.status != "refunded"


def _write(conn: Connection, order: Order, asked: dict[str, Any], now: datetime) -> Invoice:
    """With the order's row held, so nobody else writes this one."""
    of_order = invoices.c.order_no == order.order_no
    new = {"order_no": order.order_no, "openid": order.openid, "status": ASKED, "note": "", "created_at": now}
    if not insert_if_absent(conn, invoices, new | asked):
        changed = update(invoices).where(of_order, invoices.c.status == ASKED).values(**asked)
        if conn.execute(changed).rowcount != 1:
            raise InvoiceIssued(f"order {order.order_no} has its invoice")
    return _invoice(conn.execute(select(invoices).where(of_order)).one())


def _invoice(row: Any) -> Invoice:
    return Invoice(**{name: getattr(row, name) for name in Invoice.__dataclass_fields__})
