"""The short way over real sockets. An addressee answers when the test tells it to; nothing sleeps."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters, parse_int
from tornado.httputil import HTTPHeaders, parse_request_start_line
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from infra import direct
from infra import server as server_room
from infra.direct import Answer, Asked, recognise
from infra.metrics import REGISTRY
from infra.server import BoundedServer

PATIENCE_S = 15
PATH = b"/wechat"
HEAD = b"POST /wechat?a=1 HTTP/1.1\r\n"
GARBAGE = b"\x00\x01nonsense\r\n\r\n"


def post(body: bytes, *headers: bytes, head: bytes = HEAD) -> bytes:
    lines = [b"Host: keban", b"Content-Length: %d" % len(body), *headers, b"", b""]
    return head + b"\r\n".join(lines) + body


# What is recognised.


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (post(b"<xml/>"), Asked("a=1", b"<xml/>", True, len(post(b"<xml/>")))),
        (post(b"x", b"Connection: keep-alive"), Asked("a=1", b"x", True, 72)),
        (post(b"x", b"CONNECTION:close"), Asked("a=1", b"x", False, 65)),
        (post(b"x", head=b"POST /wechat?a=1 HTTP/1.0\r\n"), Asked("a=1", b"x", False, 47)),
        (HEAD + b"cOnTeNt-LeNgTh:03\r\n\r\nabcd", Asked("a=1", b"abc", True, 51)),
        (post(b"") + b"GET / HTTP/1.1\r\n\r\n", Asked("a=1", b"", True, len(post(b"")))),
        (post(b"x", head=b"POST /wechat? HTTP/1.1\r\n"), Asked("", b"x", True, 44)),
    ],
)
def test_an_ordinary_message_is_recognised(data: bytes, asked: Asked) -> None:
    assert recognise(PATH, data) == asked._replace(size=len(data) - len(_behind(data, asked)))


def _behind(data: bytes, asked: Asked) -> bytes:
    return data.partition(b"\r\n\r\n")[2][len(asked.body) :]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"P",
        HEAD,
        HEAD + b"\r\n",
        post(b"whole")[:-1],  # its last byte is still coming
        b"\r\n" + post(b"x"),
        post(b"x", head=b"GET /wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"post /wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST  /wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST /wechat HTTP/1.1\r\n"),
        post(b"x", head=b"POST /wechat/?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST //wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST /Wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST /wechat%3Fa=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST http://keban/wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST /wechat?a=1 HTTP/1.2\r\n"),
        post(b"x", head=b"POST /wechat?a=1 HTTP/2.0\r\n"),
        post(b"x", head=b"POST /wechat?a=1\r\n"),
        post(b"x", head=b"POST /wechat?a=1 HTTP/1.1\n"),
        post(b"x", head=b"POST /wechat?a=1 b HTTP/1.1\r\n"),
        post(b"x", head="POST /wechat?a=é HTTP/1.1\r\n".encode()),
        post(b"x", head=b"POST /wechat?a=\x00 HTTP/1.1\r\n"),
        post(b"x").replace(b"\r\n", b"\n"),
        post(b"x", b"Content-Length: 1"),
        post(b"x", b"content-length: 2"),
        post(b"x", b"X: content-length: 2"),
        post(b"x", b"X-Content-Length: 2"),
        post(b"x", b"Content-Length : 2"),
        post(b"x", b"Transfer-Encoding: chunked"),
        post(b"x", b"TRANSFER-ENCODING:chunked"),
        post(b"x", b"Expect: 100-continue"),
        post(b"x", b"Upgrade: h2c"),
        post(b"x", b"Connection: Upgrade"),
        post(b"x", b"Trailer: X"),
        post(b"x", b"TE: trailers"),
        post(b"x", b"no colon"),
        post(b"x", b" folded: x"),
        post(b"x", b"X: a", b" b"),
        post(b"x", b"X: a\tb"),
        post(b"x", b"X: a\x00b"),
        post(b"x", b"X: a\rb"),
        post(b"x", b"X: \xff"),
        post(b"x", b": x"),
        post(b"x", b"X_Y: z"),
        post(b"x", *[b"X: %d" % number for number in range(40)]),
        HEAD + b"Host: keban\r\n\r\nx",
        HEAD + b"Content-Length: \r\n\r\nx",
        HEAD + b"Content-Length: -1\r\n\r\nx",
        HEAD + b"Content-Length: +1\r\n\r\nx",
        HEAD + b"Content-Length: 1, 1\r\n\r\nx",
        HEAD + b"Content-Length: 0x1\r\n\r\nx",
        HEAD + b"Content-Length: 1 \r\n\r\nx",
        HEAD + b"Content-Length: 9999999\r\n\r\nx",
    ],
)
def test_what_is_not_just_that_is_not_recognised(data: bytes) -> None:
    assert recognise(PATH, data) is None


PIECES = st.sampled_from(
    [
        b"POST /wechat?a=1 HTTP/1.1\r\n", b"POST /wechat? HTTP/1.0\r\n", b"POST /wechat?a HTTP/1.1\r\n",
        b"Content-Length: 5\r\n", b"content-length:1\r\n", b"Content-Length: 40\r\n", b"Host: x\r\n",
        b"Content-Length", b"Transfer-Encoding: chunked\r\n", b"Host: keban\r\n", b"Connection: close\r\n",
        b"Connection: Keep-Alive\r\n", b"connection:  CLOSE\r\n", b"X: content-length: 3\r\n", b"X:\r\n",
        b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\t", b":", b"\x00", b"\xff", b"\x7f", b"\x0b", b"a",
        b"#", b"%00", b"\"<>\\^`{|}", b"Upgrade: x\r\n", b"TE: x\r\n",
    ]
)  # fmt: skip
REQUESTS = st.lists(PIECES, max_size=14).map(b"".join)
NEARLY = st.builds(
    lambda more, rest: HEAD + b"".join(more) + b"\r\n" + rest, st.lists(PIECES, max_size=5), REQUESTS
)


@given(REQUESTS | NEARLY)
def test_what_is_recognised_is_what_tornado_reads(data: bytes) -> None:
    """Or two messages in a row could be cut differently by the two."""
    asked = recognise(PATH, data)
    if asked is None:
        return
    end = re.search(rb"\r?\n\r?\n", data)
    assert end is not None
    first, _, rest = data[: end.end()].decode("latin-1").partition("\n")
    line, headers = parse_request_start_line(first.rstrip("\r")), HTTPHeaders.parse(rest)
    assert (line.method, line.path) == ("POST", f"/wechat?{asked.query}")
    assert "Transfer-Encoding" not in headers and "Expect" not in headers
    length = parse_int(headers["Content-Length"])
    assert (asked.size, asked.body) == (end.end() + length, data[end.end() : end.end() + length])
    if asked.stays:
        connection = cast(HTTP1Connection, SimpleNamespace(params=HTTP1ConnectionParameters()))
        assert HTTP1Connection._can_keep_alive(connection, line, headers)


# How it is answered.


class Said(NamedTuple):
    status: int = 200
    body: bytes = b"success"
    content_type: str = "text/plain"


class Desk:
    """Answers ``/wechat`` at once with ``says``, or when the test calls what lies in ``replies``."""

    path = "/wechat"

    def __init__(self, says: Answer | None = None) -> None:
        self.says = says
        self.taken: list[bytes] = []
        self.replies: list[Callable[[Any], None]] = []

    def take(self, query: str, body: bytes, reply: Callable[[Any], None]) -> None:
        self.taken.append(body)
        if self.says is None:
            self.replies.append(reply)
        else:
            reply(self.says)


class Page(RequestHandler):
    """What Tornado answers for itself."""

    def get(self) -> None:
        self.write("a page")

    def post(self) -> None:
        self.write(b"by tornado: " + self.request.body)


class Held(RequestHandler):
    def initialize(self, begun: asyncio.Event, go: asyncio.Event) -> None:
        self.begun, self.go = begun, go

    async def get(self) -> None:
        self.begun.set()
        await self.go.wait()
        self.write("at last")


class House:
    """A service on this loop."""

    def __init__(self, desk: Desk, **more: Any) -> None:
        self.desk = desk
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        held = ("/held", Held, {"begun": self.begun, "go": self.go})
        pages = Application([("/page", Page), ("/wechat", Page), held], log_function=lambda _: None)
        self.server = BoundedServer(pages, direct=desk, **more)
        self._sockets = bind_sockets(0, "127.0.0.1")
        self.server.add_sockets(self._sockets)
        self._clients: list[Client] = []

    def client(self) -> Client:
        made = Client(self._sockets[0].getsockname())
        self._clients.append(made)
        return made

    async def close(self) -> None:
        for one in self._clients:
            one.close()
        self.server.stop()
        await self.server.close_all_connections()


class Client:
    """A caller, whose bytes are his own affair."""

    def __init__(self, address: Any) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._kept = b""

    async def send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self.socket, data)

    async def answer(self) -> tuple[int, bytes]:
        """The next one; (0, b"") when he was hung up on."""
        while b"\r\n\r\n" not in self._kept:
            if not await self._more():
                return 0, self._kept
        head, _, rest = self._kept.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head + b" content-length: 0")[1])  # type: ignore[index]
        while len(rest) < length:
            assert await self._more(), "cut off"
            rest = self._kept.partition(b"\r\n\r\n")[2]
        self._kept = rest[length:]
        return int(head.split()[1]), rest[:length]

    async def _more(self) -> bool:
        try:
            more = await self._loop.sock_recv(self.socket, 65_536)
        except ConnectionError:
            return False
        self._kept += more
        return bool(more)

    async def asks(self, data: bytes) -> tuple[int, bytes]:
        await self.send(data)
        return await self.answer()

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()


@contextlib.asynccontextmanager
async def house(desk: Desk, **more: Any) -> AsyncIterator[House]:
    """Afterwards nothing is left: no open file, nobody listened to."""
    loop: Any = asyncio.get_running_loop()
    files, listened_to = open_files(), len(loop._selector.get_map())
    made = House(desk, **more)
    try:
        yield made
    finally:
        await asyncio.wait_for(made.close(), PATIENCE_S)
    await until(lambda: open_files() <= files, "all to be closed")
    assert len(loop._selector.get_map()) == listened_to


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def until(look: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not look():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0)


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def dropped(cause: str) -> float:
    return REGISTRY.get_sample_value("keban_connections_dropped_total", {"cause": cause}) or 0.0


def test_messages_of_one_connection_are_answered_again_and_again() -> None:
    async def story() -> None:
        async with house(Desk(Said())) as one:
            client = one.client()
            assert [await client.asks(post(b"%d" % n)) for n in range(3)] == [(200, b"success")] * 3
            assert one.desk.taken == [b"0", b"1", b"2"]
            assert len(one.server._callers) == 1 and not one.server._connections

    run(story)


def test_several_messages_at_once_are_taken_one_after_the_other() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(b"".join(post(b"%d" % n) for n in range(3)))
            for number in range(3):
                await until(lambda number=number: len(one.desk.replies) > number, "the next")  # type: ignore[misc]
                assert one.desk.taken == [b"%d" % n for n in range(number + 1)]
                one.desk.replies[number](Said(body=b"to %d" % number))
                assert await client.answer() == (200, b"to %d" % number)

    run(story)


def test_what_is_not_ordinary_is_tornados_from_then_on() -> None:
    async def story() -> None:
        async with house(Desk(Said())) as one:
            client = one.client()
            page = b"GET /page HTTP/1.1\r\nHost: keban\r\n\r\n"
            assert await client.asks(post(b"1") + page + post(b"2")) == (200, b"success")
            assert await client.answer() == (200, b"a page")
            assert await client.answer() == (200, b"by tornado: 2")
            assert one.desk.taken == [b"1"] and not one.server._callers

    run(story)


@pytest.mark.parametrize("cut", [1, 30, len(post(b"body")) - 1])
def test_a_message_that_comes_in_parts_is_tornados(cut: int) -> None:
    async def story() -> None:
        async with house(Desk(Said())) as one:
            client, data = one.client(), post(b"body")
            await client.send(data[:cut])
            await until(lambda: one.server._connections, "its being handed over")
            assert await client.asks(data[cut:]) == (200, b"by tornado: body")
            assert not one.desk.taken

    run(story)


def test_nonsense_behind_a_message_is_refused_and_the_message_answered() -> None:
    async def story() -> None:
        async with house(Desk(Said())) as one:
            client = one.client()
            assert await client.asks(post(b"1") + GARBAGE) == (200, b"success")
            assert (await client.answer())[0] == 400
            assert await client.answer() == (0, b"")

    run(story)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (post(b"1", b"Connection: close"), Said()),
        (post(b"1", head=b"POST /wechat?a=1 HTTP/1.0\r\n"), Said()),
        (post(b"1"), Said(403, b"refused")),
    ],
)
def test_a_last_answer_is_followed_by_nothing(data: bytes, says: Said) -> None:
    async def story() -> None:
        async with house(Desk(says)) as one:
            client = one.client()
            assert await client.asks(data + post(b"2")) == (says.status, says.body)
            # An end, and not a reset, which may take the answer back from who has not read it yet.
            assert await asyncio.get_running_loop().sock_recv(client.socket, 1) == b""
            assert one.desk.taken == [b"1"]
            client.close()
            await until(lambda: not one.server._callers, "the end")

    run(story)


@pytest.mark.parametrize(("linger_s", "most"), [(0.01, 10**9), (PATIENCE_S, 3)])
def test_who_sends_on_behind_his_last_answer_is_listened_to_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch, linger_s: float, most: int
) -> None:
    monkeypatch.setattr(direct, "LINGER_S", linger_s)
    monkeypatch.setattr(direct, "MOST_LOST", most)

    async def story() -> None:
        async with house(Desk(Said(403, b"refused"))) as one:
            client = one.client()
            assert await client.asks(post(b"1") + post(b"2")) == (403, b"refused")
            with contextlib.suppress(ConnectionError):
                while one.server._callers:
                    await client.send(post(b"3"))
            assert one.desk.taken == [b"1"]

    run(story)


def test_a_request_that_is_read_off_in_pieces_is_read_off_whole() -> None:
    class Stingy(socket.socket):
        def recv(self, size: int, flags: int = 0, /) -> bytes:
            return super().recv(size if flags else min(size, 10), flags)

    class Counter:
        """Who counts the callers here."""

        def asked(self, _caller: direct.Caller) -> None: ...
        def answered(self, _caller: direct.Caller) -> None: ...
        def gone(self, _caller: direct.Caller, _cause: str = "") -> None: ...
        def hand_over(self, _connection: socket.socket, _address: Any) -> None:
            raise AssertionError

    async def story() -> None:
        ours, theirs = socket.socketpair()
        desk = Desk(Said())
        stingy = Stingy(fileno=ours.detach())
        caller = direct.Caller(Counter(), desk, stingy, None)
        caller.start()
        await asyncio.get_running_loop().sock_sendall(theirs, post(b"1" * 30) + post(b"2"))
        await until(lambda: len(desk.taken) == 2, "both")
        assert desk.taken == [b"1" * 30, b"2"]
        caller.close()
        theirs.close()

    run(story)


def test_no_answer_is_lost_with_the_connection_that_ends_behind_it() -> None:
    """One that waited in the system for the one before to arrive was thrown away with what lay unread."""

    async def story() -> None:
        async with house(Desk(Said())) as one:
            for _ in range(50):
                client = one.client()
                for _ in range(5):  # from here on his side waits a moment before it says what has arrived
                    await client.asks(post(b"0"))
                await client.send(post(b"1") + post(b"2") + post(b"3", b"Connection: close") + post(b"4"))
                assert [await client.answer() for _ in range(3)] == [(200, b"success")] * 3
                assert await client.answer() == (0, b"")

    run(story)


def test_who_hangs_up_while_his_message_is_worked_on_keeps_his_place_until_then() -> None:
    """Or somebody else would come by the same number, and by his answer."""

    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            await until(lambda: one.desk.replies, "his message")
            (caller,) = one.server._callers
            client.close()
            await until(lambda: caller._paused, "his going to be seen")
            other = one.client()
            await other.send(post(b"2"))
            await until(lambda: len(one.desk.replies) == 2, "the other's message")
            one.desk.replies[0](Said(body=b"his"))
            one.desk.replies[1](Said(body=b"the other's"))
            assert await other.answer() == (200, b"the other's")
            await until(lambda: len(one.server._callers) == 1, "his place to be free")

    run(story)


def test_who_resets_while_his_message_is_worked_on_is_let_go() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            await until(lambda: one.desk.replies, "his message")
            client.reset()
            await until(lambda: next(iter(one.server._callers))._paused, "the reset to be seen")
            one.desk.replies[0](Said())
            assert not one.server._callers and not one.server._awaited

    run(story)


def test_who_has_said_all_he_will_still_gets_his_answer() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            client.socket.shutdown(socket.SHUT_WR)
            await until(lambda: one.desk.replies, "his message")
            await until(lambda: next(iter(one.server._callers))._paused, "his silence")
            one.desk.replies[0](Said())
            assert await client.answer() == (200, b"success")
            assert await client.answer() == (0, b"")
            assert not one.server._callers

    run(story)


def test_who_asks_on_and_never_reads_is_hung_up_on_and_holds_nobody() -> None:
    async def story() -> None:
        before = dropped("unread")
        async with house(Desk(Said(body=b"x" * 200_000))) as one:
            greedy, other = one.client(), one.client()
            await greedy.send(post(b"more") * 300)
            await until(lambda: dropped("unread") > before, "his being hung up on")
            assert (await other.asks(post(b"1")))[0] == 200
            assert len(one.server._callers) == 1

    run(story)


def test_a_great_answer_goes_out_whole() -> None:
    async def story() -> None:
        async with house(Desk(Said(body=b"x" * 60_000))) as one:
            client = one.client()
            for _ in range(5):
                assert await client.asks(post(b"1")) == (200, b"x" * 60_000)

    run(story)


def test_who_connects_and_says_nothing_may_leave_again() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            quiet, rude = one.client(), one.client()
            await until(lambda: len(one.server._callers) == 2, "them")
            quiet.close()
            rude.reset()
            await until(lambda: not one.server._callers, "their leaving")
            assert not one.server._awaited

    run(story)


# What goes wrong.


def test_when_the_addressee_breaks_the_caller_is_hung_up_on() -> None:
    class Broken(Desk):
        def take(self, query: str, body: bytes, reply: Callable[[Any], None]) -> None:
            super().take(query, body, reply)
            raise RuntimeError("broken")

    async def story() -> None:
        async with house(Broken()) as one:
            client = one.client()
            assert await client.asks(post(b"1")) == (0, b"")
            one.desk.replies[0](Said())  # too late
            assert not one.server._callers and not one.server._awaited
            one.desk.says = Said()
            other = one.client()
            assert await other.asks(post(b"2")) == (200, b"success")
            assert await other.answer() == (0, b"")

    run(story)


@pytest.mark.parametrize("says", [Said(content_type="é"), Said(body="a text")])  # type: ignore[arg-type]
def test_an_answer_that_cannot_be_sent_hangs_up_too(says: Said) -> None:
    async def story() -> None:
        async with house(Desk(says)) as one:
            assert await one.client().asks(post(b"1")) == (0, b"")
            assert not one.server._callers and not one.server._awaited

    run(story)


def test_a_second_answer_is_none() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            await until(lambda: one.desk.replies, "the first message")
            one.desk.replies[0](Said(body=b"one"))
            one.desk.replies[0](Said(body=b"two"))
            await client.send(post(b"2"))
            await until(lambda: len(one.desk.replies) == 2, "the second message")
            one.desk.replies[1](Said(body=b"three"))
            assert [await client.answer() for _ in range(2)] == [(200, b"one"), (200, b"three")]

    run(story)


# How many there may be, and for how long.


def test_a_thousand_who_say_nothing_make_room() -> None:
    async def story() -> None:
        before = dropped("full")
        async with house(Desk(Said()), max_connections=16) as one:
            for _ in range(20):
                crowd = [one.client() for _ in range(50)]
                await until(lambda: len(one.server._awaited) == 16, "the crowd to be let in")
                assert await one.client().asks(post(b"1")) == (200, b"success")
                assert len(one.server._callers) + len(one.server._connections) <= 16
                for each in crowd:
                    each.close()
        assert dropped("full") - before >= 600

    run(story)


def test_whose_message_is_worked_on_is_not_dropped_for_another() -> None:
    async def story() -> None:
        async with house(Desk(), max_connections=2) as one:
            busy = [one.client() for _ in range(2)]
            for client in busy:
                await client.send(post(b"1"))
            await until(lambda: len(one.desk.replies) == 2, "their messages")
            assert await one.client().answer() == (0, b"")
            for reply in one.desk.replies:
                reply(Said())
            assert [await client.answer() for client in busy] == [(200, b"success")] * 2

    run(story)


def test_tornados_connections_and_callers_make_room_for_each_other() -> None:
    async def story() -> None:
        async with house(Desk(Said()), max_connections=4) as one:
            crowd = [one.client() for _ in range(4)]
            for client in crowd:
                await client.send(b"GET /pa")  # handed over, and then nothing
            await until(lambda: len(one.server._awaited) == len(one.server._connections) == 4, "them all")
            assert await one.client().asks(post(b"1")) == (200, b"success")
            assert len(one.server._connections) + len(one.server._callers) == 4

    run(story)


def test_who_asks_nothing_for_long_is_hung_up_on_and_who_waits_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_room, "IDLE_LOOK_S", 0.01)

    async def story() -> None:
        async with house(Desk(), idle_s=0.05) as one:
            busy, idle = one.client(), one.client()
            await busy.send(post(b"1"))
            assert await idle.answer() == (0, b"")
            one.desk.replies[0](Said())
            assert await busy.answer() == (200, b"success")
            assert await busy.answer() == (0, b"")
            assert not one.server._callers

    run(story)


# How it ends.


def test_who_has_asked_before_the_end_gets_his_answer() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            idle, asks_on, page, unfinished = (one.client() for _ in range(4))
            await asks_on.send(post(b"1") + post(b"2"))
            await page.send(b"GET /held HTTP/1.1\r\nHost: keban\r\n\r\n")
            await unfinished.send(b"POST /page HTTP/1.1\r\nContent-Le")
            await until(lambda: one.desk.replies, "the message")
            await one.begun.wait()
            one.server.stop()
            ending = asyncio.ensure_future(one.server.close_all_connections())
            assert await idle.answer() == (0, b"")
            assert await unfinished.answer() == (0, b"")
            one.desk.replies[0](Said())
            assert await asks_on.answer() == (200, b"success")
            assert await asks_on.answer() == (0, b"")
            assert not ending.done()
            one.go.set()
            assert await page.answer() == (200, b"at last")
            await ending
            assert await page.answer() == (0, b"")
            assert one.desk.taken == [b"1"]

    run(story)


def test_the_end_does_not_wait_for_who_has_hung_up_or_does_not_read() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            gone = one.client()
            await gone.send(b"GET /held HTTP/1.1\r\nHost: keban\r\n\r\n")
            await one.begun.wait()
            gone.close()
            await one.server.close_all_connections()

    run(story)


def test_the_end_may_be_given_an_end() -> None:
    """As `commands.serving` does: one that is never answered holds up nothing else."""

    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            await until(lambda: one.desk.replies, "the message")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(one.server.close_all_connections(), 0.05)
            one.desk.replies[0](Said())
            assert await client.answer() == (200, b"success")

    run(story)


def test_heads_of_answers_are_made_once() -> None:
    head = direct._head(200, "text/plain", 7, True)
    assert head is direct._head(200, "text/plain", 7, True)
    assert head.endswith(b"\r\nContent-Length: 7\r\nX-Content-Type-Options: nosniff\r\n\r\n")
    assert b"Connection: close" in direct._head(403, "text/plain", 7, False)
