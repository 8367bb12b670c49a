"""What followers ask to have on their invoices, for the operator's list."""

from __future__ import annotations

from sqlalchemy import Column, Index, String

from infra.database import UtcDateTime, table
from payments.tables import BIG_ID

invoices = table(
    "invoices",
    Column("id", BIG_ID, primary_key=True, autoincrement=True),
    Column("order_no", String(32), nullable=False, unique=True),
    Column("openid", String(64), nullable=False),
    Column("title", String(100), nullable=False),
    Column("tax_no", String(32), nullable=False),
    Column("status", String(12), nullable=False),  # asked | issued | refused
    Column("note", String(300), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_invoices_status_created_at", "status", "created_at"),
    Index("ix_invoices_openid", "openid"),
)
