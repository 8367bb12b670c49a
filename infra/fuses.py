"""Timers of one length, of which nearly all are put out in time: one timer of the loop serves them all.

A timer of the loop's own for each message costs more than looking the message up does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Fuses(Generic[T]):
    """Calls ``burn_down`` with what has been lit for ``seconds``, unless ``is_out`` by then.

    For one event loop's thread. They burn down in the order in which they were lit.
    """

    def __init__(self, seconds: float, is_out: Callable[[T], bool], burn_down: Callable[[T], None]) -> None:
        self._seconds = seconds
        self._is_out = is_out
        self._burn_down = burn_down
        self._lit: deque[tuple[float, T]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def light(self, item: T) -> None:
        """From now on."""
        self._drop_what_is_out()
        loop = asyncio.get_running_loop()
        self._lit.append((loop.time() + self._seconds, item))
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        self._drop_what_is_out()
        while self._lit and self._lit[0][0] <= loop.time():
            self._burn_down(self._lit.popleft()[1])
            self._drop_what_is_out()
        if self._lit:
            self._timer = loop.call_at(self._lit[0][0], self._look)

    def _drop_what_is_out(self) -> None:
        while self._lit and self._is_out(self._lit[0][1]):
            self._lit.popleft()
