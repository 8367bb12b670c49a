"""How many followers may read each of some courses now: whom a change would reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from payments.grant import runs_at
from payments.tables import grants

_BATCH = 500  # ids a question; SQLite and MySQL bound the number of parameters


def holders_of(conn: Connection, course_ids: Sequence[str], now: datetime) -> dict[str, int]:
    """Distinct followers with an active grant on the course itself; those of memberships are not counted."""
    row, found = grants.c, dict[str, int]()
    for at in range(0, len(course_ids), _BATCH):
        wanted = row.item_id.in_(course_ids[at : at + _BATCH])
        counted = select(row.item_id, func.count(row.openid.distinct())).where(
            row.item_kind == "course", wanted, runs_at(now)
        )
        for item, count in conn.execute(counted.group_by(row.item_id)):
            found[item] = count
    return found
