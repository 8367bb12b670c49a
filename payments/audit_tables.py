"""Who did what by hand, and why. Append-only."""

from __future__ import annotations

from sqlalchemy import Column, Index, String

from infra.database import UtcDateTime, table
from payments.tables import BIG_ID

audit = table(
    "audit",
    Column("id", BIG_ID, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("about", String(96), nullable=False),  # an order, a follower, a refund, a day
    Column("reason", String(300), nullable=False),
    Index("ix_audit_about", "about"),
    Index("ix_audit_at", "at"),
)
