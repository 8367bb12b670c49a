"""What a message costs with a million followers in the stores, against a thousand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import questions, wire
from benchmarks.catalogue import prepare_large
from benchmarks.crowd import fill
from benchmarks.limit import Limit
from benchmarks.rounds import by_cpu, measure, ratio, show
from benchmarks.server import Server
from benchmarks.service import CLIENT_CORE, free_port, keban, pin, running

FEW, MANY = 1_000, 1_000_000
ROUNDS = 7
PER_ROUND = 2_500
TIMES = 1.15


def run() -> list[Limit]:
    """Prints both, and how many times the processor time of a message has become."""
    pin(CLIENT_CORE)
    with ExitStack() as stack:
        small = stack.enter_context(_service(FEW))
        large = stack.enter_context(_service(MANY))
        few, many = [], []
        for number in range(ROUNDS + 1):
            few.append(measure(small, _requests(FEW, number, small.port)))
            many.append(measure(large, _requests(MANY, number, large.port)))
    few, many = few[1:], many[1:]  # the first round filled the caches
    show(f"{FEW} followers", few)
    show(f"{MANY} followers", many)
    times = ratio(few, many, by_cpu)
    print(f"{times:.2f} times the processor time for a message (limit {TIMES})")
    return [Limit("processor time with a million followers", times, at_most=TIMES)]


@contextmanager
def _service(followers: int) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare_large(data)
        fill(data, followers)
        port = free_port()
        command, environment = keban(data, port)
        with running(command, port, environment) as server:
            yield server


def _requests(followers: int, seed: int, port: int) -> list[bytes]:
    """Of followers drawn anew from all in each round."""
    return wire.sealed(questions.stream(PER_ROUND, followers=followers, seed=seed), port)
