"""A key-value store that answers from memory and writes a moment later, many values in one go.

For the one process that uses these keys: nobody else would see what has not been written yet, and what others
wrote would not be seen here. What a killed process loses is what it took in during the last moments
(`PAUSE_S`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from infra.errors import Unavailable
from infra.gatherer import Gatherer
from infra.keyvalue import Add, DeleteIf, Get, KeyValues, Result, Set, Step, Swap, check
from infra.log import get_logger
from infra.newest import Newest

log = get_logger("store")

PAUSE_S = 0.05  # lets writes gather: one transaction serves them all
MOST_WAITING = 20_000
BATCH = 500
# What was read is known for a moment, if need be past its expiry: who reads a value mostly writes it soon.
MOST_READ = 2_000
KNOWN_S = 1.0
# What was written lately: who talks to us mostly said something a minute ago. Great values are not kept.
MOST_KNOWN = 4_000
MOST_KNOWN_BYTES = 4_096


class _Written(NamedTuple):
    value: bytes
    expires_s: float


class _Read(NamedTuple):
    value: bytes | None
    until_s: float


class WriteBehind:
    """See `infra.keyvalue.KeyValues`. Stands before ``inner``, which keeps everything in the end.

    Raises Unavailable when ``inner`` cannot be read, or has not taken writes for so long that too many wait.
    ``newest`` knows keys that were never written. Keys that begin with ``private`` nobody else ever writes:
    what was written there lately is known without asking. ``now_s`` (seconds since 1970) is for tests.
    """

    def __init__(
        self,
        inner: KeyValues,
        *,
        newest: Newest | None = None,
        private: str = "",
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._inner = inner
        self._newest = newest
        self._private = private
        self._now_s = now_s
        self._turn = threading.Lock()
        self._waiting: dict[str, _Written] = {}
        self._leaving: dict[str, _Written] = {}
        self._read: dict[str, _Read] = {}
        self._known: dict[str, _Written] = {}
        self._writing = threading.Lock()
        self._gatherer = Gatherer("write-behind", self.flush, pause_s=PAUSE_S)

    def get(self, key: str) -> bytes | None:
        return cast("bytes | None", self.together(Get(key))[0])

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        self.together(Set(key, value, ttl_s))

    def add(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        return bool(self.together(Add(key, value, ttl_s))[0])

    def swap(self, key: str, old: bytes | None, new: bytes, *, ttl_s: float) -> bool:
        return bool(self.together(Swap(key, old, new, ttl_s))[0])

    def together(self, *steps: Step) -> list[Result]:
        with self._turn:
            self._fetch([step.key for step in steps if not isinstance(step, Set)])
            results = [self._take(step) for step in steps]
        if self._gatherer.closed:
            self.flush()  # nobody else would write it
        elif self._waiting:
            self._wake()
        return results

    def flush(self) -> None:
        """Writes what waits, now. Raises Unavailable when ``inner`` does not take it, and keeps it then."""
        with self._writing:
            while self._gather():
                try:
                    self._write(self._as_steps(self._leaving))
                except BaseException:
                    self._take_back()
                    raise
                with self._turn:
                    self._keep_in_mind(self._leaving)
                    self._leaving = {}

    def _write(self, steps: list[Set]) -> None:
        """All in one trip. One that ``inner`` cannot take at all must not keep the others back."""
        try:
            self._inner.together(*steps)
        except Unavailable:
            raise
        except Exception:
            log.exception("values_refused", count=len(steps))
            for step in steps:
                self._write_alone(step)

    def _write_alone(self, step: Set) -> None:
        try:
            self._inner.together(step)
        except Unavailable:
            raise
        except Exception:
            log.exception("value_lost", bytes=len(step.value))

    def close(self) -> None:
        """Writes what waits and ends the writing thread."""
        self._gatherer.close()
        try:
            self.flush()
        except Unavailable as error:
            log.error("values_lost", count=len(self._waiting), cause=str(error))

    def _fetch(self, keys: Sequence[str]) -> None:
        """What only ``inner`` knows, in one trip."""
        now = self._now_s()
        if len(self._read) + len(keys) > MOST_READ:
            self._read.clear()
        missing = [key for key in keys if not self._knows(key, now)]
        if not missing:
            return
        for key, value in zip(missing, self._inner.together(*map(Get, missing)), strict=True):
            self._read[key] = _Read(cast("bytes | None", value), now + KNOWN_S)

    def _knows(self, key: str, now_s: float) -> bool:
        if key in self._waiting or key in self._leaving or key in self._known:
            return True
        if self._newest is not None and self._newest.never_written(key):
            return True
        read = self._read.get(key)
        return read is not None and read.until_s > now_s

    def _take(self, step: Step) -> Result:
        if isinstance(step, Set):
            self._set(*step)
            return None
        value = self._now(step.key)
        if isinstance(step, Get):
            return value
        if isinstance(step, DeleteIf):
            if value == step.value:
                self._set(step.key, step.value, 0)
            return value == step.value
        if value != (step.old if isinstance(step, Swap) else None):
            return False
        self._set(step.key, step.new if isinstance(step, Swap) else step.value, step.ttl_s)
        return True

    def _now(self, key: str) -> bytes | None:
        written = self._waiting.get(key) or self._leaving.get(key) or self._known.get(key)
        if written is None:
            read = self._read.get(key)  # None: it was never written
            return read.value if read is not None else None
        return written.value if written.expires_s > self._now_s() else None

    def _set(self, key: str, value: bytes, ttl_s: float) -> None:
        check(key, value)
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("the key-value store takes no writes", hint=f"{MOST_WAITING} wait")
        self._waiting[key] = _Written(value, self._now_s() + ttl_s)
        # They were other values, and must not come back when this one is written.
        self._read.pop(key, None)
        self._known.pop(key, None)
        if self._newest is not None:
            self._newest.written(key)

    def _keep_in_mind(self, written: dict[str, _Written]) -> None:
        if not self._private:
            return
        for key, entry in written.items():
            if (
                key.startswith(self._private)
                and key not in self._waiting
                and len(entry.value) <= MOST_KNOWN_BYTES
            ):
                self._known[key] = entry
        while len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

    def _gather(self) -> bool:
        """Takes the next batch out; False when nothing waits."""
        with self._turn:
            if len(self._waiting) <= BATCH:
                self._leaving, self._waiting = self._waiting, {}
            else:
                self._leaving = {key: self._waiting[key] for key in list(self._waiting)[:BATCH]}
                for key in self._leaving:
                    del self._waiting[key]
            return bool(self._leaving)

    def _take_back(self) -> None:
        """What was written anew meanwhile stays."""
        with self._turn:
            self._waiting = self._leaving | self._waiting
            self._leaving = {}

    def _as_steps(self, entries: dict[str, _Written]) -> list[Set]:
        now = self._now_s()
        # What has expired already is written too: an older value may lie there.
        return [Set(key, entry.value, max(entry.expires_s - now, 0.0)) for key, entry in entries.items()]

    def _wake(self) -> None:
        self._gatherer.wake()
