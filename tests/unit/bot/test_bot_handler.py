from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.iostream import IOStream
from tornado.tcpclient import TCPClient
from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application, RequestHandler

from bot.document import MAX_BODY_BYTES
from bot.edge import Answerer
from bot.front import Front
from bot.webhook import Webhook
from bot.wire import WireRequest, WireResponse
from infra.clock import SystemClock
from infra.keyvalue_sqlite import SqliteStore
from tests.unit.bot.pretend_wechat import Echo, PretendWeChat, account


class Other(RequestHandler):
    """Any page of the web application."""

    def post(self) -> None:
        self.write(self.request.body + b" elsewhere")


class WeChatAddress(AsyncHTTPTestCase):
    """``/wechat`` over real HTTP."""

    def get_app(self) -> Application:
        self.folder = tempfile.TemporaryDirectory()
        self.store = SqliteStore(Path(self.folder.name) / "kv.db")
        webhook = Webhook(account(), Echo(), self.store, SystemClock(), late=lambda *_: None)
        self.answerer = Answerer(webhook, workers=2)
        self.wechat = PretendWeChat(SystemClock())
        return cast(Application, Front(self.answerer, Application([(r"/other", Other)])))

    def tearDown(self) -> None:
        super().tearDown()
        self.answerer.close()
        self.store.close()
        self.folder.cleanup()

    def ask(self, request: WireRequest, **more: Any) -> HTTPResponse:
        body = None if request.method == "GET" else request.body
        address = f"/wechat?{urlencode(request.query)}"
        return self.fetch(address, method=request.method, body=body, **more)

    async def connect(self) -> IOStream:
        return await TCPClient().connect("127.0.0.1", self.get_http_port())

    def test_a_message_is_answered(self) -> None:
        response = self.ask(self.wechat.text("你好"))
        assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
        assert self.wechat.said(WireResponse(response.code, response.body)) == "你说：你好"

    def test_the_address_check(self) -> None:
        response = self.ask(self.wechat.check("<i>1</i>"))
        assert (response.code, response.body) == (200, b"<i>1</i>")
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    def test_a_refusal_says_nothing(self) -> None:
        response = self.ask(WireRequest("POST", {}, b"<xml/>"))
        assert (response.code, response.body) == (403, b"refused")

    def test_an_address_that_is_not_utf_8_is_refused(self) -> None:
        assert self.fetch("/wechat?signature=%ff&timestamp=%00&nonce=1").code == 403

    def test_a_stranger_is_turned_away_before_its_body_has_come(self) -> None:
        head = "POST /wechat?signature=x HTTP/1.1\r\nHost: keban\r\nContent-Length: 100\r\n\r\na"

        async def story() -> None:
            stream = await self.connect()
            await stream.write(head.encode())
            answer = await stream.read_until(b"refused")
            assert answer.startswith(b"HTTP/1.1 403 ") and b"Connection: close" in answer
            assert await stream.read_until_close() == b""  # although the body never came

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("bot.front.LINGER_S", 0.05)
            self.io_loop.run_sync(story, timeout=10)

    def test_of_a_strangers_body_nothing_is_kept(self) -> None:
        response = self.ask(WireRequest("POST", {"signature": "x"}, b"x" * (2 * MAX_BODY_BYTES)))
        assert (response.code, response.body) == (403, b"refused")

    def test_a_body_that_is_announced_too_large_is_not_read(self) -> None:
        good = self.wechat.text()
        response = self.ask(WireRequest("POST", good.query, b"x" * (MAX_BODY_BYTES + 1)))
        assert (response.code, response.body) == (413, b"refused")

    def test_a_body_that_grows_too_large_is_cut_off(self) -> None:
        async def endless(write: Any) -> None:
            for _ in range(20):
                await write(b"x" * 8192)

        request = HTTPRequest(
            self.get_url(f"/wechat?{urlencode(self.wechat.text().query)}"),
            method="POST",
            body_producer=cast(Any, endless),  # tornado's own type knows no coroutines
        )
        response = self.io_loop.run_sync(lambda: self.http_client.fetch(request, raise_error=False))
        assert response.code in (400, 599)

    def test_another_method_is_refused_without_a_traceback(self) -> None:
        response = self.fetch("/wechat", method="DELETE")
        assert (response.code, response.body) == (405, b"refused")
        assert self.fetch("/wechat", method="HEAD").code == 405

    def test_other_addresses_are_the_applications(self) -> None:
        response = self.fetch("/other?x=1", method="POST", body="asked")
        assert (response.code, response.body) == (200, b"asked elsewhere")
        assert self.fetch("/wechat/", method="GET").code == 404

    def test_a_connection_is_used_again_and_again(self) -> None:
        answers = [self.ask(self.wechat.text(f"第{number}句")) for number in range(3)]
        said = [self.wechat.said(WireResponse(answer.code, answer.body)) for answer in answers]
        assert [line.split("，")[0] for line in said] == ["你说：第0句", "你说：第1句", "你说：第2句"]

    def test_a_flood_of_parameters_is_refused(self) -> None:
        many = "&".join(f"p{number}=1" for number in range(100))
        assert self.fetch(f"/wechat?{many}").code == 400
        assert self.fetch("/wechat?nonce=" + "x" * 5_000).code == 400
