"""Rounds of messages: what one showed, and how two programs that took turns compare."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import wire
from benchmarks.server import Server


@dataclass(frozen=True)
class Round:
    """Figures of one round: messages a second, processor microseconds a message, latency at 50 and 99 %."""

    rate: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


def measure(server: Server, requests: list[bytes], *, connections: int = 8) -> Round:
    """Sends them as fast as they are answered. Raises RuntimeError when one is not."""
    before = server.cpu_s()
    sent = wire.send(requests, server.port, connections=connections)
    used = server.cpu_s() - before
    if sent.failed:
        raise RuntimeError(f"{sent.failed} of {len(requests)} messages were not answered")
    return Round(
        rate=len(requests) / sent.seconds,
        cpu_us=used / len(requests) * 1e6,
        p50_ms=percentile(sent.latencies_s, 50) * 1000,
        p99_ms=percentile(sent.latencies_s, 99) * 1000,
    )


def percentile(values: Sequence[float], share: int) -> float:
    """The value that ``share`` in a hundred do not exceed."""
    return sorted(values)[min(len(values) * share // 100, len(values) - 1)]


def ratio(ours: Sequence[Round], theirs: Sequence[Round], of: Callable[[Round, Round], float]) -> float:
    """The median of what ``of`` says of the rounds that stood side by side."""
    return float(statistics.median(map(of, ours, theirs)))


def by_clock(ours: Round, theirs: Round) -> float:
    """How many of ours for one of theirs in the same time."""
    return ours.rate / theirs.rate


def by_cpu(ours: Round, theirs: Round) -> float:
    """The same for the same processor time."""
    return theirs.cpu_us / ours.cpu_us


def show(name: str, rounds: Sequence[Round]) -> None:
    """One line with the median of each figure."""

    def middle(figure: str) -> float:
        return float(statistics.median(getattr(each, figure) for each in rounds))

    print(
        f"{name:<38} {middle('rate'):7.0f} a second  {middle('cpu_us'):6.0f} us processor"
        f"  p50 {middle('p50_ms'):5.1f} ms  p99 {middle('p99_ms'):5.1f} ms"
    )
