"""Background jobs: huey on Redis when it is configured, else on a SQLite file under data_dir.

The queue carries nudges ("the outbox has something"), never the only copy of anything: what must not be lost
stands in the database, and periodic jobs find it there even if a nudge was lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import redis
from huey import RedisHuey, SqliteHuey
from huey.consumer import Consumer
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from infra.files import make_folder
from infra.log import get_logger
from infra.settings import Settings

log = get_logger("queue")

QUEUE_NAME = "jobs"
WORKERS = 2
TIMEOUT_S = 1.0
BLOCK_S = 0.5  # of a worker's read on Redis; shorter than the socket's time


def open_queue(settings: Settings) -> Any:
    """A huey instance; results are not kept, because no job is waited for."""
    if settings.redis.url:
        return RedisHuey(
            f"{settings.redis.prefix}{QUEUE_NAME}",
            connection_pool=_redis_pool(settings.redis.url),
            results=False,
            blocking=True,
            read_timeout=BLOCK_S,
        )
    make_folder(settings.site.data_dir, "site.data_dir")
    return SqliteHuey(
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


def nudger(task: Any) -> Callable[[], None]:
    """Wakes the worker by enqueueing ``task``. With the queue away nothing is lost but a minute."""

    def nudge() -> None:
        try:
            task()
        except (RedisError, sqlite3.Error, OSError) as error:
            log.warning("nudge_lost", cause=type(error).__name__)

    return nudge


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
