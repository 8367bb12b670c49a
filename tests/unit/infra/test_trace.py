"""Which lines, parcels and jobs come from one message: they carry its trace, and nothing else does."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import structlog

from infra import log, outbox
from infra.clock import ManualClock
from infra.database import Database
from infra.log import TRACE_CHARS, present_trace, trace_of, tracing
from infra.outbox import Outbox, Parcel
from infra.pool import BoundedPool, aside
from infra.queue import leaving, nudger, open_queue, standing, start_consumer, traced
from infra.settings import Settings
from tests.waiting import until

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Logging as in production, into memory; afterwards as it was."""
    root, stream = logging.getLogger(), io.StringIO()
    before = (root.handlers[:], root.level, structlog.get_config())
    log.configure(json_lines=True, stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before[0], before[1]
    structlog.configure(**before[2])


def queue_in(folder: Path, redis_url: str = "") -> Any:
    redis = {"url": redis_url, "prefix": f"keban-test-{folder.name}:"}
    return open_queue(Settings(site={"data_dir": folder}, redis=redis))  # type: ignore[arg-type]


# Lines


def test_a_line_says_what_it_comes_from(lines: Lines) -> None:
    with tracing("0a1b2c"):
        log.get_logger("x").info("inside")
        logging.getLogger("some.library").warning("inside too")
    log.get_logger("x").info("outside")
    assert [line.get("trace") for line in lines()] == ["0a1b2c", "0a1b2c", None]


def test_a_readable_line_says_it_too() -> None:
    stream = io.StringIO()
    before = structlog.get_config()
    root = logging.getLogger()
    kept = (root.handlers[:], root.level)
    log.configure(json_lines=False, stream=stream)
    with tracing("0a1b2c"):
        log.get_logger("x").info("inside")
    structlog.configure(**before)
    root.handlers[:], root.level = kept
    assert "trace=0a1b2c" in stream.getvalue()


def test_what_comes_from_something_else_inside_is_told_apart() -> None:
    with tracing("a"):
        with tracing("b"):
            assert present_trace() == "b"
        assert present_trace() == "a"
        with tracing(""):
            assert present_trace() == ""
    assert present_trace() == ""


def test_it_ends_with_the_block_even_when_the_block_breaks() -> None:
    with pytest.raises(ZeroDivisionError), tracing("a"):
        raise ZeroDivisionError
    assert present_trace() == ""


def test_another_thread_comes_from_elsewhere() -> None:
    with tracing("a"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(present_trace).result(10) == ""


def test_a_trace_is_short_and_always_the_same() -> None:
    assert trace_of("EV-2018022511223320873") == trace_of("EV-2018022511223320873")
    assert len(trace_of("EV-1")) == TRACE_CHARS
    assert len({trace_of(f"EV-{number}") for number in range(10_000)}) == 10_000
    assert int(trace_of("坏\ud800"), 16) >= 0


# Parcels


def put(database: Database, clock: ManualClock, key: str) -> None:
    with database.transaction() as conn:
        outbox.put(conn, topic="receipt", key=key, payload={}, now=clock.now())


def test_a_parcel_is_delivered_under_the_trace_of_what_put_it(
    database: Database, clock: ManualClock, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A logger keeps what was configured when it wrote its first line.
    monkeypatch.setattr(outbox, "log", log.get_logger("outbox"))
    with tracing("0a1b2c"):
        put(database, clock, "k1")
    put(database, clock, "k2")
    seen: list[tuple[str, str]] = []

    def take(parcel: Parcel) -> None:
        log.get_logger("x").info("delivered", key=parcel.key)
        seen.append((parcel.trace, present_trace()))
        raise ZeroDivisionError

    # The worker's own job comes from yet another message.
    with tracing("ffffff"):
        Outbox(database, clock).deliver({"receipt": take})
        assert present_trace() == "ffffff"
    assert seen == [("0a1b2c", "0a1b2c"), ("", "")]
    by_key = [(line["event"], line["key"], line.get("trace")) for line in lines()]
    assert by_key == [
        ("delivered", "k1", "0a1b2c"),
        ("outbox_handler_broke", "k1", "0a1b2c"),
        ("outbox_will_repeat", "k1", "0a1b2c"),
        ("delivered", "k2", None),
        ("outbox_handler_broke", "k2", None),
        ("outbox_will_repeat", "k2", None),
    ]


def test_the_outbox_tells_how_long_what_is_due_has_been_due(database: Database, clock: ManualClock) -> None:
    box = Outbox(database, clock)
    assert (box.standing().waiting, box.standing().overdue_s) == (0, 0.0)
    put(database, clock, "k1")
    clock.advance(7)
    put(database, clock, "k2")
    clock.advance(3)
    assert (box.standing().waiting, box.standing().overdue_s) == (2, 10.0)
    box.deliver({"receipt": lambda _: None}, limit=1)
    assert (box.standing().waiting, box.standing().overdue_s) == (1, 3.0)


def test_a_parcel_that_pauses_is_not_overdue(db: Database, clock: ManualClock) -> None:
    put(db, clock, "k1")

    def fail(_parcel: Parcel) -> None:
        raise ZeroDivisionError

    Outbox(db, clock).deliver({"receipt": fail})
    clock.advance(1)
    assert (Outbox(db, clock).standing().waiting, Outbox(db, clock).standing().overdue_s) == (1, 0.0)


# Jobs


@pytest.mark.parametrize("where", ["embedded", pytest.param("redis", marks=pytest.mark.redis)])
def test_a_job_is_done_under_the_trace_of_what_left_it(
    tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    queue = queue_in(tmp_path, request.getfixturevalue("redis_url") if where == "redis" else "")
    seen: list[str] = []
    done = threading.Semaphore(0)

    def work() -> None:
        seen.append(present_trace())
        done.release()

    nudge = nudger(leaving(queue.task(name="work")(traced(work))))
    assert (standing(queue).jobs, standing(queue).oldest_s) == (0, 0.0)
    with tracing("0a1b2c"):
        nudge()
    nudge()
    until(lambda: standing(queue).oldest_s > 0.01, "a job that has waited")
    assert standing(queue).jobs == 2
    consumer = start_consumer(queue)
    try:
        assert done.acquire(timeout=10) and done.acquire(timeout=10)
    finally:
        consumer.stop(graceful=True)
        queue.flush()
    assert sorted(seen) == ["", "0a1b2c"]


def test_a_job_of_the_version_before_is_done_too(tmp_path: Path) -> None:
    """It lies in the queue without a trace and without a time."""
    queue, done = queue_in(tmp_path), threading.Event()

    def work() -> None:
        done.set()

    queue.task(name="work")(traced(work))()
    assert (standing(queue).jobs, standing(queue).oldest_s) == (1, 0.0)
    consumer = start_consumer(queue)
    try:
        assert done.wait(10)
    finally:
        consumer.stop(graceful=True)


def test_what_is_begun_aside_comes_from_the_same() -> None:
    pool, seen, done = BoundedPool("test", workers=1, waiting=1), list[str](), threading.Event()

    def work() -> None:
        seen.append(present_trace())
        done.set()

    with tracing("0a1b2c"):
        aside(pool, work)()
    assert done.wait(10)
    pool.close()
    assert seen == ["0a1b2c"]
