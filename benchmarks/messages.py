"""One answered question in safe mode against a bare echo in plain mode, each pinned to one core, in turn."""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import wire
from benchmarks.limit import Limit
from benchmarks.service import CLIENT_CORE, TOKEN, Server, free_port, keban, pin, prepare, running

ROUNDS = 5
PER_ROUND = 3_000
WARM_UP = 500
FLOOR = 0.4
MEMORY_MB = 250


@dataclass(frozen=True)
class Round:
    """Figures of one round: messages a second, processor microseconds a message, latency at 50 and 99 %."""

    rate: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


def run() -> list[Limit]:
    """Prints both, and their ratio by wall clock and by processor time."""
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        port, echo_port = free_port(), free_port()
        command, environment = keban(data, port)
        echo = [sys.executable, "-m", "benchmarks.echo", str(echo_port), TOKEN]
        with running(command, port, environment) as ours, running(echo, echo_port, {}) as peer:
            wire.send(wire.safe_requests(WARM_UP, port), port)
            wire.send(wire.plain_requests(WARM_UP, echo_port), echo_port)
            pairs = [(_round(ours, safe=True), _round(peer, safe=False)) for _ in range(ROUNDS)]
            memory = ours.resident_mb()
    _print("answered question, safe mode", [pair[0] for pair in pairs])
    _print("bare echo, plain mode", [pair[1] for pair in pairs])
    by_clock = statistics.median(ours.rate / echo.rate for ours, echo in pairs)
    by_cpu = statistics.median(echo.cpu_us / ours.cpu_us for ours, echo in pairs)
    print(f"throughput ratio {by_clock:.2f} by the clock, {by_cpu:.2f} by processor time (floor {FLOOR})")
    print(f"memory of the service afterwards: {memory:.0f} MB (limit {MEMORY_MB})")
    return [
        Limit("throughput against a bare echo", by_clock, at_least=FLOOR),
        Limit("MB of the service under load", memory, at_most=MEMORY_MB),
    ]


def _round(server: Server, *, safe: bool) -> Round:
    make = wire.safe_requests if safe else wire.plain_requests
    requests = make(PER_ROUND, server.port)
    before = server.cpu_s()
    sent = wire.send(requests, server.port)
    used = server.cpu_s() - before
    if sent.failed:
        raise RuntimeError(f"{sent.failed} of {PER_ROUND} messages were not answered")
    return Round(
        rate=PER_ROUND / sent.seconds,
        cpu_us=used / PER_ROUND * 1e6,
        p50_ms=sent.latencies_s[PER_ROUND // 2] * 1000,
        p99_ms=sent.latencies_s[PER_ROUND * 99 // 100] * 1000,
    )


def _print(name: str, rounds: list[Round]) -> None:
    def middle(figure: str) -> float:
        return float(statistics.median(getattr(each, figure) for each in rounds))

    print(
        f"{name:<30} {middle('rate'):7.0f} a second  {middle('cpu_us'):6.0f} us processor"
        f"  p50 {middle('p50_ms'):5.1f} ms  p99 {middle('p99_ms'):5.1f} ms"
    )
