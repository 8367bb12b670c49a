"""Tables of the members' room."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String

from infra.database import JsonText, UtcDateTime, table

learners = table(
    "learners",
    Column("openid", String(64), primary_key=True),
    Column("subscribed", Boolean, nullable=False),
    Column("scene", String(64), nullable=False),  # the QR code of the first follow, "" when there was none
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("followed_at", UtcDateTime, nullable=True),
)

# One row a lesson that somebody opened with the right to read it all.
lessons_read = table(
    "lessons_read",
    Column("openid", String(64), primary_key=True),
    Column("course_id", String(40), primary_key=True),
    Column("lesson_slug", String(80), primary_key=True),
    Column("read_at", UtcDateTime, nullable=False),
    Index("ix_lessons_read_openid_read_at", "openid", "read_at"),
)

events = table(
    "events",
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("openid", String(64), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("data", JsonText, nullable=False),
    Index("ix_events_openid_at", "openid", "at"),
    Index("ix_events_kind_at", "kind", "at"),
)
