"""Threads for the work of one event loop: it hands jobs in, and hears on its own thread when they are done.

What `infra.pool` does with futures, for a path where those would be a tenth of the work: nobody waits for a
result here, and jobs that end close together wake the loop once.

As few threads as will do: the interpreter runs one at a time anyway, and a job that changes threads finds
neither its code nor its data in the processor's caches. So a few are awake while their jobs get on, the one
that was busy last is woken first, and others are called up for those that are stuck in a job.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from infra.log import get_logger

log = get_logger("serve")

T = TypeVar("T")

# Two: while one waits for a store, the other one works.
AWAKE = 2
# A clock does not tell who waits for a store from who waits for the processor. So somebody is stuck when so
# many jobs were begun since his own; or all are, when none was begun for so long.
OVERTAKEN = 16
STUCK_S = 0.01
# While no job waits in line the processor is not what he waits for.
STUCK_AT_LEISURE_S = 0.002
_OUT = -OVERTAKEN


class _Hand:
    """One thread, which sleeps until its ``bell`` is let go.

    ``number``: how many jobs had begun when its present one did, or when it was woken for one; `_OUT` for who
    sleeps or is stuck. ``since_s``: when that was.
    """

    __slots__ = ("bell", "number", "since_s", "thread")

    def __init__(self, number: int) -> None:
        self.bell = threading.Lock()
        self.bell.acquire()
        self.begins(number)
        self.thread: threading.Thread | None = None

    def begins(self, number: int) -> None:
        self.number, self.since_s = number, time.monotonic()


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
        self._hands: list[_Hand] = []
        self._turn = threading.Lock()  # over who sleeps
        self._asleep: list[_Hand] = []
        self._jobs: deque[T] = deque()
        self._begun = 0
        self._ended: deque[T] = deque()
        self._woken = False
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking = False

    def take(self, job: T) -> bool:
        """False when there is no room."""
        if self._in_hand >= self._room or self._closed:
            return False
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        if not self._hands and not self._hire():
            return False
        self._in_hand += 1
        at_leisure = not self._jobs
        self._jobs.append(job)
        self._call_up(stuck_s=STUCK_AT_LEISURE_S if at_leisure else None)
        return True

    def close(self, *, wait: bool = True) -> None:
        """Ends the threads: once all is done, or as soon as each has done what it has in work."""
        if not wait:
            self._jobs.clear()
        with self._turn:
            self._closed = True
            asleep, self._asleep = self._asleep, []
        for hand in asleep:
            hand.bell.release()
        if wait:
            for hand in self._hands:
                if hand.thread is not None:
                    hand.thread.join()

    def _call_up(self, *, stuck_s: float | None = None) -> None:
        """Wakes or hires one more when fewer than a few get on, and looks again if jobs wait.

        ``stuck_s``: who needs longer does not get on.
        """
        then_s = 0.0 if stuck_s is None else time.monotonic() - stuck_s
        with self._turn:
            last = self._begun - OVERTAKEN
            getting_on = sum(hand.number > last and hand.since_s > then_s for hand in self._hands)
            more = getting_on < min(AWAKE, self._in_hand)
            hand = self._asleep.pop() if more and self._asleep else None
            if hand is not None:
                hand.begins(self._begun)
        if hand is not None:
            hand.bell.release()
        elif more and len(self._hands) < self._workers:
            self._hire()
        if self._jobs and not self._looking and self._loop is not None:
            self._looking = True
            self._loop.call_later(STUCK_S, self._look, self._begun)

    def _look(self, begun: int) -> None:
        """``begun``: how many jobs had begun when this was put off."""
        self._looking = False
        if not self._jobs or self._closed:
            return
        if self._begun == begun:
            for hand in self._hands:
                hand.number = _OUT
        self._call_up()

    def _hire(self) -> bool:
        """One more, where the system gives one; False when there is nobody at all."""
        hand = _Hand(self._begun)
        # They must not keep a process alive that has been told to end.
        hand.thread = threading.Thread(
            target=self._run, args=(hand,), name=f"{self._name}_{len(self._hands)}", daemon=True
        )
        try:
            hand.thread.start()
        except RuntimeError as error:
            log.error("no_thread", crew=self._name, cause=str(error))
        else:
            self._hands.append(hand)
        return bool(self._hands)

    def _run(self, hand: _Hand) -> None:
        while True:
            try:
                job = self._jobs.popleft()
            except IndexError:
                if self._sleep(hand):
                    continue
                return
            self._begun += 1  # by several threads at once, so roughly
            hand.begins(self._begun)
            self._do(job)

    def _sleep(self, hand: _Hand) -> bool:
        """Until there is something to do; False when there never will be."""
        with self._turn:
            if self._jobs:  # it was put in before we were known to sleep
                return True
            if self._closed:
                return False
            hand.number = _OUT
            self._asleep.append(hand)
        hand.bell.acquire()
        return True

    def _do(self, job: T) -> None:
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
