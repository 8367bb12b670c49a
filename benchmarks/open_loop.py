"""Messages sent at their moments, whether or not the ones before have been answered, as followers do."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

CONNECTIONS = 256
PATIENCE_S = 30.0  # after the last message
NEAR_S = 0.002  # a timer of the loop is a millisecond late; nearer than this the loop turns instead


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to request ``number``; ``seconds`` count from the moment at which it was due to be sent."""

    number: int
    seconds: float
    size: int
    good: bool


def evenly(rate: float, seconds: float) -> list[float]:
    """Moments, in seconds from the beginning, always as far apart."""
    return [number / rate for number in range(int(rate * seconds))]


def by_chance(rate: float, seconds: float, *, seed: int = 1) -> list[float]:
    """Moments of people who know nothing of each other (Poisson)."""
    chance, moments, at = random.Random(seed), [], 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        moments.append(at)
    return moments


def send(
    requests: Sequence[bytes], moments: Sequence[float], port: int, *, holds: bytes = b"<xml>"
) -> list[Answer]:
    """All answers in the order in which they came, and one that is not good for each that did not come.

    A good answer is a 200 whose body ``holds`` this.
    """
    gc.collect()
    gc.disable()  # a pause of this process would be counted as the service's
    try:
        return asyncio.run(_send(requests, moments, port, holds))
    finally:
        gc.enable()


async def _send(requests: Sequence[bytes], moments: Sequence[float], port: int, holds: bytes) -> list[Answer]:
    answers: list[Answer] = []
    waiting: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
    clients = [_Client(requests, waiting, answers, port, holds) for _ in range(CONNECTIONS)]
    for client in clients:
        await client.connect()
    tasks = [asyncio.create_task(client.work()) for client in clients]
    began = time.perf_counter()
    for number, moment in enumerate(moments):
        await _until(began + moment)
        waiting.put_nowait((number, began + moment))
    with suppress(TimeoutError):
        await asyncio.wait_for(waiting.join(), PATIENCE_S)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    missing = set(range(len(moments))) - {answer.number for answer in answers}
    return answers + [Answer(number, PATIENCE_S, 0, good=False) for number in missing]


async def _until(due: float) -> None:
    while (ahead := due - time.perf_counter()) > 0:
        await asyncio.sleep(ahead - NEAR_S if ahead > NEAR_S else 0)


@dataclass
class _Client:
    """One connection, kept open; a new one after a break."""

    requests: Sequence[bytes]
    waiting: asyncio.Queue[tuple[int, float]]
    answers: list[Answer]
    port: int
    holds: bytes

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def work(self) -> None:
        try:
            while True:
                number, due = await self.waiting.get()
                good, body = await self._ask(self.requests[number])
                seconds = time.perf_counter() - due
                self.answers.append(Answer(number, seconds, len(body), good and self.holds in body))
                self.waiting.task_done()
        finally:
            self.writer.close()

    async def _ask(self, request: bytes) -> tuple[bool, bytes]:
        self.writer.write(request)
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            body = await self.reader.readexactly(length)
        except (ConnectionError, asyncio.IncompleteReadError):
            await self.connect()
            return False, b""
        if b"connection: close" in head:
            await self.connect()
        return head.startswith(b"http/1.1 200"), body
