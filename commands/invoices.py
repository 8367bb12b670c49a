"""``invoices``: what followers want to have on their invoices, for whoever makes them out."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from commands.spreadsheet import BOM, plain
from commands.tables import require_tables
from handlers.price import yuan
from infra.clock import SystemClock
from infra.database import Database
from infra.errors import KebanError
from infra.settings import Settings
from infra.stores import open_database
from payments import order as orders_of
from payments.invoice import ASKED, Invoice, Invoices

HEAD = ("order_no", "fen", "title", "tax_no", "status", "note", "asked_at")


def listed(settings: Settings) -> int:
    """Those that are still to be made out, the oldest first."""
    with _open(settings) as (db, invoices):
        waiting = invoices.listed(ASKED)
        for one in waiting:
            print(f"{one.order_no}  ¥{yuan(_fen(db, one))}  {one.title}  {one.tax_no or '个人'}")
    if not waiting:
        print("没有要开的发票。")
    return 0


def export(settings: Settings) -> int:
    """All of them, as CSV for a spreadsheet."""
    with _open(settings) as (db, invoices):
        sys.stdout.write(BOM)
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(HEAD)
        for one in invoices.listed():
            at = one.created_at.astimezone(settings.zone).isoformat(timespec="seconds")
            money = one.order_no, _fen(db, one)
            table.writerow((*money, plain(one.title), one.tax_no, one.status, plain(one.note), at))
    return 0


def done(settings: Settings, order_no: str, note: str) -> int:
    """This one is made out."""
    with _open(settings) as (_, invoices):
        made = invoices.done(order_no, note)
    print(f"{made.order_no}  {made.status}  {made.title}")
    return 0


@contextmanager
def _open(settings: Settings) -> Iterator[tuple[Database, Invoices]]:
    db = open_database(settings)
    try:
        require_tables(db)
        yield db, Invoices(db, SystemClock())
    finally:
        db.close()


def _fen(db: Database, invoice: Invoice) -> int:
    with db.reading() as conn:
        order = orders_of.find(conn, invoice.order_no)
    if order is None:
        raise KebanError(f"order {invoice.order_no} of an invoice is not there")
    return order.total_fen
