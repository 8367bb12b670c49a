"""A thread that writes what has gathered a moment later, so that many small things cost one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable

from infra.errors import KebanError
from infra.log import get_logger

log = get_logger("store")

AFTER_FAILURE_S = 0.5
# All are woken by the same messages. Who answers would wait for as many of them as write at once, so they
# write one after the other; but nobody waits for long for one that hangs.
IN_TURN_S = 0.05
_turn = threading.Lock()
_JOIN_S = 5


class Gatherer:
    """Calls ``flush`` some ``pause_s`` after `wake`, and again after a failure.

    What ``flush`` could not write stays its own.

    The thread starts with the first `wake`. Once ``closed`` nobody writes but the caller.
    """

    def __init__(self, name: str, flush: Callable[[], None], *, pause_s: float) -> None:
        self._name = name
        self._flush = flush
        self._pause_s = pause_s
        self._starting = threading.Lock()
        self._something = threading.Event()
        self._knows = False
        self.closed = False
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There is something to write. Costs next to nothing when the thread knows already."""
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    self._thread.start()
        if not self._knows:
            self._knows = True
            self._something.set()

    def close(self) -> None:
        """Ends the thread; what is left is the caller's to flush."""
        self.closed = True
        self._closing.set()
        self._something.set()
        if self._thread is not None:
            self._thread.join(timeout=_JOIN_S)

    def _run(self) -> None:
        while not self.closed:
            self._something.wait()
            self._closing.wait(self._pause_s)
            self._something.clear()
            self._knows = False  # in this order: whoever finds it true has come before what is written now
            try:
                self._flush_in_turn()
            except KebanError as error:
                log.warning("writing_waits", what=self._name, cause=str(error))
                self._again()
            except Exception:
                # The outermost edge of this thread: what trips the code must not end all writing.
                log.exception("writing_broke", what=self._name)

    def _flush_in_turn(self) -> None:
        mine = _turn.acquire(timeout=IN_TURN_S)
        try:
            self._flush()
        finally:
            if mine:
                _turn.release()

    def _again(self) -> None:
        self._closing.wait(AFTER_FAILURE_S)
        self._something.set()
