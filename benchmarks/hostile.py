"""Many requests as nobody should send them, over HTTP: no fault, no growth, and no trace of a refused one."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from benchmarks.limit import Limit
from benchmarks.service import CLIENT_CORE, free_port, keban, pin, prepare, running
from bot.wire import WireRequest
from infra.clock import SystemClock
from tests.unit.bot.hostile import hostile
from tests.unit.bot.pretend_wechat import AES_KEY, APP_ID, TOKEN, PretendWeChat

COUNT = 200_000
FIRST = 20_000  # after which memory is measured first: by then every cache and pool has its size
SEED = 20_261_121
CONNECTIONS = 8
PATIENCE_S = 20.0
GROWTH_MB = 8
EXPECTED = {200, 400, 403, 405, 413}


def run(count: int = COUNT) -> list[Limit]:
    """Prints how many were answered in which way, and what the service grew by."""
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        port = free_port()
        command, environment = keban(data, port)
        account = {"KEBAN_WECHAT__TOKEN": TOKEN, "KEBAN_WECHAT__ENCODING_AES_KEY": AES_KEY}
        environment |= account | {"KEBAN_WECHAT__APP_ID": APP_ID}
        with running(command, port, environment) as server:
            requests = hostile(PretendWeChat(SystemClock()), count, SEED)
            began = time.perf_counter()
            statuses = asyncio.run(_send(requests, port, FIRST))
            before = server.resident_mb()
            statuses += asyncio.run(_send(requests, port, count))
            seconds = time.perf_counter() - began
            grown = server.resident_mb() - before
        kept = _kept(data)
    print(f"{sum(statuses.values())} hostile requests in {seconds:.0f} s: {dict(sorted(statuses.items()))}")
    print(f"memory after {FIRST}: {before:.0f} MB, and {grown:+.1f} MB after the rest")
    print(f"answered with 200: {statuses[200]}; messages that left a trace in the store: {kept}")
    faults = sum(times for status, times in statuses.items() if status not in EXPECTED)
    return [
        Limit("unexpected answers to hostile requests", faults, at_most=0),
        Limit("MB of growth under hostile requests", grown, at_most=GROWTH_MB),
        Limit("traces of refused requests", max(0, kept - statuses[200]), at_most=0),
    ]


async def _send(requests: Iterator[WireRequest], port: int, count: int) -> Counter[int]:
    """At most ``count`` of them; 0 counts those that got no answer at all."""
    statuses: Counter[int] = Counter()
    left = count

    async def client() -> None:
        nonlocal left
        connection = None
        while left > 0 and (request := next(requests, None)) is not None:
            left -= 1
            connection = connection or await asyncio.open_connection("127.0.0.1", port)
            status, stays = await _ask(*connection, _as_bytes(request, port), request.method)
            statuses[status] += 1
            if not stays:
                connection[1].close()
                connection = None

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return statuses


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, method: str
) -> tuple[int, bool]:
    """Status, and whether the connection may be used again."""
    with suppress(ConnectionError):
        writer.write(request)
    try:
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        if method != "HEAD":
            await asyncio.wait_for(reader.readexactly(length), PATIENCE_S)
    except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
        return 0, False
    return int(head.split()[1]), b"connection: close" not in head


def _as_bytes(request: WireRequest, port: int) -> bytes:
    pairs = (f"{quote(name)}={quote(value, errors='replace')}" for name, value in request.query.items())
    head = (
        f"{request.method} /wechat?{'&'.join(pairs)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(request.body)}\r\n\r\n"
    )
    return head.encode() + request.body


def _kept(data: Path) -> int:
    with closing(sqlite3.connect(data / "keyvalue.db")) as store:
        return int(store.execute("SELECT COUNT(*) FROM kv WHERE key LIKE 'seen:%'").fetchone()[0])


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
