"""The embedded key-value store: one table in a SQLite file of its own, shared by the processes of a machine.

The standard driver is used directly: a message costs several look-ups, and each takes some 20 microseconds
this way. The file is apart from the database's so that a message never waits behind a long transaction there.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import cast

from infra.files import make_folder
from infra.keyvalue import Add, DeleteIf, Get, Result, Set, Step, Swap, check, hold_lock, prove
from infra.sqlite_turns import Turns

# With rows of a kilobyte an ordinary table is twice as fast to write as one WITHOUT ROWID.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS kv (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL,
    expires_at REAL NOT NULL
)
"""
_GET = "SELECT value FROM kv WHERE key = ? AND expires_at > ?"
_INSERT = "INSERT INTO kv (key, value, expires_at) VALUES "
_ROW = "(?, ?, ?)"
_OR_UPDATE = """
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
_UPSERT = _INSERT + _ROW + _OR_UPDATE
# The driver lets the interpreter go for each statement that it runs, for each row of `executemany` too, which
# costs more than the row when other threads are busy.
_ROWS_TOGETHER = 50
_GREATEST = "SELECT MAX(key) FROM kv WHERE key >= ? AND key < ?"
_ADD = _UPSERT + " WHERE kv.expires_at <= ?"
_SWAP = "UPDATE kv SET value = ?, expires_at = ? WHERE key = ? AND value = ? AND expires_at > ?"
_DELETE_IF = "DELETE FROM kv WHERE key = ? AND value = ? AND expires_at > ?"
_INCREMENT = """
INSERT INTO kv (key, value, expires_at) VALUES (?, CAST(CAST(? AS TEXT) AS BLOB), ?)
ON CONFLICT (key) DO UPDATE SET
    value = CASE WHEN kv.expires_at > ?
        THEN CAST(CAST(CAST(CAST(kv.value AS TEXT) AS INTEGER) + ? AS TEXT) AS BLOB)
        ELSE excluded.value END,
    expires_at = CASE WHEN kv.expires_at > ? THEN kv.expires_at ELSE excluded.expires_at END
RETURNING CAST(CAST(value AS TEXT) AS INTEGER)
"""
# What has expired is found by walking through the rows, a slice at a time: three rows for each write, so the
# file is bounded by a few times what is alive. An index would find it at once, and make each write dearer.
_SWEEP_EVERY_WRITES = 500
_SWEEP_ROWS = 1_500
_SLICE_END = "SELECT MAX(rowid) FROM (SELECT rowid FROM kv WHERE rowid > ? ORDER BY rowid LIMIT ?)"
_WAIT_S = 3.0


class SqliteStore:
    """See `infra.keyvalue.KeyValueStore`.

    ``wait_s``: how long a call waits for somebody else's write; when one has waited in vain, the others are
    told at once for a while. ``now_s`` (seconds since 1970) can be handed in by a test.
    """

    def __init__(
        self, path: Path, *, wait_s: float = _WAIT_S, now_s: Callable[[], float] = time.time
    ) -> None:
        make_folder(path.parent, "site.data_dir")
        self._path = path
        self._now_s = now_s
        # One connection for all threads: SQLite lets one write at a time anyway, and a connection that meets
        # another one's writes reads its pages anew.
        self._wait_s = wait_s
        self._connected = Turns(self._open, wait_s)
        self._writes = 0
        self._swept_to = 0
        with self._connected:
            pass

    def get(self, key: str) -> bytes | None:
        with self._connected as conn:
            return self._get(conn, key)

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        with self._connected as conn:
            self._set(conn, key, value, ttl_s)

    def add(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        with self._connected as conn:
            return self._add(conn, key, value, ttl_s)

    def swap(self, key: str, old: bytes | None, new: bytes, *, ttl_s: float) -> bool:
        with self._connected as conn:
            return self._swap(conn, key, old, new, ttl_s)

    def together(self, *steps: Step) -> list[Result]:
        if len(steps) == 1 and isinstance(steps[0], Get):  # needs no transaction
            return [self.get(steps[0].key)]
        with self._connected as conn:
            # Whoever reads only need not wait for whoever writes.
            conn.execute("BEGIN" if all(isinstance(step, Get) for step in steps) else "BEGIN IMMEDIATE")
            try:
                results = self._take_all(conn, steps)
                conn.execute("COMMIT")
            finally:
                if conn.in_transaction:
                    conn.rollback()  # or the next caller's writes would wait in it
            return results

    def greatest(self, prefix: str) -> str:
        """The greatest key with this prefix, expired or not; "" when there is none."""
        check(prefix)
        with self._connected as conn:
            row = conn.execute(_GREATEST, (prefix, prefix + "\U0010ffff")).fetchone()
            return str(row[0] or "")

    def delete(self, key: str) -> None:
        check(key)
        with self._connected as conn:
            conn.execute("DELETE FROM kv WHERE key = ?", (key,))

    def delete_if(self, key: str, value: bytes) -> bool:
        with self._connected as conn:
            return self._delete_if(conn, key, value)

    def increment(self, key: str, *, ttl_s: float, by: int = 1) -> int:
        check(key)
        now = self._now_s()
        with self._connected as conn:
            row = conn.execute(_INCREMENT, (key, by, now + ttl_s, now, by, now)).fetchone()
            self._wrote(conn)
            return int(row[0])

    def lock(self, name: str, *, ttl_s: float, wait_s: float) -> AbstractContextManager[None]:
        return hold_lock(self, name, ttl_s=ttl_s, wait_s=wait_s)

    def ping(self) -> None:
        prove(self)

    def close(self) -> None:
        self._connected.close()

    def _open(self) -> sqlite3.Connection:
        conn = sqlite3.connect(
            self._path, timeout=self._wait_s, isolation_level=None, check_same_thread=False
        )
        conn.execute("PRAGMA journal_mode=WAL")
        # A power cut may lose the last moments of conversation state, never corrupt the file.
        conn.execute("PRAGMA synchronous=NORMAL")
        # In KB; taken as the file grows. With a million followers hardly two ask from the same page.
        conn.execute("PRAGMA cache_size=-6000")
        conn.execute(_SCHEMA)
        return conn

    def _take_all(self, conn: sqlite3.Connection, steps: Sequence[Step]) -> list[Result]:
        if not all(isinstance(step, Set) for step in steps):
            return [self._take(conn, step) for step in steps]
        now = self._now_s()
        for some in _slices(cast(Sequence[Set], steps)):
            values: list[str | bytes | float] = []
            for key, value, ttl_s in some:
                check(key, value)
                values += (key, value, now + ttl_s)
            conn.execute(_upsert(len(some)), values)
            self._wrote(conn, len(some))
        return [None] * len(steps)

    def _take(self, conn: sqlite3.Connection, step: Step) -> Result:
        if isinstance(step, Get):
            return self._get(conn, step.key)
        if isinstance(step, Add):
            return self._add(conn, *step)
        if isinstance(step, Swap):
            return self._swap(conn, *step)
        if isinstance(step, DeleteIf):
            return self._delete_if(conn, *step)
        self._set(conn, *step)
        return None

    def _get(self, conn: sqlite3.Connection, key: str) -> bytes | None:
        check(key)
        row = conn.execute(_GET, (key, self._now_s())).fetchone()
        return bytes(row[0]) if row else None

    def _set(self, conn: sqlite3.Connection, key: str, value: bytes, ttl_s: float) -> None:
        check(key, value)
        conn.execute(_UPSERT, (key, value, self._now_s() + ttl_s))
        self._wrote(conn)

    def _add(self, conn: sqlite3.Connection, key: str, value: bytes, ttl_s: float) -> bool:
        check(key, value)
        now = self._now_s()
        cursor = conn.execute(_ADD, (key, value, now + ttl_s, now))
        self._wrote(conn)
        return cursor.rowcount == 1

    def _swap(self, conn: sqlite3.Connection, key: str, old: bytes | None, new: bytes, ttl_s: float) -> bool:
        if old is None:
            return self._add(conn, key, new, ttl_s)
        check(key, new)
        now = self._now_s()
        cursor = conn.execute(_SWAP, (new, now + ttl_s, key, old, now))
        self._wrote(conn)
        return cursor.rowcount == 1

    def _delete_if(self, conn: sqlite3.Connection, key: str, value: bytes) -> bool:
        check(key, value)
        return conn.execute(_DELETE_IF, (key, value, self._now_s())).rowcount == 1

    def _wrote(self, conn: sqlite3.Connection, rows: int = 1) -> None:
        before, self._writes = self._writes, self._writes + rows
        if before // _SWEEP_EVERY_WRITES != self._writes // _SWEEP_EVERY_WRITES:
            self._sweep(conn)

    def _sweep(self, conn: sqlite3.Connection) -> None:
        """Takes what has expired out of the next slice of rows; begins anew at the end."""
        end = conn.execute(_SLICE_END, (self._swept_to, _SWEEP_ROWS)).fetchone()[0]
        if end is not None:
            conn.execute(
                "DELETE FROM kv WHERE rowid > ? AND rowid <= ? AND expires_at <= ?",
                (self._swept_to, end, self._now_s()),
            )
        self._swept_to = end or 0


def _slices(steps: Sequence[Set]) -> Iterator[Sequence[Set]]:
    return (steps[at : at + _ROWS_TOGETHER] for at in range(0, len(steps), _ROWS_TOGETHER))


@lru_cache(maxsize=_ROWS_TOGETHER)
def _upsert(rows: int) -> str:
    return _INSERT + ", ".join([_ROW] * rows) + _OR_UPDATE
