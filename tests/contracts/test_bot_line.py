"""One follower's messages in order across processes, on each store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.line import MOST_WAITING, PASSED_BY_S, Line
from infra.keyvalue import KeyValueStore
from infra.keyvalue_sqlite import SqliteStore

ME, OTHER = "oMe", "oOther"


class Occupied(Exception):
    pass


def enter(store: KeyValueStore, openid: str, mark: bytes) -> bool:
    """Whether the line lets this mark work at once; if not, its mark is left standing there."""

    def pause(_s: float) -> None:
        raise Occupied

    try:
        Line(store, pause=pause).enter(openid, mark)
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


def test_a_mark_whose_process_died_is_passed_by(tmp_path: Path) -> None:
    store, moments = SqliteStore(tmp_path / "kv.db"), [0.0]
    assert enter(store, ME, b"dead")
    line = Line(store, pause=lambda s: moments.append(moments[-1] + s), now_s=lambda: moments[-1])
    line.enter(ME, b"next")
    assert PASSED_BY_S <= moments[-1] < PASSED_BY_S + 1
    line.leave(ME, b"dead")  # it was only slow: it does nothing to those who went on
    assert not enter(store, ME, b"third")
    line.leave(ME, b"next")
    Line(store).enter(ME, b"third")


def test_a_line_that_is_too_long_is_no_line(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "kv.db")
    store.set(f"line:{ME}", b" ".join(b"%d" % number for number in range(MOST_WAITING)), ttl_s=60)
    Line(store, pause=lambda _s: None).enter(ME, b"more")
    Line(store).leave(ME, b"more")
    assert len((store.get(f"line:{ME}") or b"").split()) == MOST_WAITING
