"""Twice as many messages as can be answered: everyone hears something in time, and then all is well again."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import wire
from benchmarks.limit import Limit
from benchmarks.service import CLIENT_CORE, free_port, keban, pin, prepare, running

CLOSED = 4_000
OVERLOAD_S = 8
CALM_S = 4
CONNECTIONS = 256
WAIT_S = 4.5  # WeChat waits 5 s


@dataclass
class Flood:
    """``latencies_s`` count from the moment at which a message should have been sent."""

    latencies_s: list[float] = field(default_factory=list)
    failed: int = 0
    shed: int = 0

    @property
    def worst_s(self) -> float:
        return max(self.latencies_s, default=0.0)

    @property
    def p99_s(self) -> float:
        return sorted(self.latencies_s)[len(self.latencies_s) * 99 // 100]


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
            flood = asyncio.run(_at_rate(_requests(2 * capacity, OVERLOAD_S, port), 2 * capacity, port))
            calm = asyncio.run(_at_rate(_requests(capacity / 2, CALM_S, port), capacity / 2, port))
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


def _requests(rate: float, seconds: int, port: int) -> list[bytes]:
    return wire.safe_requests(int(rate * seconds), port)


async def _at_rate(requests: Sequence[bytes], rate: float, port: int) -> Flood:
    """Sends each at its moment, whether or not the ones before have been answered."""
    flood, waiting = Flood(), asyncio.Queue[tuple[float, bytes]]()
    clients = [asyncio.create_task(_client(waiting, flood, port)) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for number, request in enumerate(requests):
        due = began + number / rate
        if (ahead := due - time.perf_counter()) > 0.001:
            await asyncio.sleep(ahead)
        elif number % 64 == 0:
            await asyncio.sleep(0)
        waiting.put_nowait((due, request))
    await waiting.join()
    for client in clients:
        client.cancel()
    return flood


async def _client(waiting: asyncio.Queue[tuple[float, bytes]], flood: Flood, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            due, request = await waiting.get()
            writer.write(request)
            body = await _body(reader)
            flood.latencies_s.append(time.perf_counter() - due)
            flood.failed += b"<xml>" not in body
            flood.shed += len(body) < SHORT_BYTES
            waiting.task_done()
    finally:
        writer.close()


async def _body(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
    return await reader.readexactly(length)


SHORT_BYTES = 750  # a sealed apology; a sealed list of courses is more than twice as long


if __name__ == "__main__":
    # By name only, until its limit is kept: python -m benchmarks.overload
    sys.exit(any(not limit.kept for limit in run()))
