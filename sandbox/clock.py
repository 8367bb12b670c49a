"""What time it is, as a value that a test can hold still."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], float]
"""Answers seconds since 1970, UTC."""

system_clock: Clock = time.time

BEIJING = timezone(timedelta(hours=8))


def beijing_time(at: float) -> str:
    """RFC 3339 to the second with +08:00, as WeChat Pay writes every time."""
    return datetime.fromtimestamp(at, BEIJING).isoformat(timespec="seconds")


def utc_time(at: float) -> str:
    """RFC 3339 in UTC to the millisecond, for the script interface."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


class ManualClock:
    """A clock that moves only when told; for tests of windows and lifetimes."""

    def __init__(self, at: float = 1_760_000_000.0) -> None:
        self._at = at

    def __call__(self) -> float:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at += seconds
