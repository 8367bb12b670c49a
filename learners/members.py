"""Who follows: the small façade of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from infra.clock import Clock
from infra.database import Database, insert_if_absent
from learners.event_log import EventLog
from learners.tables import learners

MAX_SCENE = 64


class Members:
    """Followers and what they did. Raises Unavailable when the database does not answer."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self.events = EventLog(db, clock)

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
        return found is not False

    def record(self, openid: str, kind: str, data: Mapping[str, Any]) -> None:
        """Writes one line of the event log, soon."""
        self.events.record(openid, kind, data)
