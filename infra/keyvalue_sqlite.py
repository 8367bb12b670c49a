"""The embedded key-value store: one table in a SQLite file of its own, shared by the processes of a machine.

The standard driver is used directly: a message costs several look-ups, and each takes some 20 microseconds
this way. The file is apart from the database's so that a message never waits behind a long transaction there.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from infra.errors import Unavailable
from infra.files import make_folder
from infra.keyvalue import check, hold_lock, prove

# With rows of a kilobyte an ordinary table is twice as fast to write as one WITHOUT ROWID.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS kv (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL,
    expires_at REAL NOT NULL
)
"""
_UPSERT = """
INSERT INTO kv (key, value, expires_at) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
# What has expired is found by walking through the rows, a slice at a time: three rows for each write, so the
# file is bounded by a few times what is alive. An index would find it at once, and make each write dearer.
_SWEEP_EVERY_WRITES = 500
_SWEEP_ROWS = 1_500
_SLICE_END = "SELECT MAX(rowid) FROM (SELECT rowid FROM kv WHERE rowid > ? ORDER BY rowid LIMIT ?)"
_WAIT_S = 3.0


class SqliteStore:
    """See `infra.keyvalue.KeyValueStore`. ``now_s`` (seconds since 1970) can be handed in by a test."""

    def __init__(self, path: Path, *, now_s: Callable[[], float] = time.time) -> None:
        make_folder(path.parent, "site.data_dir")
        self._path = path
        self._now_s = now_s
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        # SQLite lets one connection write at a time and makes the others sleep; threads queue here instead.
        self._turn = threading.Lock()
        self._writes = 0
        self._swept_to = 0
        with _ANSWERS:
            self._conn()

    def get(self, key: str) -> bytes | None:
        check(key)
        with _ANSWERS:
            row = (
                self._conn()
                .execute("SELECT value FROM kv WHERE key = ? AND expires_at > ?", (key, self._now_s()))
                .fetchone()
            )
        return bytes(row[0]) if row else None

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        check(key, value)
        with self._turn, _ANSWERS:
            self._conn().execute(_UPSERT, (key, value, self._now_s() + ttl_s))
        self._wrote()

    def add(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        check(key, value)
        now = self._now_s()
        with self._turn, _ANSWERS:
            cursor = self._conn().execute(
                _UPSERT + " WHERE kv.expires_at <= ?", (key, value, now + ttl_s, now)
            )
        self._wrote()
        return cursor.rowcount == 1

    def swap(self, key: str, old: bytes | None, new: bytes, *, ttl_s: float) -> bool:
        if old is None:
            return self.add(key, new, ttl_s=ttl_s)
        check(key, new)
        now = self._now_s()
        with self._turn, _ANSWERS:
            cursor = self._conn().execute(
                "UPDATE kv SET value = ?, expires_at = ? WHERE key = ? AND value = ? AND expires_at > ?",
                (new, now + ttl_s, key, old, now),
            )
        self._wrote()
        return cursor.rowcount == 1

    def delete(self, key: str) -> None:
        check(key)
        with self._turn, _ANSWERS:
            self._conn().execute("DELETE FROM kv WHERE key = ?", (key,))

    def delete_if(self, key: str, value: bytes) -> bool:
        check(key, value)
        with self._turn, _ANSWERS:
            cursor = self._conn().execute(
                "DELETE FROM kv WHERE key = ? AND value = ? AND expires_at > ?", (key, value, self._now_s())
            )
        return cursor.rowcount == 1

    def increment(self, key: str, *, ttl_s: float, by: int = 1) -> int:
        check(key)
        now = self._now_s()
        with self._turn, _ANSWERS:
            row = (
                self._conn()
                .execute(
                    """
                    INSERT INTO kv (key, value, expires_at) VALUES (?, CAST(CAST(? AS TEXT) AS BLOB), ?)
                    ON CONFLICT (key) DO UPDATE SET
                        value = CASE WHEN kv.expires_at > ?
                            THEN CAST(CAST(CAST(CAST(kv.value AS TEXT) AS INTEGER) + ? AS TEXT) AS BLOB)
                            ELSE excluded.value END,
                        expires_at = CASE WHEN kv.expires_at > ?
                            THEN kv.expires_at ELSE excluded.expires_at END
                    RETURNING CAST(CAST(value AS TEXT) AS INTEGER)
                    """,
                    (key, by, now + ttl_s, now, by, now),
                )
                .fetchone()
            )
        self._wrote()
        return int(row[0])

    def lock(self, name: str, *, ttl_s: float, wait_s: float) -> AbstractContextManager[None]:
        return hold_lock(self, name, ttl_s=ttl_s, wait_s=wait_s)

    def ping(self) -> None:
        prove(self)

    def close(self) -> None:
        with self._guard:
            for conn in self._opened:
                conn.close()
            self._opened.clear()
        self._local = threading.local()

    def _conn(self) -> sqlite3.Connection:
        conn: sqlite3.Connection | None = getattr(self._local, "conn", None)
        if conn is None:
            conn = self._open()
            self._local.conn = conn
            with self._guard:
                self._opened.append(conn)
        return conn

    def _open(self) -> sqlite3.Connection:
        conn = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
        conn.execute("PRAGMA journal_mode=WAL")
        # A power cut may lose the last moments of conversation state, never corrupt the file.
        conn.execute("PRAGMA synchronous=NORMAL")
        conn.execute(_SCHEMA)
        return conn

    def _wrote(self) -> None:
        self._writes += 1
        if self._writes % _SWEEP_EVERY_WRITES == 0:
            self._sweep()

    def _sweep(self) -> None:
        """Takes what has expired out of the next slice of rows; begins anew at the end."""
        with self._turn, _ANSWERS:
            conn = self._conn()
            end = conn.execute(_SLICE_END, (self._swept_to, _SWEEP_ROWS)).fetchone()[0]
            if end is not None:
                conn.execute(
                    "DELETE FROM kv WHERE rowid > ? AND rowid <= ? AND expires_at <= ?",
                    (self._swept_to, end, self._now_s()),
                )
            self._swept_to = end or 0


class _Answers:
    """Turns the driver's errors into ours. A plain object: it stands around every call."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise Unavailable("the embedded store does not answer", hint=str(error)) from error


_ANSWERS = _Answers()
