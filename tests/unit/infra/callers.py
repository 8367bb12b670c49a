"""A house on real sockets for the short way: an addressee that answers when a test says so, and callers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, NamedTuple

from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from infra.direct import Answer
from infra.metrics import REGISTRY
from infra.server import BoundedServer

PATIENCE_S = 15
PATH = b"/wechat"
HEAD = b"POST /wechat?a=1 HTTP/1.1\r\n"
GARBAGE = b"\x00\x01nonsense\r\n\r\n"


def post(body: bytes, *headers: bytes, head: bytes = HEAD) -> bytes:
    lines = [b"Host: keban", b"Content-Length: %d" % len(body), *headers, b"", b""]
    return head + b"\r\n".join(lines) + body


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
