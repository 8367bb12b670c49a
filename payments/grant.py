"""A grant: why one follower may read one thing. Access is any active grant; ending one leaves the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, or_, select

from infra.database import UtcDateTime, insert_if_absent
from payments.access import ends_at
from payments.order import Order
from payments.rights import Tagged, access_of
from payments.tables import grants
from payments.transitions import move


@dataclass(frozen=True)
class Grant:
    """A row of ``grants``. ``expires_at`` is exclusive, None is for ever."""

    id: int
    openid: str
    item_kind: str
    item_id: str
    source: str
    status: str
    starts_at: datetime
    expires_at: datetime | None

    def opens(self, course: Tagged) -> bool:
        return access_of([(self.item_kind, self.item_id)]).opens(course)


def may_read(conn: Connection, openid: str, item_id: str, now: datetime, item_kind: str = "course") -> bool:
    """Whether any grant of this follower opens the item now."""
    wanted = select(grants.c.id).where(
        grants.c.openid == openid, grants.c.item_kind == item_kind, grants.c.item_id == item_id, _runs(now)
    )
    return conn.execute(wanted.limit(1)).first() is not None


def holds_all(conn: Connection, openid: str, items: Iterable[tuple[str, str]], now: datetime) -> bool:
    """Whether each of these ``(kind, id)`` is granted to this follower now, by whatever source."""
    running = select(grants.c.item_kind, grants.c.item_id).where(grants.c.openid == openid, _runs(now))
    held = {(kind, item) for kind, item in conn.execute(running)}
    return all(item in held for item in items)


def running_of(conn: Connection, openid: str, now: datetime) -> list[Grant]:
    """What this follower may read now, newest first."""
    return [_grant(row) for row in conn.execute(_RUNNING_OF, {"openid": openid, "now": now})]


def of_source(conn: Connection, source: str) -> list[Grant]:
    """All that a source has ever granted, ended or not."""
    wanted = select(grants).where(grants.c.source == source).order_by(grants.c.id)
    return [_grant(row) for row in conn.execute(wanted)]


def give(conn: Connection, order: Order, now: datetime) -> bool:
    """Opens all that the order bought; False if this order has opened it before."""
    row = {
        "openid": order.openid,
        "source": order.source,
        "status": "active",
        "starts_at": now,
        "expires_at": ends_at(order.access, now),
        "created_at": now,
        "updated_at": now,
    }
    items = [{"item_kind": item_kind, "item_id": item_id} for item_kind, item_id in order.opens]
    return sum(insert_if_absent(conn, grants, row | item) for item in items) > 0


def revoke_source(conn: Connection, source: str, now: datetime) -> int:
    """Ends what one source granted; other sources of the same item stay. Returns how many ended."""
    return sum(move(conn, grants, held.id, "revoked", now, ended_at=now) for held in of_source(conn, source))


def revoke(conn: Connection, row_id: int, now: datetime) -> bool:
    """Ends one grant, whatever its source."""
    return move(conn, grants, row_id, "revoked", now, ended_at=now)


def expire_due(conn: Connection, now: datetime, limit: int) -> int:
    """Marks grants that have run out. Access does not wait for this: reading compares the time itself."""
    due = select(grants.c.id).where(grants.c.status == "active", grants.c.expires_at <= now).limit(limit)
    return sum(
        move(conn, grants, row_id, "expired", now, ended_at=now)
        for row_id in list(conn.execute(due).scalars())
    )


def _runs(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(grants.c.status == "active", or_(grants.c.expires_at.is_(None), grants.c.expires_at > now))


def _grant(row: Any) -> Grant:
    return Grant(**{name: getattr(row, name) for name in Grant.__dataclass_fields__})


_OF_NOW = (
    grants.c.openid == bindparam("openid"),
    _runs(bindparam("now", type_=UtcDateTime())),
)
_RUNNING_OF = select(grants).where(*_OF_NOW).order_by(grants.c.id.desc())
OWNED_BY = select(grants.c.item_kind, grants.c.item_id).where(*_OF_NOW)
"""Parameters ``openid`` and ``now``; for `payments.rights.access_of`."""
