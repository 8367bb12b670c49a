"""How long an answer takes at which load, counted from the moment at which its message was due.

Messages come evenly. When they come by chance, queues alone make p99 more than 4 times p50 at half of the
capacity of one core (M/D/1), however good the service is; that figure is printed beside. So is that of a bare
echo at half of its own capacity, in turn with ours: no service can undo what the machine itself scatters, so
a spread that is no greater than the echo's is good enough, too.

``python -m benchmarks.latency --draw`` writes docs/latency.svg as well.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import open_loop, wire
from benchmarks.catalogue import prepare_large
from benchmarks.limit import Limit
from benchmarks.rounds import measure, percentile
from benchmarks.server import Server
from benchmarks.service import CLIENT_CORE, ROOT, TOKEN, free_port, keban, pin, running

LOADS = (10, 25, 40, 50, 60, 75, 90, 100)  # per cent of capacity
SECONDS = 4
ROUNDS = 5  # of the load that is judged
CLOSED = 3_000
HALF = 50
TIMES = 3.0
Moments = Callable[[float, float], list[float]]
GRAPH = ROOT / "docs" / "latency.svg"


@dataclass(frozen=True)
class Row:
    """What was measured at one load, in per cent of capacity."""

    load: int
    rate: float
    p50_ms: float
    p99_ms: float

    @property
    def spread(self) -> float:
        return self.p99_ms / self.p50_ms

    def __str__(self) -> str:
        return (
            f"{self.load:4} %  {self.rate:6.0f} a second  p50 {self.p50_ms:7.1f} ms"
            f"  p99 {self.p99_ms:7.1f} ms, {self.spread:.1f} times"
        )


def run(*, graph: Path | None = None) -> list[Limit]:
    """Prints latency by load, and draws it where ``graph`` says."""
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare_large(data)
        port = free_port()
        command, environment = keban(data, port)
        echo_port = free_port()
        echo = [sys.executable, "-m", "benchmarks.echo", str(echo_port), TOKEN]
        with running(command, port, environment) as server, running(echo, echo_port, {}) as bare:
            ours = _Served(port, _capacity(server, wire.safe_requests), wire.safe_requests)
            theirs = _Served(echo_port, _capacity(bare, wire.plain_requests), wire.plain_requests)
            rows = {load: _row(load, ours, open_loop.evenly) for load in LOADS if load != HALF}
            rows[HALF], beside = _side_by_side(ours, theirs)
            by_chance = _middle([_row(HALF, ours, open_loop.by_chance) for _ in range(ROUNDS)])
    print(f"capacity {ours.capacity:.0f} a second; messages come evenly:")
    for load in LOADS:
        print(rows[load])
    print(f"the same by chance:\n{by_chance}\na bare echo at half of its capacity, evenly:\n{beside}")
    if graph is not None:
        _draw([rows[load] for load in LOADS], graph)
    at_most = max(TIMES, beside.spread)
    return [Limit("p99 by p50 at half of capacity", rows[HALF].spread, at_most=at_most)]


@dataclass(frozen=True)
class _Served:
    """A running service, and how it is asked; ``capacity`` in messages a second."""

    port: int
    capacity: float
    requests: Callable[[int, int], list[bytes]]


def _capacity(server: Server, requests: Callable[[int, int], list[bytes]]) -> float:
    """Messages a second when eight connections never rest; the first round is for the caches."""
    rates = [measure(server, requests(CLOSED, server.port)).rate for _ in range(4)]
    return statistics.median(rates[1:])


def _side_by_side(ours: _Served, theirs: _Served) -> tuple[Row, Row]:
    """The middle one of several rounds each, in turn, at the load that is judged."""
    rounds = [[_row(HALF, each, open_loop.evenly) for each in (ours, theirs)] for _ in range(ROUNDS)]
    return _middle([own for own, _ in rounds]), _middle([other for _, other in rounds])


def _middle(rows: list[Row]) -> Row:
    return sorted(rows, key=lambda row: row.spread)[len(rows) // 2]


def _row(load: int, served: _Served, moments: Moments) -> Row:
    rate = served.capacity * load / 100
    due = moments(rate, SECONDS)
    answers = open_loop.send(served.requests(len(due), served.port), due, served.port)
    if failed := sum(not answer.good for answer in answers):
        raise RuntimeError(f"{failed} of {len(answers)} messages were not answered")
    latencies_ms = [answer.seconds * 1000 for answer in answers]
    return Row(load, rate, percentile(latencies_ms, 50), percentile(latencies_ms, 99))


def _draw(rows: Sequence[Row], path: Path) -> None:
    from benchmarks.graph import Line, draw  # its library takes a second to import

    loads = [row.load for row in rows]
    lines = [
        Line("p99", loads, [row.p99_ms for row in rows]),
        Line("p50", loads, [row.p50_ms for row in rows]),
    ]
    draw(lines, path, across="每秒消息数，占能力的 %", up="毫秒")


if __name__ == "__main__":
    limits = run(graph=GRAPH if "--draw" in sys.argv[1:] else None)
    sys.exit(any(not limit.kept for limit in limits))
