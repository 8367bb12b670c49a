"""One answered question in safe mode against a bare echo in plain mode, each pinned to one core, in turn."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import wire
from benchmarks.catalogue import COURSES, prepare_large
from benchmarks.limit import Limit
from benchmarks.rounds import by_clock, by_cpu, measure, ratio, show
from benchmarks.service import CLIENT_CORE, TOKEN, free_port, keban, pin, running

ROUNDS = 5
PER_ROUND = 3_000
WARM_UP = 500
FLOOR = 0.7
MEMORY_MB = 250


def run() -> list[Limit]:
    """Prints both, and their ratio by wall clock and by processor time."""
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare_large(data)
        port, echo_port = free_port(), free_port()
        command, environment = keban(data, port)
        bare = [sys.executable, "-m", "benchmarks.echo", str(echo_port), TOKEN]
        with running(command, port, environment) as service, running(bare, echo_port, {}) as peer:
            wire.send(wire.safe_requests(WARM_UP, port), port)
            wire.send(wire.plain_requests(WARM_UP, echo_port), echo_port)
            ours, echo = [], []
            for _ in range(ROUNDS):
                ours.append(measure(service, wire.safe_requests(PER_ROUND, port)))
                echo.append(measure(peer, wire.plain_requests(PER_ROUND, echo_port)))
            memory = service.resident_mb()
    show(f"answered question, {COURSES} courses", ours)
    show("bare echo, plain mode", echo)
    clock, cpu = ratio(ours, echo, by_clock), ratio(ours, echo, by_cpu)
    print(f"throughput ratio {clock:.2f} by the clock, {cpu:.2f} by processor time (floor {FLOOR})")
    print(f"memory of the service afterwards: {memory:.0f} MB (limit {MEMORY_MB})")
    return [
        Limit("throughput against a bare echo", clock, at_least=FLOOR),
        Limit("MB of the service under load", memory, at_most=MEMORY_MB),
    ]
