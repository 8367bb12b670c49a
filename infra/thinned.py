"""A log line that strangers can cause: a few a minute are written, the others are counted.

Whoever floods a door that is open to the world must not fill the disk, nor bury what else is in the log.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from infra.log import Logger

A_MINUTE = 10
_MINUTE_S = 60.0


class Thinned:
    """Warnings of one kind, at most ``a_minute`` in any minute; the next one tells how many were left out.

    Safe to share by threads. ``now_s`` can be handed in by a test.
    """

    def __init__(
        self, log: Logger, *, a_minute: int = A_MINUTE, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._log, self._a_minute, self._now_s = log, a_minute, now_s
        self._turn = threading.Lock()
        self._since_s = now_s()
        self._written = self._left_out = 0

    def warning(self, event: str, **values: Any) -> None:
        with self._turn:
            now_s = self._now_s()
            if now_s - self._since_s >= _MINUTE_S:
                self._since_s, self._written = now_s, 0
            if self._written >= self._a_minute:
                self._left_out += 1
                return
            self._written += 1
            more, self._left_out = {"left_out": self._left_out} if self._left_out else {}, 0
        self._log.warning(event, **values, **more)
