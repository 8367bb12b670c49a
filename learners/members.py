"""Who follows, and what happened: the small façade of this room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from infra.clock import Clock
from infra.database import Database, insert_if_absent
from learners.tables import events, learners

MAX_DATA_TEXT = 500
MAX_SCENE = 64


@dataclass(frozen=True)
class Event:
    """One line of the event log."""

    at: datetime
    openid: str
    kind: str
    data: dict[str, Any]


class Members:
    """Followers and the event log. Raises Unavailable when the database does not answer."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def followed(self, openid: str, *, scene: str = "") -> bool:
        """Notes a follow; True if this follower was never seen before."""
        now = self._clock.now()
        row = {"openid": openid, "subscribed": True, "scene": scene[:MAX_SCENE], "first_seen_at": now}
        with self._db.transaction() as conn:
            new = insert_if_absent(conn, learners, row | {"followed_at": now})
            if not new:
                conn.execute(
                    update(learners)
                    .where(learners.c.openid == openid)
                    .values(subscribed=True, followed_at=now)
                )
        self.record(openid, "follow", {"scene": scene[:MAX_SCENE]})
        return new

    def unfollowed(self, openid: str) -> None:
        """Notes that this follower left; nothing is pushed to them until they are back."""
        with self._db.transaction() as conn:
            conn.execute(update(learners).where(learners.c.openid == openid).values(subscribed=False))
        self.record(openid, "unfollow", {})

    def is_subscribed(self, openid: str) -> bool:
        """False only for someone who is known to have left."""
        with self._db.reading() as conn:
            found = conn.execute(select(learners.c.subscribed).where(learners.c.openid == openid)).scalar()
        return found is not False and found != 0

    def record(self, openid: str, kind: str, data: Mapping[str, Any]) -> None:
        """Writes one line of the event log. Texts in ``data`` are cut to 500 characters."""
        cut = {k: v[:MAX_DATA_TEXT] if isinstance(v, str) else v for k, v in data.items()}
        # The log may lose its last line in a power cut; a message must not wait for the disk for it.
        with self._db.transaction(durable=False) as conn:
            conn.execute(
                events.insert().values(at=self._clock.now(), openid=openid, kind=kind[:24], data=cut)
            )

    def events_of(self, openid: str, *, limit: int = 100) -> list[Event]:
        """The newest events of a follower, newest first."""
        return self._events(select(events).where(events.c.openid == openid), limit)

    def events_of_kind(self, kind: str, *, limit: int = 100) -> list[Event]:
        """The newest events of a kind (``unanswered`` for instance), newest first."""
        return self._events(select(events).where(events.c.kind == kind), limit)

    def _events(self, query: Any, limit: int) -> list[Event]:
        with self._db.reading() as conn:
            rows = conn.execute(query.order_by(events.c.id.desc()).limit(limit)).all()
        return [Event(at=row.at, openid=row.openid, kind=row.kind, data=row.data) for row in rows]
