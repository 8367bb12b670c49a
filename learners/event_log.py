"""The event log: who did what, when. Written in batches, so that a message does not wait for a commit.

An event is in the database some milliseconds after it was recorded, and at once when the process ends in
order. A process that is killed may lose those milliseconds; nothing that must not be lost (orders, grants,
follows) has its only copy here.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from infra.clock import Clock
from infra.database import Database
from infra.errors import KebanError
from infra.gatherer import Gatherer
from infra.log import get_logger
from infra.lookup import Rows
from learners.tables import events

log = get_logger("learners")

MAX_DATA_TEXT = 500
MAX_KIND = 24
BATCH = 200
PAUSE_S = 0.05
MAX_WAITING = 10_000

_INSERT = events.insert().values(
    at=bindparam("at"), openid=bindparam("openid"), kind=bindparam("kind"), data=bindparam("data")
)


@dataclass(frozen=True)
class Event:
    """One line of the event log."""

    at: datetime
    openid: str
    kind: str
    data: dict[str, Any]


class EventLog:
    """Safe to share by threads. The writing thread starts with the first event."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._rows = Rows(db, _INSERT)
        self._waiting: deque[dict[str, Any]] = deque()
        self._writing = threading.Lock()
        # A short pause lets events gather: one commit serves them all.
        self._gatherer = Gatherer("event-log", self.flush, pause_s=PAUSE_S)

    def record(self, openid: str, kind: str, data: Mapping[str, Any]) -> None:
        """Notes one event. Texts in ``data`` are cut to 500 characters.

        With the database away for long the oldest events are dropped, loudly, rather than memory filled.
        """
        cut = {name: _text(value) if isinstance(value, str) else value for name, value in data.items()}
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            log.error("event_dropped", waiting=MAX_WAITING)
        self._waiting.append(
            {"at": self._clock.now(), "openid": openid, "kind": kind[:MAX_KIND], "data": cut}
        )
        self._gatherer.wake()

    def flush(self) -> None:
        """Writes what waits, now. Raises Unavailable when the database does not answer, and keeps it then."""
        with self._writing:
            while self._waiting:
                self._write([self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))])

    def close(self) -> None:
        """Writes what waits and ends the writing thread."""
        self._gatherer.close()
        try:
            self.flush()
        except KebanError as error:
            log.error("events_lost", count=len(self._waiting), cause=str(error))

    def of(self, openid: str, *, limit: int = 100) -> list[Event]:
        """The newest events of a follower, newest first."""
        return self._read(select(events).where(events.c.openid == openid), limit)

    def of_kind(self, kind: str, *, since: datetime | None = None, limit: int = 100) -> list[Event]:
        """The newest events of a kind (``unanswered`` for instance), newest first; from ``since`` on."""
        query = select(events).where(events.c.kind == kind)
        return self._read(query if since is None else query.where(events.c.at >= since), limit)

    def _read(self, query: Any, limit: int) -> list[Event]:
        self.flush()
        with self._db.reading() as conn:
            rows = conn.execute(query.order_by(events.c.id.desc()).limit(limit)).all()
        return [Event(at=row.at, openid=row.openid, kind=row.kind, data=row.data) for row in rows]

    def _write(self, rows: list[dict[str, Any]]) -> None:
        try:
            # May lose its last lines in a power cut: nobody waits for the disk.
            with self._db.transaction(durable=False) as conn:
                self._rows.insert(conn, rows)
        except KebanError:
            self._waiting.extendleft(reversed(rows))
            raise


def _text(given: str) -> str:
    """Bounded, and without half a surrogate pair, which no database takes."""
    return given[:MAX_DATA_TEXT].encode("utf-8", "replace").decode()
