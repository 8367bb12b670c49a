"""The short way and Tornado answer the same bytes alike. Seeded bytes over real sockets; nothing sleeps.

What would tell them apart is where one request ends and the next begins: that is how a request is smuggled.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.conversation import Conversation
from bot.document import MAX_BODY_BYTES
from bot.edge import Answerer
from bot.front import Front
from bot.webhook import Webhook
from bot.wire import WireRequest, WireResponse
from infra.clock import ManualClock
from infra.keyvalue_sqlite import SqliteStore
from infra.server import BoundedServer
from tests.unit.bot.hostile import hostile
from tests.unit.bot.pretend_wechat import Echo, PretendWeChat, TextMessage, account

PATIENCE_S = 60
AT_A_TIME = 16
CASES = 1_500
SEED = 20_261_122


# The bytes.


@dataclass(frozen=True)
class Raw:
    """A request before it is bytes."""

    line: bytes
    headers: tuple[bytes, ...]
    body: bytes
    before: bytes = b""
    end: bytes = b"\r\n"

    def data(self) -> bytes:
        return self.before + self.end.join([self.line, *self.headers, b"", b""]) + self.body

    def adding(self, *headers: bytes) -> Raw:
        return replace(self, headers=(*self.headers, *headers))

    def with_length(self, value: bytes) -> Raw:
        others = [header for header in self.headers if not header.startswith(b"Content-Length")]
        return replace(self, headers=(*others, b"Content-Length: " + value))


def raw(request: WireRequest, *headers: bytes) -> Raw:
    pairs = "&".join(
        f"{quote(name)}={quote(value, errors='replace')}" for name, value in request.query.items()
    )
    length = b"Content-Length: %d" % len(request.body)
    kept = (b"Host: keban", b"User-Agent: Mozilla/4.0", b"Content-Type: text/xml", length)
    return Raw(f"{request.method} /wechat?{pairs} HTTP/1.1".encode(), (*kept, *headers), request.body)


Bend = Callable[[Raw, random.Random], Raw]


def _other_line(one: Raw, chance: random.Random) -> Raw:
    old, new = chance.choice(
        [
            (b"/wechat?", b"//wechat?"), (b"/wechat?", b"/wechat/?"), (b"/wechat?", b"/Wechat?"),
            (b"/wechat?", b"http://keban/wechat?"), (b"/wechat?", b"/other?"), (b"/wechat?", b"/wechat"),
            (b"/wechat?", b"/wechat?&&=&"), (b"/wechat?", b"/wechat?%00=1&"),
            (b"/wechat?", b"/wechat?a=\x00&"),
            (b"/wechat?", b"/wechat?a=\xe9&"), (b"/wechat?", b"/wechat?a b&"), (b"/wechat?", b"/wechat#?"),
            (b"/wechat?", b"/wechat?" + b"a" * 5_000 + b"&"), (b"/wechat?", b"/wechat?" + b"b&" * 40),
            (b"HTTP/1.1", b"HTTP/1.0"), (b"HTTP/1.1", b"HTTP/1.2"), (b"HTTP/1.1", b"HTTP/2.0"),
            (b"HTTP/1.1", b"http/1.1"), (b" HTTP/1.1", b""), (b"HTTP/1.1", b"HTTP/1.1 "),
            (b"POST ", b"GET "), (b"POST ", b"PUT "), (b"POST ", b"HEAD "), (b"POST ", b"post "),
            (b"POST ", b"POST\t"), (b"POST ", b"POST  "), (b"POST ", b" POST "), (b"?", b"?signature=0&"),
        ]
    )  # fmt: skip
    return replace(one, line=one.line.replace(old, new, 1))


def _more_headers(one: Raw, chance: random.Random) -> Raw:
    return one.adding(
        *chance.choice(
            [
                [b"Connection: close"], [b"connection:CLOSE"], [b"Connection: keep-alive"],
                [b"Connection: keep-alive, close"], [b"Connection: close", b"Connection: keep-alive"],
                [b"X: Content-Length: 3"], [b"X-Content-Length: 3"], [b"Content-Length-X: 3"],
                [b"X:\r\n Content-Length: 3"], [b"X: a\r\n\tb"], [b" X: a"], [b"no colon"], [b": x"],
                [b"X :y"], [b"X: \x00"], [b"X: \xff"], [b"X: \x7f"], [b"X: a\tb"], [b"X_Y: z"], [b"X: a\rb"],
                [b"X: a\nY: b"], [b"X!#$%&'*+-.^_`|~: y"], [b"X(: y"], [b"Expect: 100-continue"],
                [b"Expect: x"], [b"TE: trailers"], [b"Upgrade: h2c"], [b"Trailer: X"], [b"X: y"] * 60,
                [b"X: " + b"y" * 2_000], [b"X: " + b"y" * 20_000], [b"X:"], [b"X:  "], [b"Host: other"],
                [b"Content-Encoding: gzip"], [b"X-Forwarded-For: 1.2.3.4"],
            ]
        )
    )  # fmt: skip


def _other_length(one: Raw, chance: random.Random) -> Raw:
    size = len(one.body)
    value = chance.choice(
        [
            b"%d" % max(0, size - 1), b"%d" % (size // 2), b"%d" % (size + 1), b"%d" % (size + 40), b"0",
            b"-1", b"+%d" % size, b"00%d" % size, b"%d " % size, b" %d" % size, b"\t%d" % size, b"",
            b"%d, %d" % (size, size), b"0x%x" % size, b"x", b"%d.0" % size, b"9" * 30, b"%d_0" % size,
            b"%d,1" % size,
            b"%d" % (MAX_BODY_BYTES + 1), b"%d" % (size + 2**32), "１".encode(),
        ]
    )  # fmt: skip
    return one.with_length(value)


def _second_length(one: Raw, chance: random.Random) -> Raw:
    value = chance.choice([b"%d" % len(one.body), b"0", b"1", b"%d" % (len(one.body) + 5)])
    name = chance.choice(
        [b"Content-Length", b"content-length", b"CONTENT-LENGTH", b"Content-Length ", b"Content_Length"]
    )
    return one.adding(name + b": " + value)


def _no_length(one: Raw, chance: random.Random) -> Raw:
    return replace(one, headers=tuple(h for h in one.headers if not h.startswith(b"Content-Length")))


def _in_chunks(one: Raw, chance: random.Random) -> Raw:
    middle = chance.randrange(len(one.body) + 1)
    parts = [part for part in (one.body[:middle], one.body[middle:]) if part]
    ends = chance.choice([b"0\r\n\r\n", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"00\r\n\r\n", b"\r\n", b"g\r\n"])
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + ends
    bare = one if chance.random() < 0.3 else _no_length(one, chance)
    coding = chance.choice(
        [b"chunked", b"chunked", b"CHUNKED", b"chunked, chunked", b"identity", b" chunked", b"x"]
    )
    return replace(bare.adding(b"Transfer-Encoding: " + coding), body=chunks)


def _other_case(one: Raw, chance: random.Random) -> Raw:
    change = chance.choice([bytes.lower, bytes.upper])
    return replace(one, headers=tuple(change(header) for header in one.headers))


def _other_order(one: Raw, chance: random.Random) -> Raw:
    return replace(one, headers=tuple(chance.sample(one.headers, len(one.headers))))


def _other_ends(one: Raw, chance: random.Random) -> Raw:
    return replace(one, end=chance.choice([b"\n", b"\r\r\n", b"\n\r", b"\r"]))


def _led_by(one: Raw, chance: random.Random) -> Raw:
    return replace(one, before=chance.choice([b"\r\n", b"\n", b"\r\n\r\n", b" ", b"\x00", b"\r", b"a"]))


_BENDS: tuple[Bend, ...] = (
    _other_line, _other_line, _more_headers, _more_headers, _other_length, _second_length, _no_length,
    _in_chunks, _other_case, _other_order, _other_ends, _led_by,
)  # fmt: skip


def _scratch(data: bytes, chance: random.Random) -> bytes:
    """Some signs of the head are others, too many or missing."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(min(len(made), 400))
        sign = chance.choice(b"\r\n\t :\x00\xffAa0?&/")
        match chance.randrange(3):
            case 0:
                made[at] = sign
            case 1:
                made.insert(at, sign)
            case 2:
                del made[at]
    return bytes(made)


def cases(wechat: PretendWeChat, count: int) -> Iterator[bytes]:
    """What ``count`` connections send: one to three requests, most of them bent, and three good last ones."""
    chance = random.Random(SEED)
    followers = itertools.count()
    bent = hostile(wechat, 10**9, SEED)
    for _ in range(count):
        openid, data = f"o{next(followers):027d}", b""
        for number in range(chance.choice((1, 1, 2, 3))):
            good = wechat.text(f"第{number}句", openid=openid)
            data += _bent(next(bent) if chance.random() < 0.3 else good, chance)
        # However the bytes before are cut, one of these ends it: nobody waits for more.
        last = raw(wechat.text("好了", openid=openid), b"Connection: close").data()
        yield data + last + raw(wechat.text("再见", openid=openid), b"Connection: close").data() + last


def _bent(request: WireRequest, chance: random.Random) -> bytes:
    made = raw(request)
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        made = chance.choice(_BENDS)(made, chance)
    data = made.data()
    return _scratch(data, chance) if chance.random() < 0.15 else data


# Who answers them.


class Parrot(Echo):
    """Says nothing of what was said before: a follower may have several connections here."""

    def _echo(self, message: TextMessage, session: Conversation) -> str:
        self.handled.append(message.content)
        return f"你说：{message.content}"


class Other(RequestHandler):
    def post(self) -> None:
        self.write(b"elsewhere: " + self.request.body[:20])


@dataclass
class Service:
    """With the short way or without, on this loop."""

    server: BoundedServer
    robot: Echo
    address: Any
    taken: list[bytes] = field(default_factory=list)


@contextlib.asynccontextmanager
async def service(path: Path, clock: ManualClock, *, direct: bool) -> AsyncIterator[Service]:
    robot, store = Parrot(), SqliteStore(path)
    answerer = Answerer(Webhook(account("plain"), robot, store, clock, late=lambda *_: None), workers=4)
    pages = Application([("/other", Other)], log_function=lambda _: None)
    front = Front(answerer, pages)
    server = BoundedServer(
        front,
        direct=front if direct else None,
        body_s=2.0,
        max_header_size=16 * 1024,
        max_body_size=MAX_BODY_BYTES,
        max_buffer_size=4 * MAX_BODY_BYTES,
        idle_connection_timeout=2.0,
    )
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    made = Service(server, robot, sockets[0].getsockname())
    take = front.take

    def counted(query: str, body: bytes, reply: Callable[[WireResponse], None]) -> None:
        made.taken.append(body)
        take(query, body, reply)

    front.take = counted  # type: ignore[method-assign]
    yield made
    server.stop()
    await server.close_all_connections()
    answerer.close()
    store.close()


class Answered(NamedTuple):
    status: int
    body: bytes
    closes: bool


async def ask(address: Any, data: bytes, cut: int) -> list[Answered]:
    """All that comes back until the service hangs up. The data is cut in two at ``cut``."""
    loop = asyncio.get_running_loop()
    with socket.socket() as made:
        made.setblocking(False)
        await loop.sock_connect(made, address)
        with suppress(ConnectionError):
            await loop.sock_sendall(made, data[:cut])
            for _ in range(3):
                await asyncio.sleep(0)
            await loop.sock_sendall(made, data[cut:])
        received = b""
        with suppress(ConnectionError):
            while more := await loop.sock_recv(made, 65_536):
                received += more
    return [_read(piece) for piece in received.split(b"HTTP/1.1 ")[1:]]


def _read(piece: bytes) -> Answered:
    head, _, body = piece.partition(b"\r\n\r\n")
    body = re.sub(rb"<CreateTime>\d+<", b"<CreateTime><", body)  # the second may have turned over between two
    return Answered(int(head[:3]), body, re.search(rb"(?i)connection: close", head) is not None)


def agree(short: list[Answered], tornado: list[Answered]) -> bool:
    """The short way may hang up after an answer where Tornado goes on; it must have said so."""
    if [one[:2] for one in short] != [one[:2] for one in tornado[: len(short)]]:
        return False
    return len(short) == len(tornado) or (bool(short) and short[-1].closes)


def test_both_ways_answer_the_same_bytes_alike(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.front.LINGER_S", 0.05)
    statuses: Counter[int] = Counter()
    chance = random.Random(SEED)
    numbered = enumerate(cases(PretendWeChat(clock, "plain"), CASES))

    async def story() -> None:
        async with (
            service(tmp_path / "short.db", clock, direct=True) as short,
            service(tmp_path / "tornado.db", clock, direct=False) as tornado,
        ):

            async def caller() -> None:
                for number, data in numbered:
                    whole, cut = len(data), chance.randrange(len(data))
                    ours, theirs = await asyncio.gather(
                        ask(short.address, data, chance.choice((whole, whole, cut))),
                        ask(tornado.address, data, chance.choice((whole, cut))),
                    )
                    assert agree(ours, theirs), (number, data, ours, theirs)
                    statuses.update(one.status for one in theirs)

            await asyncio.wait_for(asyncio.gather(*(caller() for _ in range(AT_A_TIME))), PATIENCE_S)
            assert Counter(short.robot.handled) - Counter(tornado.robot.handled) == Counter()
            assert not tornado.taken
            # They are no strangers to the short way, and it is no stranger to them.
            assert len(short.taken) > CASES // 2
            assert {200, 400, 403, 404, 405, 413} <= set(statuses), statuses

    asyncio.run(story())
