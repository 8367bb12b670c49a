"""The bounded server over real sockets: who holds a connection without sending stops nobody else."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest
from tornado.simple_httpclient import HTTPStreamClosedError
from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application, RequestHandler

from infra import server as room
from infra.metrics import REGISTRY
from infra.server import BoundedServer, connections_within, raise_file_limit

SLOW = b"POST / HTTP/1.1\r\nHost: keban\r\nContent-Length: 100\r\n\r\na"


class Page(RequestHandler):
    def get(self) -> None:
        self.write("here")

    def post(self) -> None:
        self.write(self.request.body)


def dropped(cause: str) -> float:
    return REGISTRY.get_sample_value("keban_connections_dropped_total", {"cause": cause}) or 0.0


class Much(RequestHandler):
    def get(self) -> None:
        self.write(b"x" * 32 * 1024 * 1024)


class Held(RequestHandler):
    def initialize(self, begun: asyncio.Event, go: asyncio.Event) -> None:
        self.begun, self.go = begun, go

    async def get(self) -> None:
        self.begun.set()
        await self.go.wait()
        self.write("here")


class Crowd(AsyncHTTPTestCase):
    limit = 8
    body_s = 30.0
    answer_s = 60.0

    def get_app(self) -> Application:
        self.sockets: list[socket.socket] = []
        return Application([("/", Page)], log_function=lambda _: None)

    def get_http_server(self) -> BoundedServer:
        return BoundedServer(
            self._app, max_connections=self.limit, body_s=self.body_s, answer_s=self.answer_s
        )

    def tearDown(self) -> None:
        for one in self.sockets:
            one.close()
        super().tearDown()

    def visitor(self, sends: bytes) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.get_http_port()))
        made.settimeout(10)
        made.sendall(sends)
        self.sockets.append(made)
        return made

    def server(self) -> BoundedServer:
        return cast(BoundedServer, self.http_server)

    def fetch_page(self, **more: Any) -> tuple[int, bytes]:
        response = self.fetch("/", **more)
        return response.code, response.body


class Full(Crowd):
    def test_silent_and_slow_senders_make_room_for_a_request(self) -> None:
        before = dropped("full")
        for sends in (b"", SLOW, b"GET / HT"):
            for _ in range(self.limit):
                self.visitor(sends)
            assert self.fetch_page() == (200, b"here")
        assert dropped("full") - before > self.limit
        assert len(self.server()._connections) <= self.limit

    def test_the_one_that_was_waited_for_longest_goes_first(self) -> None:
        first, others = self.visitor(SLOW), [self.visitor(SLOW) for _ in range(self.limit - 1)]
        self.fetch_page()
        assert first.recv(10) == b""
        others[-1].sendall(b"b" * 99)
        self.fetch_page()
        assert others[-1].recv(12) == b"HTTP/1.1 200"


class Unread(Crowd):
    """Whoever asks for much and never reads it."""

    def get_app(self) -> Application:
        super().get_app()
        return Application([("/", Page), ("/much", Much)], log_function=lambda _: None)

    def fill(self) -> None:
        for _ in range(self.limit):
            asker = self.visitor(b"GET /much HTTP/1.1\r\nHost: keban\r\n\r\n")
            # The first bytes have come: the answer is being written, and the rest will not be read.
            self.io_loop.run_sync(lambda asker=asker: self.io_loop.run_in_executor(None, asker.recv, 100))

    def test_who_does_not_read_makes_room_for_who_asks(self) -> None:
        self.fill()
        before = dropped("full")
        assert self.fetch_page() == (200, b"here")
        assert dropped("full") > before


class UnreadForLong(Unread):
    answer_s = 0.05

    def test_who_does_not_read_makes_room_for_who_asks(self) -> None:
        before = dropped("unread")
        self.fill()

        async def all_dropped() -> None:
            while dropped("unread") - before < self.limit:
                await asyncio.sleep(0)

        self.io_loop.run_sync(all_dropped, timeout=10)
        assert not self.server()._answering


class Whole(Crowd):
    """The only place is taken by a request that is being answered."""

    limit = 1

    def get_app(self) -> Application:
        super().get_app()
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        return Application([("/", Held, {"begun": self.begun, "go": self.go})], log_function=lambda _: None)

    def test_a_request_that_is_being_answered_is_not_dropped(self) -> None:
        before = dropped("refused")

        async def story() -> None:
            first = asyncio.ensure_future(self.http_client.fetch(self.get_url("/")))
            await self.begun.wait()
            with pytest.raises(HTTPStreamClosedError):
                await self.http_client.fetch(self.get_url("/"))
            self.go.set()
            assert (await first).body == b"here"

        self.io_loop.run_sync(story, timeout=10)
        assert dropped("refused") == before + 1


class LetGo(Crowd):
    """Bodies of requests that are over are let go, though an older one is still being waited for."""

    limit = 8

    def test_what_is_whole_is_not_held(self) -> None:
        self.visitor(SLOW)
        for _ in range(5):
            assert self.fetch_page(method="POST", body="x" * 1000)[0] == 200
        assert len(self.server().bodies._lit) <= 1
        assert len(self.server()._answering) == 0


class Slow(Crowd):
    body_s = 0.05

    def test_a_body_has_its_time_and_no_more(self) -> None:
        before = dropped("slow")
        slow = self.visitor(SLOW)
        assert self.io_loop.run_sync(lambda: self.io_loop.run_in_executor(None, slow.recv, 10)) == b""
        assert dropped("slow") == before + 1

    def test_a_body_in_time_is_answered_and_its_connection_used_again(self) -> None:
        assert [self.fetch_page(method="POST", body="abc") for _ in range(3)] == [(200, b"abc")] * 3


@pytest.fixture
def file_limit() -> Iterator[tuple[int, int]]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_limit_of_open_files_is_raised_as_far_as_allowed(file_limit: tuple[int, int]) -> None:
    hard = file_limit[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 512) if hard > 0 else 512, hard))
    raised = raise_file_limit()
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
    assert raised == (hard if hard >= 0 else room.MAX_CONNECTIONS + room.RESERVED_FILES)


@pytest.mark.parametrize(("files", "connections"), [(1_000_000, 1_000), (1_024, 824), (256, 56), (64, 16)])
def test_connections_leave_files_for_everything_else(files: int, connections: int) -> None:
    assert connections_within(files) == connections
