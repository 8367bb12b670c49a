"""One follower's messages in order across processes, on each store."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.line import MOST_WAITING, PASSED_BY_S, Line, new_mark
from infra.keyvalue import KeyValueStore
from infra.keyvalue_sqlite import SqliteStore

ME, OTHER = "oMe", "oOther"


class Occupied(Exception):
    pass


def enter(store: KeyValueStore, openid: str, mark: bytes, *, at_s: float = 1000.0) -> bool:
    """Whether the line lets this mark work at once; if not, its mark is left standing there."""

    def pause(_s: float) -> None:
        raise Occupied

    try:
        Line(store, pause=pause, now_s=lambda: at_s).enter(openid, mark)
    except Occupied:
        return False
    return True


def test_an_empty_line_is_entered_at_once_and_left(store: KeyValueStore) -> None:
    line = Line(store)
    assert enter(store, ME, b"a")
    assert not enter(store, ME, b"b")
    assert enter(store, OTHER, b"c")
    line.leave(ME, b"a")
    assert enter(store, ME, b"b")
    line.leave(ME, b"b")
    assert store.get(f"line:{ME}") is None


def test_who_waits_goes_on_in_the_order_of_arrival(store: KeyValueStore) -> None:
    """Each marks its arrival before the next one comes; each next one leaves only after it was let in."""
    marks = [b"%d" % number for number in range(6)]
    worked: list[bytes] = []
    entered = threading.Semaphore(0)

    def pause(_s: float) -> None:
        entered.release()  # the first pause comes when the mark stands in the line already
        pauses.wait(0.002)

    def work(mark: bytes) -> None:
        line = Line(store, pause=pause)
        line.enter(ME, mark)
        worked.append(mark)
        line.leave(ME, mark)

    pauses = threading.Event()
    assert enter(store, ME, b"first")
    with ThreadPoolExecutor(len(marks)) as pool:
        waiting = []
        for mark in marks:
            waiting.append(pool.submit(work, mark))
            while store.get(f"line:{ME}") is None or mark not in (store.get(f"line:{ME}") or b"").split():
                assert entered.acquire(timeout=10)
        Line(store).leave(ME, b"first")
        for one in waiting:
            one.result(timeout=10)
    assert worked == marks
    assert store.get(f"line:{ME}") is None


def test_one_works_at_a_time_however_many_come(store: KeyValueStore) -> None:
    inside = threading.Lock()
    together: list[bytes] = []

    def work(number: int) -> None:
        line, mark = Line(store), b"m%d" % number
        line.enter(ME, mark)
        if inside.acquire(blocking=False):
            store.get("work")
            inside.release()
        else:
            together.append(mark)
        line.leave(ME, mark)

    with ThreadPoolExecutor(MOST_WAITING // 2) as pool:
        for one in [pool.submit(work, number) for number in range(40)]:
            one.result(timeout=20)
    assert together == []
    assert store.get(f"line:{ME}") is None


def watched(store: KeyValueStore, moments: list[float]) -> Line:
    """A line in a world where time moves by the pauses."""
    return Line(store, pause=lambda s: moments.append(moments[-1] + s), now_s=lambda: moments[-1])


def test_a_mark_whose_process_died_is_passed_by(tmp_path: Path) -> None:
    store, moments = SqliteStore(tmp_path / "kv.db"), [1000.0]
    dead, following, third = (new_mark(moments[0]) for _ in range(3))
    assert enter(store, ME, dead)
    line = watched(store, moments)
    line.enter(ME, following)
    assert PASSED_BY_S <= moments[-1] - 1000 < PASSED_BY_S + 1
    line.leave(ME, dead)  # it was only slow: it does nothing to those who went on
    assert not enter(store, ME, third)
    line.leave(ME, following)
    Line(store).enter(ME, third)


def test_who_comes_later_waits_the_rest_of_a_dead_marks_time_only(tmp_path: Path) -> None:
    store, moments = SqliteStore(tmp_path / "kv.db"), [1000.0]
    assert enter(store, ME, new_mark(moments[0]))
    moments.append(1004.0)
    watched(store, moments).enter(ME, new_mark(1004.0))
    assert 1000 + PASSED_BY_S <= moments[-1] < 1000 + PASSED_BY_S + 0.5
    moments.append(1100.0)
    watched(store, moments).enter(ME, new_mark(1100.0))
    assert moments[-1] == 1100


def test_a_mark_has_its_time_from_when_it_stands_first(tmp_path: Path) -> None:
    """It came long ago, and began to work only now."""
    store, moments = SqliteStore(tmp_path / "kv.db"), [1000.0]
    line, (first, second, third) = watched(store, moments), (new_mark(1000.0) for _ in range(3))
    assert enter(store, ME, first)
    assert not enter(store, ME, second)
    moments.append(1005.0)
    line.leave(ME, first)
    line.enter(ME, third)
    assert 1005 + PASSED_BY_S <= moments[-1] < 1005 + PASSED_BY_S + 0.5


@pytest.mark.parametrize(
    "mark", [new_mark(2000.0), b"of-another-version"], ids=["of a clock ahead", "of another version"]
)
def test_a_mark_whose_time_says_nothing_is_waited_for_by_our_own(tmp_path: Path, mark: bytes) -> None:
    store, moments = SqliteStore(tmp_path / "kv.db"), [1000.0]
    assert enter(store, ME, mark)
    watched(store, moments).enter(ME, new_mark(1000.0))
    assert PASSED_BY_S <= moments[-1] - 1000 < PASSED_BY_S + 1


def test_a_line_that_is_too_long_is_no_line(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "kv.db")
    store.set(f"line:{ME}", b" ".join(b"%d" % number for number in range(MOST_WAITING)), ttl_s=60)
    Line(store, pause=lambda _s: None).enter(ME, b"more")
    Line(store).leave(ME, b"more")
    assert len((store.get(f"line:{ME}") or b"").split()) == MOST_WAITING


def test_a_forked_process_makes_marks_of_its_own() -> None:
    """It begins to count where its parent stood."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, new_mark(1000.0))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 200)
    os.close(reading)
    os.close(writing)
    assert theirs.split(b"-")[0] != new_mark(1000.0).split(b"-")[0]
