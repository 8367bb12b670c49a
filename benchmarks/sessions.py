"""An answered question against WeRoBot's echo with its Redis session: what it costs to remember."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import wire
from benchmarks.catalogue import prepare_large
from benchmarks.limit import Limit
from benchmarks.rounds import by_clock, by_cpu, measure, ratio, show
from benchmarks.server import Server
from benchmarks.service import CLIENT_CORE, TOKEN, free_port, keban, pin, running
from benchmarks.stores import redis_server

ROUNDS = 5
PER_ROUND = 2_500
WARM_UP = 500
FLOOR = 1.7


def run() -> list[Limit]:
    """Prints ours with embedded stores, ours on the same Redis, and theirs. Raises NotHere without Redis."""
    pin(CLIENT_CORE)
    with ExitStack() as stack:
        redis_url = stack.enter_context(redis_server())
        embedded = stack.enter_context(_service({}))
        on_redis = stack.enter_context(_service({"KEBAN_REDIS__URL": redis_url}))
        echo = stack.enter_context(_echo(redis_url))
        for server in (embedded, on_redis):
            wire.send(wire.safe_requests(WARM_UP, server.port), server.port)
        wire.send(wire.plain_requests(WARM_UP, echo.port), echo.port)
        ours, shared, theirs = [], [], []
        for _ in range(ROUNDS):
            ours.append(measure(embedded, wire.safe_requests(PER_ROUND, embedded.port)))
            shared.append(measure(on_redis, wire.safe_requests(PER_ROUND, on_redis.port)))
            theirs.append(measure(echo, wire.plain_requests(PER_ROUND, echo.port)))
    show("answered question, embedded stores", ours)
    show("answered question, Redis", shared)
    show("WeRoBot's echo, its session in Redis", theirs)
    clock = ratio(ours, theirs, by_clock)
    print(f"embedded: {clock:.2f} by the clock, {ratio(ours, theirs, by_cpu):.2f} by processor time")
    print(
        f"on Redis: {ratio(shared, theirs, by_clock):.2f} by the clock, "
        f"{ratio(shared, theirs, by_cpu):.2f} by processor time (floor {FLOOR}, of the embedded one)"
    )
    return [Limit("throughput against WeRoBot with its Redis session", clock, at_least=FLOOR)]


@contextmanager
def _service(more: dict[str, str]) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare_large(data)
        port = free_port()
        command, environment = keban(data, port)
        with running(command, port, environment | more) as server:
            yield server


@contextmanager
def _echo(redis_url: str) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.echo", str(port), TOKEN, redis_url]
    with running(command, port, {}) as server:
        yield server
