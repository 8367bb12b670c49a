"""Twice as many messages as can be answered: everyone hears something in time, and then all is well again."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import open_loop, wire
from benchmarks.limit import Limit
from benchmarks.rounds import percentile
from benchmarks.service import CLIENT_CORE, free_port, keban, pin, prepare, running

CLOSED = 4_000
OVERLOAD_S = 8
CALM_S = 4
WAIT_S = 4.5  # WeChat waits 5 s
SHORT_BYTES = 750  # a sealed apology; a sealed list of courses is more than twice as long


@dataclass(frozen=True)
class Flood:
    """``latencies_s`` count from the moment at which a message should have been sent."""

    latencies_s: list[float]
    failed: int
    shed: int

    @property
    def worst_s(self) -> float:
        return max(self.latencies_s)

    @property
    def p99_s(self) -> float:
        return percentile(self.latencies_s, 99)


def run() -> list[Limit]:
    """Prints the capacity, the flood and the calm after it."""
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        port = free_port()
        command, environment = keban(data, port)
        with running(command, port, environment) as server:
            wire.send(wire.safe_requests(CLOSED, port), port)
            capacity = CLOSED / wire.send(wire.safe_requests(CLOSED, port), port).seconds
            flood = _at_rate(2 * capacity, OVERLOAD_S, port)
            calm = _at_rate(capacity / 2, CALM_S, port)
            memory = server.resident_mb()
    count = len(flood.latencies_s)
    print(
        f"capacity {capacity:.0f} a second; {2 * capacity:.0f} a second for {OVERLOAD_S} s: {count} answered,"
    )
    print(
        f"  {flood.shed} of them with an apology, {flood.failed} not; the slowest after {flood.worst_s:.2f} s"
    )
    print(f"then half of capacity: the slowest after {calm.worst_s:.2f} s, 99 % within {calm.p99_s:.3f} s,")
    print(f"  {calm.shed} apologies; memory {memory:.0f} MB")
    return [
        Limit("messages without an answer under overload", flood.failed + calm.failed, at_most=0),
        Limit("seconds of the slowest answer under overload", flood.worst_s, at_most=WAIT_S),
        Limit("apologies after the overload", calm.shed, at_most=0),
    ]


def _at_rate(rate: float, seconds: int, port: int) -> Flood:
    moments = open_loop.evenly(rate, seconds)
    answers = open_loop.send(wire.safe_requests(len(moments), port), moments, port)
    return Flood(
        latencies_s=[answer.seconds for answer in answers],
        failed=sum(not answer.good for answer in answers),
        shed=sum(answer.size < SHORT_BYTES for answer in answers),
    )
