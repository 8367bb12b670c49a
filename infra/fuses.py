"""Timers of one length, of which nearly all are put out in time: one timer of the loop serves them all.

A timer of the loop's own for each message costs more than looking the message up does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Fuses(Generic[T]):
    """Calls ``burn_down`` with what has been lit for ``seconds`` and was not put out.

    For one event loop's thread. They burn down in the order in which they were lit; what is out is not held.
    Items are told apart by being equal or not, so let them be compared by identity.
    """

    def __init__(self, seconds: float, burn_down: Callable[[T], None]) -> None:
        self._seconds = seconds
        self._burn_down = burn_down
        self._lit: dict[T, float] = {}  # with the time at which it burns down; the first lit is the first
        self._timer: asyncio.TimerHandle | None = None

    def light(self, item: T) -> None:
        """From now on."""
        loop = asyncio.get_running_loop()
        self._lit[item] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)

    def put_out(self, item: T) -> None:
        """Does nothing to what does not burn."""
        self._lit.pop(item, None)

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        while (first := next(iter(self._lit), None)) is not None and self._lit[first] <= loop.time():
            del self._lit[first]
            self._burn_down(first)
        if first is not None:
            self._timer = loop.call_at(self._lit[first], self._look)
