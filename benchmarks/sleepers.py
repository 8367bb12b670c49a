"""One handler in ten sleeps for a second: what the other nine messages notice of it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import open_loop, questions, wire
from benchmarks.catalogue import prepare_large
from benchmarks.limit import Limit
from benchmarks.open_loop import Answer
from benchmarks.overload import SHORT_BYTES
from benchmarks.rounds import percentile
from benchmarks.service import CLIENT_CORE, free_port, keban, pin, running
from benchmarks.sleeping import MARK, SLEEP_S
from bot.edge import WORKERS

ONE_IN = 10
FULL = WORKERS / SLEEP_S * ONE_IN  # messages a second whose sleepers hold every worker
RATE = FULL * 5 / 8
TOO_MUCH = FULL * 5 / 4
ROUNDS = 4
SECONDS = 8
WARM_UP = 2_000
TIMES = 2.0


def run() -> list[Limit]:
    """Prints the latency of the nine without and with the tenth, in turn, and what a full pool does."""
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare_large(data)
        port = free_port()
        _command, environment = keban(data, port)
        with running([sys.executable, "-m", "benchmarks.sleeping"], port, environment):
            wire.send(wire.safe_requests(WARM_UP, port), port)
            before, beside = [], []
            for _ in range(ROUNDS):
                before += _nine(_send(RATE, port, sleeping=False))
                beside += _nine(_send(RATE, port, sleeping=True))
            full = _send(TOO_MUCH, port, sleeping=True)
    print(
        f"{RATE:.0f} messages a second, the sleepers hold {RATE / FULL * WORKERS:.0f} of {WORKERS} workers:"
    )
    _show("the nine, when nobody sleeps", before)
    _show("the nine beside the sleepers", beside)
    shed = sum(answer.size < SHORT_BYTES for answer in _only_nine(full))
    print(f"{TOO_MUCH:.0f} a second, more sleepers than workers: {shed} of {len(_nine(full))} got an apology")
    _show("the nine beside too many sleepers", _nine(full))
    times = percentile(beside, 99) / percentile(before, 99)
    print(f"p99 of the nine {times:.2f} times of what it was (limit {TIMES})")
    return [Limit("p99 beside sleepers by p99 without", times, at_most=TIMES)]


def _send(rate: float, port: int, *, sleeping: bool) -> list[Answer]:
    moments = open_loop.evenly(rate, SECONDS)
    asked = _with_sleepers(len(moments)) if sleeping else questions.stream(len(moments))
    answers = open_loop.send(wire.sealed(asked, port), moments, port)
    if failed := sum(not answer.good for answer in answers):
        raise RuntimeError(f"{failed} of {len(answers)} messages were not answered")
    return answers


def _with_sleepers(count: int) -> Iterator[tuple[str, str]]:
    """The tenth comes from somebody who asks nothing else: one's own messages wait for each other."""
    for number, (openid, text) in enumerate(questions.stream(count)):
        if number % ONE_IN == 0:
            yield questions.follower(questions.FOLLOWERS + number), MARK + text
        else:
            yield openid, text


def _only_nine(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.number % ONE_IN]


def _nine(answers: list[Answer]) -> list[float]:
    return [answer.seconds for answer in _only_nine(answers)]


def _show(name: str, seconds: list[float]) -> None:
    p50, p99 = percentile(seconds, 50) * 1000, percentile(seconds, 99) * 1000
    print(f"  {name:<36} p50 {p50:7.1f} ms  p99 {p99:7.1f} ms")
