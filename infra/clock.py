"""Time as a value that is handed in, so that a test can move it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment, always aware and in UTC."""

    def now(self) -> datetime: ...

    def now_s(self) -> float:
        """The same in seconds since 1970, for a tenth of the work."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def now_s(self) -> float:
        return time.time()


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = (start or datetime(2026, 1, 5, 2, 0, tzinfo=UTC)).astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def now_s(self) -> float:
        return self._now.timestamp()

    def advance(self, seconds: float) -> None:
        """Moves the clock forward by ``seconds``."""
        self._now += timedelta(seconds=seconds)
