"""The WeChat Pay adapter against the wire: a local server that signs and checks as WeChat Pay does."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.clock import SystemClock
from payments.gateway import (
    BillNotReady,
    GatewayRefused,
    GatewayUnavailable,
    Prepared,
    PrepayRequest,
    RefundRequest,
)
from payments.wechatpay import WeChatPayGateway
from tests.unit.payments.pretend_wechatpay import (
    GONE_BACK,
    PAID,
    PUBLIC_KEY_ID,
    PretendWeChatPay,
    new_key,
)

NUMBER = "260105100000abcdEFGH01"
ASKED = PrepayRequest(
    out_trade_no=NUMBER,
    description="Python 爬虫从零到一",
    total_fen=9900,
    openid="oLin_follower_0000000000001a",
    notify_url="https://keban.test/pay/notify",
    expires_at=datetime(2026, 1, 5, 4, 0, 0, 123456, tzinfo=UTC),
)
BACK = RefundRequest(
    out_refund_no=f"{NUMBER}R01",
    out_trade_no=NUMBER,
    fen=3000,
    total_fen=9900,
    reason="不想学了",
    notify_url="https://keban.test/pay/refund-notify",
)
ACCEPTED = {
    **{name: value for name, value in GONE_BACK.items() if name not in ("mchid", "refund_status")},
    "status": "PROCESSING",
    "success_time": None,
    "amount": {"total": 9900, "refund": 3000, "currency": "CNY", "discount_refund": 0},
}


@dataclass
class Wire:
    """What the server answers next, and what it was asked."""

    wechat: PretendWeChatPay
    status: int = 200
    answer: Any = None
    raw: bytes | None = None
    is_signed: bool = True
    file: bytes = b""  # of a bill
    spoil: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def will_say(self, status: int, answer: Any = None) -> None:
        self.status, self.answer = status, answer

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.answer is None else json.dumps(self.answer, ensure_ascii=False).encode()


class _Handler(BaseHTTPRequestHandler):
    wire: Wire

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_args: Any) -> None:
        pass

    def _answer(self) -> None:
        wire = self.wire
        came = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            wire.wechat.check(self.headers["Authorization"], self.command, self.path, came)
        except Exception as error:
            wire.problems.append(repr(error))  # the test's own edge: told to the test's thread
        wire.asked.append((self.command, self.path, json.loads(came) if came else None))
        wire.headers = dict(self.headers)
        is_file = self.path.startswith("/v3/billdownload/")
        body = wire.file if is_file else wire.body()
        self.send_response(wire.status)
        signed = wire.wechat.signed(body) | wire.spoil if wire.is_signed and not is_file else {}
        for name, value in signed.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


PLATFORM, MERCHANT = new_key(), new_key()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire(PretendWeChatPay(SystemClock(), PLATFORM, MERCHANT))
    yield made
    assert made.problems == []


@pytest.fixture
def gateway(wire: Wire) -> Iterator[WeChatPayGateway]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"wire": wire}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}/"
    yield WeChatPayGateway(wire.wechat.keys(), SystemClock(), api_base=base)
    server.shutdown()
    server.server_close()
    thread.join()


def test_prepay_sends_what_wechat_pay_asks_for(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(200, {"prepay_id": "wx26112221580621e9b071c00d9e093b0000"})
    assert gateway.prepay(ASKED) == Prepared(prepay_id="wx26112221580621e9b071c00d9e093b0000")
    assert wire.asked == [
        (
            "POST",
            "/v3/pay/transactions/jsapi",
            {
                "appid": "wx0000000000000001",
                "mchid": "1900000001",
                "description": "Python 爬虫从零到一",
                "out_trade_no": NUMBER,
                "time_expire": "2026-01-05T12:00:00+08:00",
                "notify_url": "https://keban.test/pay/notify",
                "amount": {"total": 9900, "currency": "CNY"},
                "payer": {"openid": "oLin_follower_0000000000001a"},
            },
        )
    ]
    assert wire.headers["Wechatpay-Serial"] == PUBLIC_KEY_ID
    assert wire.headers["Accept"] == "application/json"


def test_native_binds_no_payer_and_answers_with_a_code(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(200, {"code_url": "weixin://wxpay/bizpayurl?pr=NwY5Mz9"})
    asked = replace(ASKED, way="native")
    assert gateway.prepay(asked) == Prepared(code_url="weixin://wxpay/bizpayurl?pr=NwY5Mz9")
    ((method, path, sent),) = wire.asked
    assert (method, path, "payer" in sent) == ("POST", "/v3/pay/transactions/native", False)


def test_h5_says_where_the_payer_is(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(200, {"h5_url": "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1"})
    assert gateway.prepay(replace(ASKED, way="h5", client_ip="203.0.113.7")).h5_url.endswith("prepay_id=wx1")
    ((_, path, sent),) = wire.asked
    assert path == "/v3/pay/transactions/h5"
    assert sent["scene_info"] == {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}


@pytest.mark.parametrize("given", [None, "", 3, "weixin://" + "x" * 512, "weixin://\n"])
def test_an_answer_without_the_address_is_no_answer(
    gateway: WeChatPayGateway, wire: Wire, given: object
) -> None:
    wire.will_say(200, {"code_url": given})
    with pytest.raises(GatewayUnavailable):
        gateway.prepay(replace(ASKED, way="native"))


DAY = date(2026, 1, 5)
BILL = "\ufeff交易时间,公众账号ID\r\n`2026-01-05 10:00:00,`wx0000000000000001\r\n".encode() * 2000


def has_bill(wire: Wire, **others: Any) -> None:
    wire.file = gzip.compress(BILL)
    address = "https://elsewhere.test/v3/billdownload/file?token=abc"
    said = {"hash_type": "SHA1", "hash_value": hashlib.sha1(BILL).hexdigest(), "download_url": address}
    wire.will_say(200, said | others)


def test_a_bill_is_fetched_unzipped_and_agrees_with_its_hash(gateway: WeChatPayGateway, wire: Wire) -> None:
    """Wherever the address points, it is asked where everything is asked."""
    has_bill(wire)
    with gateway.trade_bill(DAY).file as file:
        assert file.read() == BILL
    assert [path for _, path, _ in wire.asked] == [
        "/v3/bill/tradebill?bill_date=2026-01-05&bill_type=ALL&tar_type=GZIP",
        "/v3/billdownload/file?token=abc",
    ]


def test_a_day_without_business_has_an_empty_bill(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(400, {"code": "NO_STATEMENT_EXIST", "message": "账单文件不存在"})
    bill = gateway.trade_bill(DAY)
    assert (bill.sha1, bill.file.read()) == ("", b"")


def test_a_bill_that_is_being_made_comes_later(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(400, {"code": "STATEMENT_CREATING", "message": "账单正在生成中"})
    with pytest.raises(BillNotReady):
        gateway.trade_bill(DAY)


def test_a_bill_that_does_not_agree_with_its_hash_is_not_believed(
    gateway: WeChatPayGateway, wire: Wire
) -> None:
    has_bill(wire, hash_value="0" * 40)
    with pytest.raises(GatewayUnavailable, match="hash"):
        gateway.trade_bill(DAY)


@pytest.mark.parametrize("spoilt", [gzip.compress(BILL)[:-200], b"<html>nginx</html>", b""])
def test_a_bill_that_is_cut_off_or_no_bill_is_refused(
    gateway: WeChatPayGateway, wire: Wire, spoilt: bytes
) -> None:
    has_bill(wire)
    wire.file = spoilt
    with pytest.raises(GatewayUnavailable):
        gateway.trade_bill(DAY)


def test_a_bill_that_unzips_to_anything_is_stopped(
    gateway: WeChatPayGateway, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.wechatpay_bill.MOST_BYTES", len(BILL) - 1)
    has_bill(wire)
    with pytest.raises(GatewayUnavailable, match="larger"):
        gateway.trade_bill(DAY)


def test_a_paid_order_is_read(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(200, PAID)
    said = gateway.query(NUMBER)
    assert said is not None
    assert (said.state, said.total_fen, said.openid) == ("SUCCESS", 9900, "oLin_follower_0000000000001a")
    assert wire.asked[0][:2] == ("GET", f"/v3/pay/transactions/out-trade-no/{NUMBER}?mchid=1900000001")


def test_an_unpaid_order_is_read(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(
        200,
        {
            "appid": "wx0000000000000001",
            "mchid": "1900000001",
            "out_trade_no": NUMBER,
            "trade_state": "NOTPAY",
            "trade_state_desc": "订单未支付",
            "promotion_detail": [],
        },
    )
    said = gateway.query(NUMBER)
    assert said is not None
    assert (said.state, said.transaction_id, said.total_fen) == ("NOTPAY", "", None)


@pytest.mark.parametrize("code", ["ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"])
def test_an_order_that_wechat_pay_has_never_heard_of(
    gateway: WeChatPayGateway, wire: Wire, code: str
) -> None:
    wire.will_say(404, {"code": code, "message": "订单不存在"})
    assert gateway.query(NUMBER) is None
    assert gateway.query_refund(f"{NUMBER}R01") is None


def test_a_404_of_something_in_between_is_not_an_answer_about_the_order(
    gateway: WeChatPayGateway, wire: Wire
) -> None:
    wire.status, wire.raw, wire.is_signed = 404, b"<html>nginx</html>", False
    with pytest.raises(GatewayRefused):
        gateway.query(NUMBER)


def test_close_answers_with_nothing(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(204)
    gateway.close(NUMBER)
    assert wire.asked == [
        ("POST", f"/v3/pay/transactions/out-trade-no/{NUMBER}/close", {"mchid": "1900000001"})
    ]


def test_a_refund_goes_out_with_its_own_address_and_is_only_accepted(
    gateway: WeChatPayGateway, wire: Wire
) -> None:
    wire.will_say(200, ACCEPTED)
    fact = gateway.refund(BACK)
    assert (fact.state, fact.fen, fact.total_fen, fact.success_at) == ("PROCESSING", 3000, 9900, None)
    assert wire.asked == [
        (
            "POST",
            "/v3/refund/domestic/refunds",
            {
                "notify_url": "https://keban.test/pay/refund-notify",
                "out_refund_no": f"{NUMBER}R01",
                "amount": {"refund": 3000, "total": 9900, "currency": "CNY"},
                "out_trade_no": NUMBER,
                "reason": "不想学了",
            },
        )
    ]


def test_a_refund_is_asked_about(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.will_say(200, {**ACCEPTED, "status": "SUCCESS", "success_time": "2026-01-05T11:00:00+08:00"})
    fact = gateway.query_refund(f"{NUMBER}R01")
    assert fact is not None
    assert (fact.state, fact.success_at) == ("SUCCESS", datetime(2026, 1, 5, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "PARAM_ERROR"), (401, "SIGN_ERROR"), (403, "NOT_ENOUGH"), (400, "ORDER_CLOSED")],
)
def test_a_refusal_is_typed_with_wechats_own_code(
    gateway: WeChatPayGateway, wire: Wire, status: int, code: str
) -> None:
    wire.is_signed = False
    wire.will_say(status, {"code": code, "message": "不行"})
    with pytest.raises(GatewayRefused) as refused:
        gateway.prepay(ASKED)
    assert refused.value.code == code


@pytest.mark.parametrize(("status", "code"), [(429, "FREQUENCY_LIMITED"), (500, "SYSTEM_ERROR"), (502, "")])
def test_not_now_is_not_no(gateway: WeChatPayGateway, wire: Wire, status: int, code: str) -> None:
    wire.is_signed = False
    wire.will_say(status, {"code": code, "message": "系统异常"})
    with pytest.raises(GatewayUnavailable):
        gateway.query(NUMBER)


def test_a_success_without_a_signature_is_forged(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.is_signed = False
    wire.will_say(200, PAID)
    with pytest.raises(GatewayUnavailable):
        gateway.query(NUMBER)


@pytest.mark.parametrize(
    "spoil",
    [
        {"Wechatpay-Nonce": "another"},
        {"Wechatpay-Serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"},
        {"Wechatpay-Timestamp": "1"},
    ],
)
def test_an_answer_with_a_wrong_signature_says_nothing(
    gateway: WeChatPayGateway, wire: Wire, spoil: dict[str, str]
) -> None:
    wire.spoil = spoil
    wire.will_say(200, PAID)
    with pytest.raises(GatewayUnavailable):
        gateway.query(NUMBER)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"amount": {"total": 99.0}}', b'{"payer": 3}'])
def test_a_signed_answer_that_cannot_be_read_is_no_answer(
    gateway: WeChatPayGateway, wire: Wire, raw: bytes
) -> None:
    wire.raw = raw
    if raw:
        with pytest.raises(GatewayUnavailable):
            gateway.query(NUMBER)
    else:
        with pytest.raises(GatewayUnavailable):
            gateway.prepay(ASKED)


def test_a_redirect_is_not_followed(gateway: WeChatPayGateway, wire: Wire) -> None:
    wire.is_signed = False
    wire.will_say(302)
    with pytest.raises(GatewayRefused):
        gateway.query(NUMBER)
    assert len(wire.asked) == 1


def test_nobody_at_the_address_is_unavailable(wire: Wire) -> None:
    gateway = WeChatPayGateway(wire.wechat.keys(), SystemClock(), api_base="http://127.0.0.1:1")
    with pytest.raises(GatewayUnavailable):
        gateway.query(NUMBER)


def test_a_number_cannot_leave_its_place_in_the_path(gateway: WeChatPayGateway, wire: Wire) -> None:
    for number in ("../refund", "a/b", "a?b=c", ""):
        with pytest.raises(GatewayRefused):
            gateway.query(number)
    assert wire.asked == []


def test_without_a_public_key_no_serial_is_asked_for_and_nothing_is_fetched(wire: Wire) -> None:
    pem, _ = wire.wechat.certificate()
    keys = wire.wechat.keys(public_key="", public_key_id="", platform_certificates=(pem,))
    WeChatPayGateway(keys, SystemClock(), api_base="http://127.0.0.1:1")
    assert wire.asked == []
