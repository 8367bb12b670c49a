"""Two processes of the service against one, on the same Redis and PostgreSQL.

A machine of two cores has none left for a second process beside the client, so what counts is the processor
time of a message: twice the processors answer as many times more as a message does not become dearer. What
the clock says is told, too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import catalogue, wire
from benchmarks.limit import Limit
from benchmarks.rounds import Round, by_clock, by_cpu, measure, ratio, show
from benchmarks.server import Server
from benchmarks.service import CLIENT_CORE, free_port, keban, pin, prepare, running
from benchmarks.stores import postgres_database, redis_server

ROUNDS = 5
PER_ROUND = 2_000
WARM_UP = 2_000  # each process has caches of its own
CONNECTIONS = 32
TIMES = 1.7
LEAST_SHARE = 0.2  # of the work, for a process that counts as one that takes part


def run() -> list[Limit]:
    """Prints both, and how many times as much two processes would answer. Raises NotHere without a server."""
    pin(CLIENT_CORE)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stores = {
            "KEBAN_REDIS__URL": stack.enter_context(redis_server()),
            "KEBAN_DATABASE__URL": stack.enter_context(postgres_database()),
        }
        prepare(folder, stores | {"KEBAN_CONTENT__PATH": str(catalogue.folder())})
        single = stack.enter_context(_service(folder, stores, []))
        double = stack.enter_context(_service(folder, stores, ["--processes", "2"]))
        for server in (single, double):
            _round(server, WARM_UP)
        before = double.cpu_s_by_process()
        one, two = [], []
        for _ in range(ROUNDS):
            one.append(_round(single, PER_ROUND))
            two.append(_round(double, PER_ROUND))
        share = _least_share(before, double.cpu_s_by_process())
    show("one process, Redis and PostgreSQL", one)
    show("two processes, the same", two)
    times, seen = 2 * ratio(two, one, by_cpu), ratio(two, one, by_clock)
    print(f"two answer {times:.2f} times as much for the processor time of each message (floor {TIMES})")
    print(f"{seen:.2f} times by the clock, where both have one core; the lesser did {share:.0%} of the work")
    return [
        Limit("throughput of two processes by that of one", times, at_least=TIMES),
        Limit("share of the lesser process", share, at_least=LEAST_SHARE),
    ]


@contextmanager
def _service(data: Path, stores: dict[str, str], options: list[str]) -> Iterator[Server]:
    port = free_port()
    command, environment = keban(data, port)
    with running([*command, *options], port, environment | stores) as server:
        yield server


def _round(server: Server, count: int) -> Round:
    return measure(server, wire.safe_requests(count, server.port), connections=CONNECTIONS)


def _least_share(before: list[float], after: list[float]) -> float:
    """Of the work that the children have done since ``before``; the first is the parent."""
    work = [then - now for now, then in zip(before[1:], after[1:], strict=True)]
    return min(work) / sum(work)
