"""From the start of the service with the sample catalogue to its first answer, and its memory."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import wire
from benchmarks.limit import Limit
from benchmarks.service import TOKEN, free_port, keban, prepare, running

ROUNDS = 5
FIRST_ANSWER_S = 3.0
MEMORY_MB = 250


def run() -> list[Limit]:
    """Prints the seconds to the first answered question, beside the same of a bare echo."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        ours = [_ours(data) for _ in range(ROUNDS)]
    echo = [_echo() for _ in range(ROUNDS)]
    first, memory = (statistics.median(figure) for figure in zip(*ours, strict=True))
    bare = statistics.median(echo)
    print(f"first answer after {first:.2f} s (limit {FIRST_ANSWER_S:.0f} s); a bare echo {bare:.2f} s")
    print(f"memory after the first answer: {memory:.0f} MB (limit {MEMORY_MB})")
    return [
        Limit("seconds to the first answer", first, at_most=FIRST_ANSWER_S),
        Limit("MB after the first answer", memory, at_most=MEMORY_MB),
    ]


def _ours(data: Path) -> tuple[float, float]:
    port = free_port()
    command, environment = keban(data, port)
    with running(command, port, environment) as server:
        began = time.perf_counter()
        _ask(wire.safe_requests(1, port), port)
        return server.started_s + time.perf_counter() - began, server.resident_mb()


def _echo() -> float:
    port = free_port()
    with running([sys.executable, "-m", "benchmarks.echo", str(port), TOKEN], port, {}) as server:
        began = time.perf_counter()
        _ask(wire.plain_requests(1, port), port)
        return server.started_s + time.perf_counter() - began


def _ask(requests: list[bytes], port: int) -> None:
    if wire.send(requests, port, connections=1).failed:
        raise RuntimeError("the first question was not answered")
