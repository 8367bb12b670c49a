"""Bounds of the pool, and nudges that may be lost without harm."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from infra import queue as room
from infra.errors import Unavailable
from infra.pool import BoundedPool
from infra.queue import nudger, open_queue, start_consumer
from infra.settings import Settings
from tests.servers import own_redis
from tests.waiting import until


def settings_in(folder: Path, redis_url: str = "") -> Settings:
    return Settings(site={"data_dir": folder}, redis={"url": redis_url, "prefix": "keban-test-queue:"})  # type: ignore[arg-type]


def test_a_full_pool_refuses_at_once_and_takes_again_when_there_is_room() -> None:
    pool, free = BoundedPool("test", workers=1, waiting=1), threading.Event()
    running, waiting = pool.submit(free.wait, 10), pool.submit(int)
    with pytest.raises(Unavailable, match="full"):
        pool.submit(int)
    free.set()
    assert (running.result(10), waiting.result(10)) == (True, 0)
    assert pool.submit(len, "abc").result(10) == 3
    pool.close()


def test_work_that_fails_frees_its_place() -> None:
    pool = BoundedPool("test", workers=1, waiting=0)
    for _ in range(5):
        with pytest.raises(ValueError, match="invalid literal"):
            pool.submit(int, "x").result(10)
    pool.close()


def test_a_closed_pool_is_unavailable() -> None:
    pool = BoundedPool("test", workers=1, waiting=1)
    pool.close()
    with pytest.raises(Unavailable):
        pool.submit(int)


def test_a_nudge_wakes_the_worker(tmp_path: Path) -> None:
    queue, woken = open_queue(settings_in(tmp_path)), threading.Event()
    nudge = nudger(queue.task(name="wake")(woken.set))
    consumer = start_consumer(queue)
    try:
        nudge()
        assert woken.wait(10)
    finally:
        consumer.stop(graceful=True)


def test_a_nudge_that_was_left_by_another_process_is_found(tmp_path: Path) -> None:
    woken = threading.Event()

    def wake() -> None:
        woken.set()

    nudger(open_queue(settings_in(tmp_path)).task(name="wake")(wake))()
    queue = open_queue(settings_in(tmp_path))
    queue.task(name="wake")(wake)
    consumer = start_consumer(queue)
    try:
        assert woken.wait(10)
    finally:
        consumer.stop(graceful=True)


@pytest.mark.redis
def test_a_nudge_wakes_a_worker_on_redis_that_has_waited(redis_url: str, tmp_path: Path) -> None:
    """The worker's read ends by itself before the socket's time is over, and begins anew."""
    queue, woken = open_queue(settings_in(tmp_path, redis_url)), threading.Event()
    queue.flush()
    nudge = nudger(queue.task(name="wake")(woken.set))
    assert queue.storage.dequeue() is None
    assert queue.storage.read_timeout < queue.storage.pool.connection_kwargs["socket_timeout"]
    consumer = start_consumer(queue)
    try:
        nudge()
        assert woken.wait(10)
    finally:
        consumer.stop(graceful=True)
        queue.flush()


def test_a_redis_that_never_answers_does_not_hold_a_nudge(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        queue = open_queue(settings_in(tmp_path, f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
        nudge, began = nudger(queue.task(name="wake")(lambda: None)), time.monotonic()
        nudge()
    assert time.monotonic() - began < 2.5


def test_with_the_queue_away_a_nudge_is_lost_and_nothing_else(tmp_path: Path) -> None:
    queue = open_queue(settings_in(tmp_path, "redis://127.0.0.1:1/0"))
    nudger(queue.task(name="wake")(lambda: None))()


class Said:
    """In place of a logger: the events, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def error(self, event: str, **_why: str) -> None:
        self.events.append(event)

    warning = error


@pytest.mark.redis
def test_a_queue_that_is_away_is_said_once_and_worked_on_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Said()
    monkeypatch.setattr(room, "log", said)
    with own_redis(tmp_path) as server:
        queue, woken = open_queue(settings_in(tmp_path, server.url)), threading.Event()
        nudge = nudger(queue.task(name="wake")(woken.set))
        consumer = start_consumer(queue)
        try:
            server.kill()
            until(lambda: said.events, "a word about it")
            server.start()
            until(lambda: len(said.events) > 1, "another word about it")
            nudge()
            assert woken.wait(10)
        finally:
            consumer.stop(graceful=True)
    assert said.events == ["queue_is_away", "queue_is_back"]
