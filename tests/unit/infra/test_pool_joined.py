"""Work that is in hand already is not begun a second time."""

from __future__ import annotations

import threading

import pytest

from infra.errors import Unavailable
from infra.pool import BoundedPool, aside


def test_who_asks_for_the_same_waits_for_the_same_answer() -> None:
    pool, free, begun = BoundedPool("test", workers=2, waiting=0), threading.Event(), []

    def work(name: str) -> str:
        begun.append(name)
        free.wait(10)
        return name

    first, twin, other = (pool.join(key, work, key) for key in ("a", "a", "b"))
    assert twin is first
    assert pool.busy == 2
    with pytest.raises(Unavailable):
        pool.join("c", work, "c")
    free.set()
    assert (first.result(10), other.result(10)) == ("a", "b")
    assert sorted(begun) == ["a", "b"]
    pool.close()


def test_what_is_done_is_begun_anew() -> None:
    pool = BoundedPool("test", workers=1, waiting=1)
    for number in range(5):
        assert pool.join("key", int, number).result(10) == number
        pool.submit(int).result(10)  # the one worker has tidied up after the work before
    pool.close()


def test_what_goes_aside_is_dropped_when_there_is_no_room() -> None:
    pool, free = BoundedPool("test", workers=1, waiting=0), threading.Event()
    done: list[int] = []
    running = pool.submit(free.wait, 10)
    aside(pool, lambda: done.append(1))()
    free.set()
    assert running.result(10)
    assert done == []
    pool.close()
