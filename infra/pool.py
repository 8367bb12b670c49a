"""A bounded pool for whatever waits: the edge hands work in and is told at once when there is no room."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

from infra.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")


class BoundedPool:
    """``workers`` threads and at most ``waiting`` jobs in line behind them."""

    def __init__(self, name: str, *, workers: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix=name)
        self._room = workers + waiting
        self._counting = threading.Lock()
        self._name = name
        self._busy = 0
        self._joining = threading.Lock()
        self._joined: dict[Hashable, Future[Any]] = {}

    @property
    def busy(self) -> int:
        """Jobs in hand, running or waiting in line."""
        return self._busy

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Starts the work; raises Unavailable at once when the line is full."""
        self._take_room()
        try:
            future = self._pool.submit(work, *args, **kwargs)
        except RuntimeError as error:
            self._give_room()
            raise Unavailable(f"the {self._name} pool is closing") from error
        future.add_done_callback(self._give_room)
        return future

    def join(self, key: Hashable, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Like `submit`; but who asks for a ``key`` that is in hand already waits for that same answer.

        So the taps of one follower take one place. The future may have several owners: do not cancel it.
        """
        with self._joining:
            running = self._joined.get(key)
            if running is not None:
                return running
            future = self.submit(work, *args, **kwargs)
            self._joined[key] = future
        future.add_done_callback(lambda _done: self._part(key))
        return future

    def close(self, *, wait: bool = True) -> None:
        self._pool.shutdown(wait=wait, cancel_futures=not wait)

    def _take_room(self) -> None:
        with self._counting:
            if self._busy == self._room:
                raise Unavailable(f"the {self._name} pool is full")
            self._busy += 1

    def _give_room(self, _done: object = None) -> None:
        with self._counting:
            self._busy -= 1

    def _part(self, key: Hashable) -> None:
        with self._joining:
            del self._joined[key]


def aside(pool: BoundedPool, work: Callable[[], None]) -> Callable[[], None]:
    """``work`` for those who will not wait for it: begun in the pool, or dropped when that is full.

    It is told what it comes from (`infra.log.tracing`).
    """

    def begin() -> None:
        with suppress(Unavailable):
            pool.submit(copy_context().run, work)

    return begin
