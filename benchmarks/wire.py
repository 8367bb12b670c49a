"""Requests as WeChat makes them, ready as bytes, and a client that does nothing but send them."""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import urlencode

from benchmarks.service import AES_KEY, APP_ID, TOKEN
from sandbox.envelope import Envelope

# What people ask, the popular questions more often than the others (Zipf's law): some 400 in all.
_SUBJECTS = (
    "python", "爬虫", "数据分析", "java", "mysql 索引", "前端", "vue3", "机器学习", "docker 部署",
    "算法面试",
    "大模型应用", "redis 缓存", "linux 命令", "git 协作", "excel 自动化", "spring boot", "go 语言", "react",
    "自动把网页上的表格存成 Excel", "数据库查询很慢怎么办", "怎么写单元测试", "公众号开发",
)  # fmt: skip
_PHRASES = (
    "{}", "想学{}", "想学{}，零基础", "有没有{}的课", "{} 入门", "{}，200 以内",
    "推荐一门{}的课程", "{}怎么学",
    "我想学习{}，有基础", "请问{}有什么好课", "{} 进阶", "老师，{}适合新手吗",
    "{}，便宜点的", "学{}要多久",
    "工作中要用{}，从哪里开始", "{} 实战", "零基础能学{}吗", "{}和面试有关的", "带项目的{}课",
)  # fmt: skip
QUESTIONS = tuple(phrase.format(subject) for phrase in _PHRASES for subject in _SUBJECTS)
_WEIGHTS = tuple(1 / rank for rank in range(1, len(QUESTIONS) + 1))
FOLLOWERS = 1_000
_ids = itertools.count(23_000_000_000_000_000)


def plain_requests(count: int, port: int) -> list[bytes]:
    """Text messages of plain mode."""
    return [_request(port, _query(), xml.encode()) for xml in _messages(count)]


def safe_requests(count: int, port: int) -> list[bytes]:
    """The same, encrypted and signed as in safe mode."""
    envelope = Envelope(AES_KEY, APP_ID)
    requests = []
    for xml in _messages(count):
        sealed = envelope.close(xml)
        query = _query()
        query["msg_signature"] = _sign(TOKEN, query["timestamp"], query["nonce"], sealed)
        account = "<ToUserName><![CDATA[gh_benchmark]]></ToUserName>"
        body = f"<xml>{account}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        requests.append(_request(port, query | {"encrypt_type": "aes"}, body.encode()))
    return requests


def _messages(count: int) -> Iterator[str]:
    # The same stream of followers and questions in each round, with new message ids.
    chance = random.Random(1)
    for _ in range(count):
        follower = f"oBenchmark{chance.randrange(FOLLOWERS):018d}"
        question = chance.choices(QUESTIONS, _WEIGHTS)[0]
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
