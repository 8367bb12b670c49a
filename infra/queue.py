"""Background jobs: huey on Redis when it is configured, else on a SQLite file under data_dir.

The queue carries nudges ("the outbox has something"), never the only copy of anything: what must not be lost
stands in the database, and periodic jobs find it there even if a nudge was lost.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import redis
from huey import RedisHuey, SqliteHuey
from huey.consumer import Consumer
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from infra.errors import Unavailable
from infra.files import make_folder
from infra.log import get_logger, present_trace, tracing
from infra.settings import Settings

log = get_logger("queue")

QUEUE_NAME = "jobs"
WORKERS = 2
TIMEOUT_S = 1.0
BLOCK_S = 0.5  # of a worker's read on Redis; shorter than the socket's time
LOOKED_AT = 8  # jobs at the head of the queue
_AWAY = (RedisError, sqlite3.Error, OSError)


class _Calm:
    """A queue that is away is said once, and once when it is back: huey says it with each look, at length."""

    _away = False

    def dequeue(self) -> Any:
        return self._look(super().dequeue, None)  # type: ignore[misc]  # huey's

    def read_schedule(self, timestamp: Any = None) -> Any:
        return self._look(partial(super().read_schedule, timestamp), [])  # type: ignore[misc]

    def _look(self, look: Callable[[], Any], nothing: Any) -> Any:
        try:
            found = look()
        except _AWAY as error:
            self._say(away=True, cause=type(error).__name__)
            time.sleep(BLOCK_S)  # the worker looks again at once
            return nothing
        if found is not None:  # no job at all may as well have been a silence: huey does not tell
            self._say(away=False)
        return found

    def _say(self, *, away: bool, **why: str) -> None:
        if away != self._away:
            self._away = away
            log.error("queue_is_away", **why) if away else log.warning("queue_is_back")


class _OnRedis(_Calm, RedisHuey):  # type: ignore[misc]  # huey has no types
    """Any number of workers, anywhere."""


class _Embedded(_Calm, SqliteHuey):  # type: ignore[misc]
    """Workers on this machine."""


def open_queue(settings: Settings) -> Any:
    """A huey instance; results are not kept, because no job is waited for."""
    if settings.redis.url:
        return _OnRedis(
            f"{settings.redis.prefix}{QUEUE_NAME}",
            connection_pool=_redis_pool(settings.redis.url),
            results=False,
            blocking=True,
            read_timeout=BLOCK_S,
        )
    make_folder(settings.site.data_dir, "site.data_dir")
    return _Embedded(
        QUEUE_NAME, filename=str(settings.site.data_dir / "jobs.db"), results=False, fsync=False, timeout=5
    )


def _redis_pool(url: str) -> redis.ConnectionPool:
    return redis.ConnectionPool.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        # Once more for a connection that the server had closed, never for one that is silent.
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )


def traced(work: Callable[[], None]) -> Callable[..., None]:
    """``work`` as a job that carries what it comes from (`infra.log.tracing`) and when it was left."""

    @wraps(work)
    def job(trace: str = "", left_s: float = 0.0) -> None:
        with tracing(trace):
            work()

    return job


def leaving(task: Any) -> Callable[[], None]:
    """Leaves a `traced` job in the queue."""
    return lambda: task(trace=present_trace(), left_s=time.time())


def nudger(leave: Callable[[], Any]) -> Callable[[], None]:
    """Wakes the worker by what ``leave`` leaves in the queue. With that away nothing is lost but a minute."""

    def nudge() -> None:
        try:
            leave()
        except _AWAY as error:
            log.warning("nudge_lost", cause=type(error).__name__)

    return nudge


@dataclass(frozen=True)
class Standing:
    """How many jobs no worker has taken yet, and how long the oldest of them has waited (0: none does)."""

    jobs: int
    oldest_s: float


def standing(queue: Any) -> Standing:
    """For the figures. Raises Unavailable when the queue does not answer."""
    try:
        waiting, next_jobs = queue.pending_count(), queue.pending(LOOKED_AT)
    except _AWAY as error:
        raise Unavailable("the queue does not answer", hint=type(error).__name__) from error
    # The worker's own clock leaves jobs too, without a time; a nudge is not far.
    left_s = next((job.kwargs["left_s"] for job in next_jobs if "left_s" in job.kwargs), None)
    return Standing(waiting, max(0.0, time.time() - left_s) if left_s else 0.0)


class EmbeddedConsumer(Consumer):  # type: ignore[misc]  # huey has no types
    """A consumer in threads of this process; the process keeps its own signal handlers."""

    def _set_signal_handlers(self) -> None:
        """Signals belong to whoever embeds the consumer."""


def open_consumer(queue: Any, kind: type[Consumer] = Consumer) -> Any:
    """A consumer that is ready to ``run()``: it ends by SIGINT or SIGTERM."""
    # Short idle pauses: the embedded queue is polled, and a receipt should not wait for a poll.
    return kind(
        queue, workers=WORKERS, worker_type="thread", initial_delay=0.05, backoff=1.15, max_delay=0.25
    )


def start_consumer(queue: Any) -> Any:
    """Consumes in background threads until ``stop(graceful=True)``."""
    consumer = open_consumer(queue, EmbeddedConsumer)
    consumer.start()
    return consumer
