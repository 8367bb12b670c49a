"""The address ``/wechat`` on the wire: limits, and nothing else; the door itself is `bot.edge`.

Ordinary messages come the short way (`Front.take`, from `infra.direct`). Everything else comes by Tornado,
where this stands before the web application and takes its own requests straight from the connection: what
pages need (routing, cookies, templates) would cost as much as answering does. All other addresses are handed
on.

    front = Front(Answerer(webhook), application)
    BoundedServer(front, direct=front)
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from http.client import responses as reasons
from typing import cast
from urllib.parse import parse_qsl

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import StreamClosedError

from bot.document import MAX_BODY_BYTES
from bot.edge import Answerer
from bot.wire import TEXT, WireRequest, WireResponse
from infra.log import get_logger
from infra.metrics import LONG_WAY, REFUSALS

log = get_logger("bot")

PATH = "/wechat"
MAX_QUERY_CHARS = 4_096
MAX_PARAMETERS = 32
LINGER_S = 1.0


class Front(HTTPServerConnectionDelegate):
    """Takes ``/wechat``; ``others`` (the web application) takes the rest."""

    path = PATH

    def __init__(self, answerer: Answerer, others: HTTPServerConnectionDelegate) -> None:
        self.answerer = answerer
        self.others = others

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        return _Visitor(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        self.others.on_close(server_conn)

    def take(self, query: str, body: bytes, reply: Callable[[WireResponse], None]) -> None:
        """A message that is all there; ``reply`` is called on the loop's thread, now or later."""
        parameters = _parameters(query)
        if parameters is None:
            reply(_no_parameters())
        else:
            self.answerer.take(WireRequest("POST", parameters, body), reply)


class _Visitor(HTTPMessageDelegate):
    """One request, until its address is known to be somebody else's."""

    def __init__(self, front: Front, server_conn: object, connection: HTTPConnection) -> None:
        self._front = front
        self._server_conn = server_conn
        self._connection = connection

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        asked = cast(RequestStartLine, start_line)
        path, _, query = asked.path.partition("?")
        if path == PATH:
            self._delegate: HTTPMessageDelegate = _Request(self._front, self._connection, asked.method, query)
        else:
            self._delegate = self._front.others.start_request(self._server_conn, self._connection)
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        self._delegate.finish()

    def on_connection_close(self) -> None:
        self._delegate.on_connection_close()


class _Request(HTTPMessageDelegate):
    """GET checks the address, POST delivers. The body is taken in pieces so that a huge one is never held.

    A stranger is turned away by the first line: of its body nothing is kept. It is still read for a moment,
    because who is cut off while sending may never see the answer.
    """

    def __init__(self, front: Front, connection: HTTPConnection, method: str, query: str) -> None:
        self._answerer = front.answerer
        self._connection = cast(HTTP1Connection, connection)
        self._method = method
        self._query = _parameters(query)
        self._body = bytearray()
        self._leaving: asyncio.TimerHandle | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        # Counts for a body whose length is not announced, too.
        self._connection.set_max_body_size(MAX_BODY_BYTES)
        refusal = self._glance(headers)
        if refusal is not None:
            headers.pop("Expect", None)  # nothing more is expected
            self._turn_away(refusal)

    def data_received(self, chunk: bytes) -> None:
        if self._leaving is None:
            self._body += chunk

    def finish(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._connection.close()
            return
        # The loop itself keeps only a weak reference to a task.
        self._task = asyncio.get_running_loop().create_task(self._answer())

    def on_connection_close(self) -> None:
        """Whoever hung up gets no answer; the work, once begun, is finished and kept for the repeat."""
        if self._leaving is not None:
            self._leaving.cancel()

    def _glance(self, headers: HTTPHeaders) -> WireResponse | None:
        if self._query is None:
            return _no_parameters()
        refusal = self._answerer.glance(self._method, self._query)
        if refusal is None and _announced(headers.get("Content-Length", "0")) > MAX_BODY_BYTES:
            REFUSALS.labels("wechat", "size").inc()
            return WireResponse(413, b"refused", TEXT)
        return refusal

    def _turn_away(self, refusal: WireResponse) -> None:
        # However long it says to be: Tornado would write a refusal of its own behind ours.
        self._connection.set_max_body_size(sys.maxsize)
        self._leaving = asyncio.get_running_loop().call_later(LINGER_S, self._connection.close)
        self._write(refusal, close=True)

    async def _answer(self) -> None:
        if self._method == "POST":
            LONG_WAY.inc()
        response = await self._answerer.answer(
            WireRequest(self._method, cast(dict[str, str], self._query), bytes(self._body), admitted=True)
        )
        self._write(response)
        self._connection.finish()

    def _write(self, response: WireResponse, *, close: bool = False) -> None:
        headers = HTTPHeaders(
            {
                "Server": "keban",
                "Content-Type": response.content_type,
                "Content-Length": str(len(response.body)),
                "X-Content-Type-Options": "nosniff",
            }
        )
        if close:
            headers["Connection"] = "close"
        line = ResponseStartLine("HTTP/1.1", response.status, reasons.get(response.status, ""))
        body = None if self._method == "HEAD" else response.body
        written = self._connection.write_headers(line, headers, body)
        written.add_done_callback(_hung_up)


def _no_parameters() -> WireResponse:
    REFUSALS.labels("wechat", "parameters").inc()
    return WireResponse(400, b"refused", TEXT)


def _parameters(query: str) -> dict[str, str] | None:
    """The first value of each parameter; None for what WeChat would never send."""
    if len(query) > MAX_QUERY_CHARS or query.count("&") >= MAX_PARAMETERS:
        return None
    if "%" not in query and "+" not in query:  # as WeChat's mostly are: nothing to undo
        return {
            name: value for name, _, value in (pair.partition("=") for pair in reversed(query.split("&")))
        }
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return None
    return dict(reversed(pairs))


def _announced(length: str) -> int:
    return int(length) if length.isdecimal() and len(length) < 20 else 0


def _hung_up(written: asyncio.Future[None]) -> None:
    """A caller who hung up is no fault of ours; anything else is one."""
    error = None if written.cancelled() else written.exception()
    if error is not None and not isinstance(error, StreamClosedError):
        log.error("answer_not_written", cause=repr(error))
