"""What the operator is told of: one row a matter, from its beginning to its end."""

from __future__ import annotations

from sqlalchemy import Column, Index, String

from infra.database import UtcDateTime, table

alerts = table(
    "alerts",
    Column("key", String(96), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("about", String(96), nullable=False),
    Column("text", String(500), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime, nullable=True),
    Column("ended_at", UtcDateTime, nullable=True),
    Index("ix_alerts_ended_at", "ended_at"),
)
