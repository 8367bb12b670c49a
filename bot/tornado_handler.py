"""The address ``/wechat`` in Tornado: limits, and nothing else; the door itself is `bot.edge`.

(r"/wechat", WeChatHandler, {"answerer": Answerer(webhook)})
"""

from __future__ import annotations

from typing import Any, cast

from tornado.http1connection import HTTP1Connection
from tornado.web import RequestHandler, stream_request_body

from bot.edge import Answerer
from bot.message import MAX_BODY_BYTES
from bot.wire import TEXT, WireRequest, WireResponse
from infra.metrics import REFUSALS


@stream_request_body
class WeChatHandler(RequestHandler):
    """GET checks the address, POST delivers. The body is taken in pieces so that a huge one is never held."""

    def initialize(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._body = bytearray()

    def prepare(self) -> None:
        # Counts for a body whose length is not announced, too.
        cast(HTTP1Connection, self.request.connection).set_max_body_size(MAX_BODY_BYTES)
        if _announced(self.request.headers.get("Content-Length", "0")) > MAX_BODY_BYTES:
            REFUSALS.labels("wechat", "size").inc()
            self.set_header("Connection", "close")
            self._send(WireResponse(413, b"refused", TEXT))

    def data_received(self, chunk: bytes) -> None:
        self._body += chunk

    async def get(self) -> None:
        await self._answer()

    async def post(self) -> None:
        await self._answer()

    def check_xsrf_cookie(self) -> None:
        """WeChat has no cookie; its signature says who it is."""

    def compute_etag(self) -> None:
        """No answer is asked for twice, so none needs a digest."""

    def set_default_headers(self) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        """A status and one word; a traceback is for the log."""
        self.set_header("Content-Type", TEXT)
        self.finish(b"refused")

    async def _answer(self) -> None:
        query = {name: values[0].decode("utf-8", "replace") for name, values in self._queries().items()}
        request = WireRequest(self.request.method or "", query, bytes(self._body))
        self._send(await self._answerer.answer(request))

    def _queries(self) -> dict[str, list[bytes]]:
        return self.request.query_arguments

    def _send(self, response: WireResponse) -> None:
        self.set_status(response.status)
        self.set_header("Content-Type", response.content_type)
        self.finish(response.body)


def _announced(length: str) -> int:
    return int(length) if length.isdecimal() and len(length) < 20 else 0
