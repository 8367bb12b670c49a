"""One connection to an SQLite file, for one thread at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from infra.errors import Unavailable
from infra.silence import Silence

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class Turns:
    """The first one opens it. Plain, because each call of `infra.keyvalue_sqlite` goes through.

    Raises Unavailable for whatever SQLite does, and when nobody let us in within ``wait_s``.
    """

    def __init__(self, open_it: Callable[[], sqlite3.Connection], wait_s: float) -> None:
        self._open = open_it
        self._wait_s = wait_s
        self._silence = Silence("embedded store")
        self._lock = threading.Lock()
        self._conn: sqlite3.Connection | None = None

    def __enter__(self) -> sqlite3.Connection:
        was_silent = self._silence.silent
        self._silence.admit()
        if not self._lock.acquire(timeout=self._wait_s):
            self._silence.broken()
            raise Unavailable("the embedded store does not answer", hint="it is busy")
        if self._silence.silent and not was_silent:  # who was here before us has waited in vain for us, too
            self._lock.release()
            raise Unavailable("the embedded store did not answer a moment ago")
        if self._conn is None:
            try:
                self._conn = self._open()
            except BaseException as error:
                self.__exit__(type(error), error, None)
                raise
        return self._conn

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._lock.release()
        if isinstance(error, sqlite3.Error) and _is_busy(error):
            self._silence.broken()
        else:
            self._silence.heard()
        if isinstance(error, sqlite3.Error):
            raise Unavailable("the embedded store does not answer", hint=str(error)) from error

    def close(self) -> None:
        with self._lock:
            if self._conn is not None:
                self._conn.close()
            self._conn = None


def _is_busy(error: sqlite3.Error) -> bool:
    """Somebody else held it for as long as we could wait."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _BUSY
