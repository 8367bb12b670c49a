"""Requests as WeChat makes them, ready as bytes, and a client that does nothing but send them."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import urlencode

from benchmarks import questions
from benchmarks.service import AES_KEY, APP_ID, TOKEN
from sandbox.envelope import Envelope

_ids = itertools.count(23_000_000_000_000_000)


def plain_requests(count: int, port: int) -> list[bytes]:
    """Text messages of plain mode, as `questions.stream` has them."""
    return [_request(port, _query(), xml.encode()) for xml in _messages(questions.stream(count))]


def safe_requests(count: int, port: int) -> list[bytes]:
    """The same, encrypted and signed as in safe mode."""
    return sealed(questions.stream(count), port)


def sealed(asked: Iterable[tuple[str, str]], port: int) -> list[bytes]:
    """A message of safe mode for each openid and text."""
    envelope = Envelope(AES_KEY, APP_ID)
    requests = []
    for xml in _messages(asked):
        closed = envelope.close(xml)
        query = _query()
        query["msg_signature"] = _sign(TOKEN, query["timestamp"], query["nonce"], closed)
        account = "<ToUserName><![CDATA[gh_benchmark]]></ToUserName>"
        body = f"<xml>{account}<Encrypt><![CDATA[{closed}]]></Encrypt></xml>"
        requests.append(_request(port, query | {"encrypt_type": "aes"}, body.encode()))
    return requests


def _messages(asked: Iterable[tuple[str, str]]) -> Iterator[str]:
    for follower, question in asked:
        yield (
            "<xml><ToUserName><![CDATA[gh_benchmark]]></ToUserName>"
            f"<FromUserName><![CDATA[{follower}]]></FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{question}]]></Content><MsgId>{next(_ids)}</MsgId></xml>"
        )


def _query() -> dict[str, str]:
    timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
    return {"timestamp": timestamp, "nonce": nonce, "signature": _sign(TOKEN, timestamp, nonce)}


def _sign(*parts: str) -> str:
    return sha1("".join(sorted(parts)).encode()).hexdigest()


def _request(port: int, query: dict[str, str], body: bytes) -> bytes:
    head = (
        f"POST /wechat?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True)
class Sent:
    """``seconds`` of wall time for all; ``latencies_s`` sorted; ``failed``: not a 200 with a reply in it."""

    seconds: float
    latencies_s: list[float]
    failed: int


def send(requests: list[bytes], port: int, *, connections: int = 8) -> Sent:
    """Sends all over kept-open connections, each waiting for its answer before the next."""
    return asyncio.run(_send(requests, port, connections))


async def _send(requests: list[bytes], port: int, connections: int) -> Sent:
    waiting = iter(requests)
    latencies: list[float] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.perf_counter()
            writer.write(request)
            good = await _answered(reader)
            latencies.append(time.perf_counter() - began)
            failed += not good
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    return Sent(time.perf_counter() - began, sorted(latencies), failed)


async def _answered(reader: asyncio.StreamReader) -> bool:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    body = await reader.readexactly(length)
    return head.startswith(b"HTTP/1.1 200") and b"<xml>" in body
