"""Threads that write what has gathered."""

from __future__ import annotations

import os
import threading

import pytest

from infra import gatherer
from infra.gatherer import Gatherer

PATIENCE_S = 30.0


def test_what_comes_while_it_writes_is_written_too() -> None:
    waiting = ["first"]
    written: list[str] = []
    done = threading.Event()

    def flush() -> None:
        taken = waiting.copy()
        waiting.clear()
        if taken == ["first"]:
            waiting.append("second")
            writer.wake()
        written.extend(taken)
        if "second" in written:
            done.set()

    writer = Gatherer("one", flush, pause_s=0)
    writer.wake()
    assert done.wait(PATIENCE_S)
    writer.close()
    assert written == ["first", "second"]


def test_they_write_one_after_the_other() -> None:
    alone, met = threading.Lock(), threading.Event()

    def flush() -> None:
        if not alone.acquire(blocking=False):
            met.set()
        else:
            os.sched_yield()
            alone.release()
        written.release()

    written = threading.Semaphore(0)
    writers = [Gatherer(name, flush, pause_s=0) for name in ("one", "other")]
    for _ in range(200):
        for writer in writers:
            writer.wake()
        assert written.acquire(timeout=PATIENCE_S)
    for writer in writers:
        writer.close()
    assert not met.is_set()


def test_one_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gatherer, "IN_TURN_S", 0.001)
    hangs, goes_on, written = threading.Event(), threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        goes_on.wait(PATIENCE_S)

    slow, quick = Gatherer("slow", hang, pause_s=0), Gatherer("quick", written.set, pause_s=0)
    slow.wake()
    assert hangs.wait(PATIENCE_S)
    quick.wake()
    assert written.wait(PATIENCE_S)
    goes_on.set()
    for writer in (slow, quick):
        writer.close()
