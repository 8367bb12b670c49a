"""Who follows: the small façade of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update

from infra.clock import Clock
from infra.database import Database, insert_if_absent
from learners.event_log import EventLog
from learners.origin import Origin, origin_of
from learners.tables import events, learners, lessons_read


class Members:
    """Followers and what they did. Raises Unavailable when the database does not answer."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self.events = EventLog(db, clock)

    def followed(self, openid: str, *, scene: str = "") -> bool:
        """Notes a follow; True if this follower was never seen before. The first code stays, later ones are
        in the event log."""
        origin = origin_of(scene)
        with self._db.transaction() as conn:
            new = self._meet(conn, openid, origin)
            if not new:
                conn.execute(
                    update(learners)
                    .where(learners.c.openid == openid)
                    .values(subscribed=True, followed_at=self._clock.now())
                )
        self.record(openid, "follow", origin.as_data())
        return new

    def scanned(self, openid: str, *, scene: str) -> None:
        """Notes that a follower scanned a code. Who was never seen (they followed before there was this
        service) is known from now on, and came from here."""
        origin = origin_of(scene)
        with self._db.transaction() as conn:
            self._meet(conn, openid, origin)
        self.record(openid, "scan", origin.as_data())

    def origin(self, openid: str) -> Origin:
        """Where this follower came from when they were first seen."""
        with self._db.reading() as conn:
            scene = conn.execute(select(learners.c.scene).where(learners.c.openid == openid)).scalar()
        return Origin(scene or "")

    def forget(self, openid: str) -> None:
        """Deletes what is known of somebody whose WeChat account is closed: what they said, read and where
        they came from. What stays is that nothing may be sent, and the day of the deletion."""
        self.events.flush()
        with self._db.transaction() as conn:
            self._meet(conn, openid, Origin())
            conn.execute(delete(events).where(events.c.openid == openid))
            conn.execute(delete(lessons_read).where(lessons_read.c.openid == openid))
            conn.execute(
                update(learners).where(learners.c.openid == openid).values(subscribed=False, scene="")
            )
        self.record(openid, "account_closed", {})

    def _meet(self, conn: Connection, openid: str, origin: Origin) -> bool:
        """True if this follower was never seen before."""
        now = self._clock.now()
        row = {"openid": openid, "subscribed": True, "scene": origin.scene, "first_seen_at": now}
        return insert_if_absent(conn, learners, row | {"followed_at": now})

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
