"""A grant: why one follower may read one thing. Access is any active grant; ending one leaves the others.

What an order has opened is suspended while its money goes back (`payments.suspend`), and opens nothing then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, or_, select, update

from infra.database import UtcDateTime
from infra.statement import Change, absent
from payments.held import Held, held_by
from payments.order import Order
from payments.rights import Tagged, access_of
from payments.tables import grants
from payments.transitions import move


@dataclass(frozen=True)
class Grant:
    """A row of ``grants``. ``expires_at`` is exclusive, None is for ever. A renewal has yet to begin.

    ``ended_at``: since when it has opened nothing, where it was suspended, ended by hand or has run out.
    """

    id: int
    openid: str
    item_kind: str
    item_id: str
    source: str
    status: str
    starts_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None

    def opens(self, course: Tagged) -> bool:
        return access_of([(self.item_kind, self.item_id)]).opens(course)


def may_read(conn: Connection, openid: str, item_id: str, now: datetime, item_kind: str = "course") -> bool:
    """Whether any grant of this follower opens the item now."""
    wanted = select(grants.c.id).where(
        grants.c.openid == openid, grants.c.item_kind == item_kind, grants.c.item_id == item_id, runs_at(now)
    )
    return conn.execute(wanted.limit(1)).first() is not None


def running_of(conn: Connection, openid: str, now: datetime) -> list[Grant]:
    """What this follower may read now, newest first."""
    return [_grant(row) for row in conn.execute(_RUNNING_OF, {"openid": openid, "now": now})]


def suspended_of(conn: Connection, openid: str) -> list[Grant]:
    """What is closed to this follower while its money goes back."""
    wanted = select(grants).where(grants.c.openid == openid, grants.c.status == "suspended")
    return [_grant(row) for row in conn.execute(wanted.order_by(grants.c.id.desc()))]


def held_since(conn: Connection, openid: str, course: Tagged, now: datetime) -> datetime | None:
    """From when on this follower has had the course open without a gap; None when it is not open now.

    A renewal goes on from the term before, be that over by now. What was revoked never counted, and what is
    suspended counts again as soon as it is open again.
    """
    wanted = select(grants).where(
        grants.c.openid == openid, grants.c.status.in_(("active", "expired")), _has_begun(now)
    )
    since: datetime | None = None
    end: datetime | None = None
    for term in map(_grant, conn.execute(wanted.order_by(grants.c.starts_at, grants.c.id))):
        if not term.opens(course):
            continue
        if since is None or (end is not None and end < term.starts_at):
            since, end = term.starts_at, term.expires_at
        elif end is not None:
            end = None if term.expires_at is None else max(end, term.expires_at)
    return since if end is None or end > now else None


def of_source(conn: Connection, source: str) -> list[Grant]:
    """All that a source has ever granted, ended or not."""
    wanted = select(grants).where(grants.c.source == source).order_by(grants.c.id)
    return [_grant(row) for row in conn.execute(wanted)]


def give(conn: Connection, order: Order, now: datetime, *, to: str = "") -> bool:
    """Opens all that the order bought, for its owner or ``to``; False if this order has opened it before.

    What is open for some days already goes on from their end.
    """
    held = held_by(conn, to or order.openid, now)
    return sum(change.run(conn) for change in given(order, held, now, to=to)) > 0


def given(order: Order, held: Held, now: datetime, *, to: str = "") -> list[Change]:
    """The same, still to be written; ``held`` is what they have."""
    row = {
        "openid": to or order.openid,
        "source": order.source,
        "status": "active",
        "created_at": now,
        "updated_at": now,
    }
    changes = []
    for item in order.opens:
        starts_at, expires_at = held.term(item, order.access, now)
        about = {"item_kind": item[0], "item_id": item[1], "starts_at": starts_at, "expires_at": expires_at}
        changes.append(absent(grants, row | about))
    return changes


def revoke_source(conn: Connection, source: str, now: datetime) -> int:
    """Ends what one source granted; other sources of the same item stay. Returns how many ended."""
    ended = [
        held for held in of_source(conn, source) if move(conn, grants, held.id, "revoked", now, ended_at=now)
    ]
    for held in ended:
        close_gap(conn, held, now)
    return len(ended)


def close_gap(conn: Connection, ended: Grant, now: datetime) -> None:
    """What was to begin at its end begins earlier, and is as long as it was: nobody waits for nothing."""
    reached = now
    for held in alike(conn, ended):
        earlier = held.starts_at - reached
        if earlier <= timedelta(0) or held.expires_at is None:
            end = held.expires_at
        else:
            end = held.expires_at - earlier
            shift(conn, held, reached, end, now)
        if end is None:
            return
        reached = max(reached, end)


def alike(conn: Connection, one: Grant) -> list[Grant]:
    """All active ones of the same item and follower, in the sequence in which they begin."""
    same = (grants.c.openid == one.openid, grants.c.item_kind == one.item_kind)
    wanted = select(grants).where(*same, grants.c.item_id == one.item_id, grants.c.status == "active")
    return [_grant(row) for row in conn.execute(wanted.order_by(grants.c.starts_at, grants.c.id))]


def shift(conn: Connection, one: Grant, start: datetime, end: datetime, now: datetime) -> None:
    """The same term at another time."""
    moved = update(grants).where(grants.c.id == one.id, grants.c.starts_at == one.starts_at)
    conn.execute(moved.values(starts_at=start, expires_at=end, updated_at=now))


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


def runs_at(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(grants.c.status == "active", _is_its_time(now))


def _is_its_time(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(_has_begun(now), or_(grants.c.expires_at.is_(None), grants.c.expires_at > now))


def _has_begun(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    # What began when it was made runs, whatever another machine's clock says; renewals wait for theirs.
    return or_(grants.c.starts_at <= grants.c.created_at, grants.c.starts_at <= now)


def _grant(row: Any) -> Grant:
    return Grant(**{name: getattr(row, name) for name in Grant.__dataclass_fields__})


_NOW = bindparam("now", type_=UtcDateTime())
_OF_FOLLOWER = grants.c.openid == bindparam("openid")
_RUNNING_OF = select(grants).where(_OF_FOLLOWER, runs_at(_NOW)).order_by(grants.c.id.desc())
_IS_OR_WOULD_BE = or_(grants.c.status == "active", grants.c.status == "suspended")
OWNED_BY = select(grants.c.item_kind, grants.c.item_id, grants.c.status).where(
    _OF_FOLLOWER, _IS_OR_WOULD_BE, _is_its_time(_NOW)
)
"""What runs, and what would if it were not suspended. Parameters ``openid`` and ``now``; for
`payments.rights.access_in`.
"""
