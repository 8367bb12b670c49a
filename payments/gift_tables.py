"""Codes that one follower buys and another redeems, once."""

from __future__ import annotations

from sqlalchemy import Column, Index, String

from infra.database import UtcDateTime, table

gifts = table(
    "gifts",
    Column("code", String(32), primary_key=True),
    Column("order_no", String(32), nullable=False, unique=True),
    Column("buyer", String(64), nullable=False),
    Column("status", String(12), nullable=False),  # issued | redeemed | void
    Column("redeemer", String(64), nullable=True),
    Column("redeemed_at", UtcDateTime, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_gifts_buyer", "buyer"),
)
