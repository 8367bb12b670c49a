"""Three places to pay at, each with a gateway and with what followers and the wire do there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import requests

from infra.clock import SystemClock
from payments.gateway import Gateway, Prepared, PrepayRequest
from payments.wechatpay import WeChatPayGateway
from payments.wechatpay_keys import WeChatPayKeys
from sandbox.app import running_sandbox
from sandbox.config import DEFAULT_FOLLOWERS, from_dict
from tests.contracts.recorded_wechatpay import PAYER, Recorded, serving
from tests.unit.payments.pretend_gateway import PretendGateway
from tests.unit.payments.pretend_wechatpay import PretendWeChatPay
from tests.waiting import until

Delivery = tuple[dict[str, str], bytes]


class Market(Protocol):
    """``payer`` is somebody who may pay there; ``notify_url`` where news are taken."""

    payer: str
    notify_url: str

    @property
    def gateway(self) -> Gateway: ...

    def pays(self, request: PrepayRequest, prepared: Prepared) -> None:
        """The follower pays what was prepared."""
        ...

    def payment_notice(self, out_trade_no: str) -> Delivery:
        """The news that it was paid, as it comes over the wire."""
        ...

    def refund_ends(self, out_refund_no: str) -> Delivery:
        """The money is back; the news of it."""
        ...


@dataclass
class PretendMarket:
    gateway: PretendGateway = field(default_factory=lambda: PretendGateway(SystemClock()))
    payer: str = PAYER
    notify_url: str = "https://keban.test/pay/notify"

    def pays(self, request: PrepayRequest, prepared: Prepared) -> None:
        assert self.gateway.paid_by_follower(request.out_trade_no)

    def payment_notice(self, out_trade_no: str) -> Delivery:
        return self.gateway.payment_notice(out_trade_no)

    def refund_ends(self, out_refund_no: str) -> Delivery:
        self.gateway.refund_ends(out_refund_no)
        return self.gateway.refund_notice(out_refund_no)


@dataclass
class RecordedMarket:
    recorded: Recorded
    gateway: Gateway
    payer: str = PAYER
    notify_url: str = "https://keban.test/pay/notify"

    def pays(self, request: PrepayRequest, prepared: Prepared) -> None:
        self.recorded.states[request.out_trade_no] = "SUCCESS"

    def payment_notice(self, out_trade_no: str) -> Delivery:
        return self._sealed("TRANSACTION.SUCCESS", self.recorded.paid(out_trade_no))

    def refund_ends(self, out_refund_no: str) -> Delivery:
        self.recorded.refunds[out_refund_no]["done"] = True
        return self._sealed("REFUND.SUCCESS", self.recorded.refunded(out_refund_no))

    def _sealed(self, event_type: str, fact: dict[str, Any]) -> Delivery:
        body = self.recorded.wechat.notice(event_type, fact)
        return self.recorded.wechat.signed(body), body


@dataclass
class SandboxMarket:
    platform: str
    gateway: Gateway
    notify_url: str
    news: list[Delivery]
    payer: str = DEFAULT_FOLLOWERS[0].openid

    def pays(self, request: PrepayRequest, prepared: Prepared) -> None:
        if prepared.prepay_id:
            sheet = {"openid": self.payer, "params": self.gateway.sign_jsapi(prepared.prepay_id)}
            answer = requests.post(f"{self.platform}/api/sheets/pay", json=sheet, timeout=10)
            assert answer.json()["ok"], answer.text
        elif prepared.code_url:
            scan = {"openid": self.payer, "content": prepared.code_url}
            answer = requests.post(f"{self.platform}/api/scans/pay", json=scan, timeout=10)
            assert answer.json()["ok"], answer.text
        else:
            who = {"openid": self.payer}
            answer = requests.post(prepared.h5_url, data=who, allow_redirects=False, timeout=10)
            assert answer.status_code == 303, answer.text

    def payment_notice(self, out_trade_no: str) -> Delivery:
        opened = self.gateway.open_payment
        return self._news(b"TRANSACTION.SUCCESS", lambda one: opened(*one).fact.out_trade_no == out_trade_no)

    def refund_ends(self, out_refund_no: str) -> Delivery:
        opened = self.gateway.open_refund
        return self._news(b"REFUND.SUCCESS", lambda one: opened(*one).fact.out_refund_no == out_refund_no)

    def _news(self, kind: bytes, wanted: Callable[[Delivery], bool]) -> Delivery:
        def found() -> list[Delivery]:
            return [one for one in list(self.news) if kind in one[1] and wanted(one)]

        return until(found, f"the news of {kind!r}")[0]


@contextmanager
def pretend_market(_keys: dict[str, Any]) -> Iterator[Market]:
    yield PretendMarket()


@contextmanager
def recorded_market(_keys: dict[str, Any]) -> Iterator[Market]:
    recorded = Recorded(PretendWeChatPay(SystemClock()))
    with serving(recorded) as address:
        gateway = WeChatPayGateway(recorded.wechat.keys(), SystemClock(), api_base=address)
        yield RecordedMarket(recorded, gateway)


@contextmanager
def sandbox_market(keys: dict[str, Any]) -> Iterator[Market]:
    news: list[Delivery] = []
    with _listening(news) as service:
        options = {"port": 0, "service_url": service, "refund_delay_s": 0.2, "refund_gap_s": 0.0}
        with running_sandbox(from_dict({**keys, **options})) as platform:
            gateway = WeChatPayGateway(_merchant(keys), SystemClock(), api_base=platform.url)
            subscribe = {"openid": DEFAULT_FOLLOWERS[0].openid, "type": "subscribe"}
            requests.post(f"{platform.url}/api/messages", json=subscribe, timeout=20)
            yield SandboxMarket(platform.url, gateway, f"{service}/pay/notify", news)


def _merchant(keys: dict[str, Any]) -> WeChatPayKeys:
    return WeChatPayKeys(
        app_id=keys["app_id"],
        mch_id=keys["mch_id"],
        serial_no=keys["merchant_serial_no"],
        private_key=Path(keys["merchant_private_key"]).read_text(),
        api_v3_key=keys["api_v3_key"],
        public_key_id=keys["platform_public_key_id"],
        public_key=Path(keys["platform_public_key"]).read_text(),
    )


@contextmanager
def _listening(news: list[Delivery]) -> Iterator[str]:
    """A service that takes every news with 204 and keeps it byte by byte."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            news.append((dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_two_hours() -> datetime:
    return datetime.now(UTC) + timedelta(hours=2)


def today() -> date:
    return (datetime.now(UTC) + timedelta(hours=8)).date()
