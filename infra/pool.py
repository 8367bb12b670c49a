"""A bounded pool for whatever waits: the edge hands work in and is told at once when there is no room."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

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

    def close(self, *, wait: bool = True) -> None:
        self._pool.shutdown(wait=wait, cancel_futures=not wait)

    def _take_room(self) -> None:
        with self._counting:
            if self._room == 0:
                raise Unavailable(f"the {self._name} pool is full")
            self._room -= 1

    def _give_room(self, _done: object = None) -> None:
        with self._counting:
            self._room += 1
