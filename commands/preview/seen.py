"""The shop's real pages as one person sees them, inside the frames of the preview.

A stranger and a buyer have a port each, so that each is another site to the browser. What the pages answer is
passed on as it is, but for two things: they may be framed by the preview, and a script tells it where one is.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable
from typing import Any, cast

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)

SCRIPT = "/preview-frame.js"
_TAG = f'<script src="{SCRIPT}" defer></script></body>'.encode()
_CLOSED = ("/login", "/pay", "/gift", "/wechat")
_SORRY = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>预览</title>'
    "<body><p>预览里不登录，也不付款。换到「买过的人」可以看全文。</p></body></html>"
)


class Seen(HTTPServerConnectionDelegate):
    """``cookie``: who looks, "" for a stranger. ``frame``: the preview's own address. ``script``: what is put
    into the pages. ``host``: the only name by which this is answered, so that no other site can be it.
    """

    def __init__(
        self, pages: HTTPServerConnectionDelegate, *, cookie: str, frame: str, script: bytes, host: str
    ) -> None:
        self.pages = pages
        self.cookie = cookie
        self.frame = frame
        self.script = script
        self.host = host

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        return _Request(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        self.pages.on_close(server_conn)


class _Request(HTTPMessageDelegate):
    """One request: the pages', ours, or nobody's."""

    def __init__(self, seen: Seen, server_conn: object, connection: HTTPConnection) -> None:
        self._seen = seen
        self._server_conn = server_conn
        self._connection = connection
        self._pages: HTTPMessageDelegate | None = None
        self._answer: tuple[int, str, bytes] | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        asked = cast(RequestStartLine, start_line)
        self._answer = self._own_answer(asked, headers)
        if self._answer is not None:
            return None
        headers.pop("Cookie", None)
        headers.pop("Accept-Encoding", None)
        if self._seen.cookie:
            headers["Cookie"] = self._seen.cookie
        framed = cast(HTTPConnection, _Framed(self._connection, self._seen.frame))
        self._pages = self._seen.pages.start_request(self._server_conn, framed)
        return self._pages.headers_received(start_line, headers)

    def _own_answer(self, asked: RequestStartLine, headers: HTTPHeaders) -> tuple[int, str, bytes] | None:
        path = asked.path.partition("?")[0]
        if headers.get("Host", "") != self._seen.host:
            return 421, "text/plain; charset=utf-8", b"wrong host"
        if path == SCRIPT:
            return 200, "text/javascript; charset=utf-8", self._seen.script
        if asked.method not in ("GET", "HEAD") or path.startswith(_CLOSED) or path.endswith("/buy"):
            return 200, "text/html; charset=utf-8", _SORRY.encode()
        return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._pages.data_received(chunk) if self._pages else None

    def finish(self) -> None:
        if self._pages is not None:
            self._pages.finish()
            return
        status, kind, body = cast(tuple[int, str, bytes], self._answer)
        headers = HTTPHeaders({"Content-Type": kind, "Content-Length": str(len(body))})
        headers["Content-Security-Policy"] = f"default-src 'none'; frame-ancestors {self._seen.frame}"
        self._connection.write_headers(ResponseStartLine("HTTP/1.1", status, "Preview"), headers, body)
        self._connection.finish()

    def on_connection_close(self) -> None:
        if self._pages is not None:
            self._pages.on_connection_close()


class _Framed:
    """A connection whose answers may stand in the preview's frame."""

    def __init__(self, connection: HTTPConnection, frame: str) -> None:
        self._connection = connection
        self._frame = frame

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def write_headers(
        self,
        start_line: RequestStartLine | ResponseStartLine,
        headers: HTTPHeaders,
        chunk: bytes | None = None,
    ) -> Future[None]:
        headers.pop("X-Frame-Options", None)
        policy = headers.get("Content-Security-Policy", "")
        headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", f"frame-ancestors {self._frame}"
        )
        if chunk and headers.get("Content-Type", "").startswith("text/html"):
            chunk = chunk.replace(b"</body>", _TAG, 1)
            headers["Content-Length"] = str(len(chunk))
            headers["Cache-Control"] = "no-store"
            headers.pop("Etag", None)
        return self._connection.write_headers(start_line, headers, chunk)
