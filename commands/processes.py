"""Several processes that share one listening socket: a parent that only watches over its children.

Tornado's own `fork_processes` leaves the children behind when its parent is told to stop.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType

from infra.log import get_logger

log = get_logger("serve")

MAX_RESTARTS = 100
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
CALM_S = 60.0  # without a death, after which the earlier ones are forgotten
BAD_CONFIGURATION = 2  # the exit status that says so
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def fork_children(count: int, *, pause: Callable[[float], None] = time.sleep) -> int:
    """Returns in each child, with its number from 0; the parent stays inside and exits with its children.

    A child that dies is replaced, after a pause that grows, `MAX_RESTARTS` times in a row; not one that
    found the configuration wrong. SIGTERM and SIGINT are passed on. ``pause`` waits for some seconds.
    """
    return _Parent(pause).run(count)


class _Parent:
    def __init__(self, pause: Callable[[float], None]) -> None:
        self._pause = pause
        self._children: dict[int, int] = {}
        self._stopping = False
        self._status = 0
        self._restarts = 0
        self._last_death_s = time.monotonic()

    def run(self, count: int) -> int:
        before = {number: signal.signal(number, self._stop) for number in _SIGNALS}
        for number in range(count):
            if not self._fork(number):
                return _in_child(number, before)
        while self._children:
            pid, status = os.wait()
            number = self._children.pop(pid)
            if self._replaces(number, os.waitstatus_to_exitcode(status)) and not self._fork(number):
                return _in_child(number, before)
        sys.exit(self._status)

    def _fork(self, number: int) -> bool:
        """True in the parent. No signal may come between a birth and its entry in the book."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = 0 if self._stopping else os.fork()
        if pid:
            self._children[pid] = number
        elif not self._stopping:
            return False
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        return True

    def _replaces(self, number: int, status: int) -> bool:
        if self._stopping or status == 0:
            return False
        if status == BAD_CONFIGURATION:
            return self._give_up(status)
        self._count_death()
        log.error("child_died", number=number, status=status, restarts=self._restarts)
        if self._restarts > MAX_RESTARTS:
            return self._give_up(1)
        self._hold_on(min(FIRST_PAUSE_S * 2 ** (self._restarts - 1), LONGEST_PAUSE_S))
        return True

    def _count_death(self) -> None:
        now_s = time.monotonic()
        if now_s - self._last_death_s > CALM_S:
            self._restarts = 0
        self._last_death_s = now_s
        self._restarts += 1

    def _hold_on(self, seconds: float) -> None:
        """In small steps: a sleep goes on after a signal, and the end must not wait for it."""
        for _ in range(round(seconds / FIRST_PAUSE_S)):
            if not self._stopping:
                self._pause(FIRST_PAUSE_S)

    def _give_up(self, status: int) -> bool:
        self._status = status
        self._stop(signal.SIGTERM, None)
        return False

    def _stop(self, signal_number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(pid, signal_number)


def _in_child(number: int, before: Mapping[signal.Signals, object]) -> int:
    """The parent's signals are not ours."""
    for name, handler in before.items():
        signal.signal(name, handler)  # type: ignore[arg-type]  # what `signal` itself gave
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    return number
