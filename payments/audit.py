"""What was done by hand: who, what, about what, and why. Written in the transaction that does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.sql.elements import ColumnElement

from payments.audit_tables import audit

REASON_CHARS = 300
DISMISS = "dismiss"


@dataclass(frozen=True)
class Entry:
    """A row of ``audit``."""

    id: int
    at: datetime
    actor: str
    action: str
    about: str
    reason: str


def note(conn: Connection, *, actor: str, action: str, about: str, reason: str, now: datetime) -> int:
    """Writes one entry, and gives its number."""
    row = {"actor": actor[:64], "action": action, "about": about, "reason": reason[:REASON_CHARS], "at": now}
    written = conn.execute(audit.insert().values(**row)).inserted_primary_key
    assert written is not None  # noqa: S101 - one row, with a key that the database gives
    return int(written[0])


def of(conn: Connection, about: str) -> list[Entry]:
    """All about one matter, oldest first."""
    wanted = select(audit).where(audit.c.about == about).order_by(audit.c.id)
    return [
        Entry(*(getattr(row, name) for name in Entry.__dataclass_fields__)) for row in conn.execute(wanted)
    ]


def is_dismissed(about: ColumnElement[Any]) -> ColumnElement[bool]:
    """In SQL: an operator has looked at it and said that it may stay as it is."""
    return exists().where(audit.c.about == about, audit.c.action == DISMISS)
