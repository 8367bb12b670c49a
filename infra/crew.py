"""Threads for the work of one event loop: it hands jobs in, and hears on its own thread when they are done.

What `infra.pool` does with futures, for a path where those would be a tenth of the work: nobody waits for a
result here, and jobs that end close together wake the loop once.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from infra.log import get_logger

log = get_logger("serve")

T = TypeVar("T")


class Crew(Generic[T]):
    """``work`` is done by one of ``workers`` threads; ``done`` is then told on the loop, whatever came of it.

    At most ``waiting`` jobs stand in line behind those in work. `take` is for the loop's thread. Neither of
    the two should raise: it is logged, and the others go on.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[T], None],
        done: Callable[[T], None],
        *,
        workers: int,
        waiting: int,
    ) -> None:
        self._name = name
        self._work = work
        self._done = done
        self._workers = workers
        self._room = workers + waiting
        self._in_hand = 0
        self._threads: list[threading.Thread] = []
        self._jobs: SimpleQueue[T | None] = SimpleQueue()
        self._ended: deque[T] = deque()
        self._woken = False
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def take(self, job: T) -> bool:
        """False when there is no room."""
        if self._in_hand >= self._room or self._closed:
            return False
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        if self._in_hand >= len(self._threads) < self._workers and not self._hire():
            return False
        self._in_hand += 1
        self._jobs.put(job)
        return True

    def close(self, *, wait: bool = True) -> None:
        """Ends the threads: once all is done, or as soon as each has done what it has in work."""
        self._closed = True
        if not wait:
            self._drop_waiting()
        for _ in self._threads:
            self._jobs.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _hire(self) -> bool:
        """One more, where the system gives one; False when there is nobody at all."""
        # They must not keep a process alive that has been told to end.
        thread = threading.Thread(target=self._run, name=f"{self._name}_{len(self._threads)}", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            log.error("no_thread", crew=self._name, cause=str(error))
        else:
            self._threads.append(thread)
        return bool(self._threads)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._work(job)
            except BaseException:  # whoever ends his thread ends neither this one nor the wait for his job
                log.exception("work_broke", crew=self._name)
            self._ended.append(job)
            # Whoever finds the loop woken already has put his job in before it looks.
            if not self._woken:
                self._woken = True
                self._wake()

    def _wake(self) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
                self._loop.call_soon_threadsafe(self._report)

    def _report(self) -> None:
        self._woken = False
        while self._ended:
            self._in_hand -= 1
            try:
                self._done(self._ended.popleft())
            except Exception:  # of the others each is waited for, too
                log.exception("done_broke", crew=self._name)

    def _drop_waiting(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                self._jobs.get_nowait()
