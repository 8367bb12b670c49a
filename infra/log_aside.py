"""A log's stream that nobody waits for.

A terminal that is held and a pipe that nobody reads take nothing for as long as they like. The loop must not
stand still for that: a thread of its own writes, and when too much waits, lines are lost and counted.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from typing import Protocol

MOST_CHARS = 1_000_000  # some five thousand lines
LAST_S = 1.0  # for what waits when the process ends


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...


class Aside:
    """Writes to ``target`` in the order in which it was given; safe to share by threads, also over a fork.

    ``lost`` makes the line that tells how many lines were lost; it stands where they are missing. A target
    that has gone loses everything in silence.
    """

    _turn: threading.Lock
    _something: threading.Event
    _idle: threading.Event
    _thread: threading.Thread | None

    def __init__(self, target: Stream, lost: Callable[[int], str], *, most_chars: int = MOST_CHARS) -> None:
        self._target = target
        self._lost_line = lost
        self._most_chars = most_chars
        self._begin()
        os.register_at_fork(after_in_child=self._begin)
        atexit.register(self.drain, LAST_S)

    def write(self, text: str, /) -> int:
        """Never waits for the target."""
        with self._turn:
            # A line about lost ones goes before what comes after them.
            if self._lost or self._chars + len(text) > self._most_chars:
                self._lost += text.count("\n")
            else:
                self._waiting.append(text)
                self._chars += len(text)
            self._idle.clear()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()
        self._something.set()
        return len(text)

    def flush(self) -> None:
        """It is written as soon as that can be."""

    def drain(self, within_s: float) -> bool:
        """Waits until all is written, or so long; True if it is."""
        return self._idle.wait(within_s)

    def _begin(self) -> None:
        """After a fork, too: there is no thread then, and what waited is the parent's to write."""
        self._turn, self._something, self._idle = threading.Lock(), threading.Event(), threading.Event()
        self._idle.set()
        self._waiting: list[str] = []
        self._chars = self._lost = 0
        self._thread = None

    def _run(self) -> None:
        while True:
            self._something.wait()
            self._something.clear()
            while text := self._take():
                try:
                    self._target.write(text)
                    self._target.flush()
                except (OSError, ValueError):  # a full disk; ValueError: it has been closed
                    pass

    def _take(self) -> str:
        with self._turn:
            text = "".join(self._waiting)
            if self._lost:
                text += self._lost_line(self._lost) + "\n"
            self._waiting, self._chars, self._lost = [], 0, 0
            if not text:
                self._idle.set()
            return text
