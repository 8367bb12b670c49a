"""The figures of each message, and its line in the log, which is written a moment later.

Writing a line is a tenth of a message's work when it is done between other things, and half of that when many
are written in a row. A killed process loses the lines of its last moment; warnings and errors are written at
once.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from prometheus_client import Counter

from infra.gatherer import Gatherer
from infra.log import write_together
from infra.metrics import MESSAGE_SECONDS, MESSAGES
from infra.redact import short_openid

PAUSE_S = 0.05
MOST_TOGETHER = 200
MOST_WAITING = 10_000  # then the writer is behind for good, and the message waits for it


class Note(NamedTuple):
    """``kind`` and ``outcome`` as in `infra.metrics.MESSAGES`; ``trace`` marks all lines of the message."""

    kind: str
    outcome: str
    seconds: float
    openid: str
    trace: str


class Notes:
    """Safe to share by threads. With ``pause_s`` 0 each line is written by who takes it down."""

    def __init__(self, *, pause_s: float = PAUSE_S) -> None:
        self._waiting: deque[Note] = deque()
        self._pause_s = pause_s
        self._gatherer = Gatherer("notes", self.flush, pause_s=pause_s)

    def take(self, note: Note) -> None:
        _counted(note.kind, note.outcome).inc()
        MESSAGE_SECONDS.observe(note.seconds)
        self._waiting.append(note)
        if self._pause_s and not self._gatherer.closed and len(self._waiting) < MOST_WAITING:
            self._gatherer.wake()
        else:
            self.flush()

    def flush(self) -> None:
        """Writes what waits, now."""
        while taken := self._take_out():
            write_together("bot", "message", map(_row, taken))

    def close(self) -> None:
        self._gatherer.close()
        self.flush()

    def _take_out(self) -> list[Note]:
        taken: list[Note] = []
        with suppress(IndexError):  # another thread was quicker
            while len(taken) < MOST_TOGETHER:
                taken.append(self._waiting.popleft())
        return taken


def _row(note: Note) -> dict[str, str | float]:
    return {
        "type": note.kind,
        "outcome": note.outcome,
        "ms": round(note.seconds * 1000, 1),
        "openid": short_openid(note.openid),
        "trace": note.trace,
    }


@lru_cache(maxsize=512)
def _counted(kind: str, outcome: str) -> Counter:
    return MESSAGES.labels(kind, outcome)
