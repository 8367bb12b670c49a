"""One folder is the shelf's home: of all machines that watch with the same books, one publishes its own.

Two that watched unequal folders would put each other's courses back without end, and nobody would be told.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from socket import gethostname

from sqlalchemy import or_, select, update

from content import tables as t
from infra.clock import Clock
from infra.database import Database, insert_if_absent
from infra.errors import Unavailable
from infra.files import hold_file
from infra.log import get_logger

log = get_logger("content")

WATCHING_LOCK = "watching.lock"  # in the data_dir
# Longer than a restart takes: meanwhile no other machine puts its own folder on the shelf.
TERM = timedelta(minutes=3)
RENEW_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class Home:
    """Where saving publishes: ``place`` is the machine and its folder, for the operator to read."""

    holder: str
    place: str
    until: datetime


class WatchHome:
    """This machine's ``folder`` among those of others. ``lock`` is a file of this machine's own, kept when
    the service ends: it lets one process of several watch, and holds the mark by which the machine is known.
    """

    def __init__(self, db: Database, clock: Clock, folder: Path, lock: Path) -> None:
        self._db = db
        self._clock = clock
        self._lock = lock
        self._place = f"{gethostname()}:{folder.absolute()}"[: t.MAX_PLACE_CHARS]
        self._renewed_at: datetime | None = None
        self._told = ""

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether this process is the one that watches, for as long as the block runs and `still` says so.

        Raises Unavailable.
        """
        with hold_file(self._lock, alone=True) as is_ours:
            yield is_ours and self._take()

    def still(self) -> bool:
        """Asked often, and asks the books now and then. A store that is silent lets no other in, either."""
        if self._renewed_at is not None and abs(self._clock.now() - self._renewed_at) < RENEW_AFTER:
            return True
        with suppress(Unavailable):
            return self._take()
        return True

    def _take(self) -> bool:
        mark, now = _mark_in(self._lock), self._clock.now()
        values = {"holder": mark, "place": self._place, "until": now + TERM}
        row = t.watch_home.c
        free = or_(row.holder == mark, row.until <= now)
        with self._db.transaction() as conn:
            moved = conn.execute(update(t.watch_home).where(row.name == t.LIVE, free).values(values))
            taken = moved.rowcount == 1 or insert_if_absent(conn, t.watch_home, {"name": t.LIVE, **values})
        if taken:
            self._renewed_at, self._told = now, ""
        else:
            self._tell(elsewhere(self._db, self._clock, self._lock))
        return taken

    def _tell(self, home: Home | None) -> None:
        if home is not None and home.holder != self._told:
            self._told = home.holder
            log.error(
                "content_watched_elsewhere",
                there=home.place,
                here=self._place,
                hint="what is saved here is not published; content.watch = true belongs on one machine only",
            )


def elsewhere(db: Database, clock: Clock, lock: Path) -> Home | None:
    """The machine that watches just now, if it is not the one with this ``lock``. Raises Unavailable."""
    row = t.watch_home.c
    with db.reading() as conn:
        found = conn.execute(select(row.holder, row.place, row.until).where(row.name == t.LIVE)).first()
    if found is None or found.until <= clock.now() or found.holder == _known_mark(lock):
        return None
    return Home(found.holder, found.place, found.until)


def _known_mark(lock: Path) -> str:
    """By which the machine is known; empty where nobody has watched yet."""
    with suppress(OSError):
        return lock.read_text(encoding="utf-8").strip()
    return ""


def _mark_in(lock: Path) -> str:
    """The same for whoever holds the file alone, who makes one where there is none."""
    mark = _known_mark(lock)
    if not mark:
        mark = secrets.token_hex(16)
        lock.write_text(mark, encoding="utf-8")
    return mark
