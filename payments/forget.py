"""Old notifications go: what they said is in the tables, and WeChat's own bill is kept for three months."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from payments.desk import Desk
from payments.tables import notifications

KEPT = timedelta(days=100)


def forget_notifications(desk: Desk, limit: int) -> int:
    """Deletes up to ``limit`` settled notifications past their time; refused ones stay as evidence."""
    old = select(notifications.c.id).where(
        notifications.c.status == "done", notifications.c.received_at < desk.now() - KEPT
    )
    with desk.db.reading() as conn:
        ids = list(conn.execute(old.limit(limit)).scalars())
    if ids:
        with desk.db.transaction() as conn:
            conn.execute(delete(notifications).where(notifications.c.id.in_(ids)))
    return len(ids)
