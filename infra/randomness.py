"""Random bytes for the path of every message: drawn from the system many at a time.

Each draw is a call to the system, during which another thread may take over: a dozen microseconds for eight
bytes. What is drawn is as good as ``secrets``, and given out once.
"""

from __future__ import annotations

import os
import threading

_DRAWN = 4_096


class Randomness:
    """Safe to share by threads; after a fork each process draws its own."""

    _turn: threading.Lock
    _drawn: bytes
    _given: int

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def take(self, count: int) -> bytes:
        """``count`` random bytes, at most 4,096."""
        with self._turn:
            begin = self._given
            if begin + count > len(self._drawn):
                self._drawn, begin = os.urandom(_DRAWN), 0
            self._given = begin + count
            return self._drawn[begin : self._given]

    def _forget(self) -> None:
        self._turn = threading.Lock()
        self._drawn = b""
        self._given = 0


random_bytes = Randomness().take
