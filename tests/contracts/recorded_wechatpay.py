"""WeChat Pay's documents as its reference shows them, served on a port of this machine, signed and checked.

Nothing of the sandbox is used here: what both sides of this project got wrong in the same way would show. The
names and shapes are those of the reference, whose address stands above each; the values are ours.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.unit.payments.pretend_wechatpay import PretendWeChatPay

Answer = tuple[int, dict[str, Any] | None]
APP_ID, MCH_ID, PAYER = "wx0000000000000001", "1900000001", "oLin_follower_0000000000001a"

# https://pay.weixin.qq.com/doc/v3/merchant/4012791857 (JSAPI: what is signed is "prepay_id=" and this)
JSAPI = {"prepay_id": "wx26112221580621e9b071c00d9e093b0000"}
# https://pay.weixin.qq.com/doc/v3/merchant/4012791877 (Native)
NATIVE = {"code_url": "weixin://wxpay/bizpayurl?pr=NwY5Mz9"}
# https://pay.weixin.qq.com/doc/v3/merchant/4012791834 (H5)
H5 = {
    "h5_url": "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb"
    "?prepay_id=wx2016121516420242444321ca0631331346&package=1405458241"
}
# https://pay.weixin.qq.com/doc/v3/merchant/4013070356 (an order by the merchant's number), unpaid, closed
NOT_PAID: dict[str, Any] = {
    "appid": APP_ID,
    "mchid": MCH_ID,
    "trade_state": "NOTPAY",
    "trade_state_desc": "订单未支付",
    "promotion_detail": [],
}
CLOSED: dict[str, Any] = NOT_PAID | {"trade_state": "CLOSED", "trade_state_desc": "订单已关闭"}
# The same, paid; and within https://pay.weixin.qq.com/doc/v3/merchant/4012791861 (the notification)
PAID: dict[str, Any] = {
    "appid": APP_ID,
    "mchid": MCH_ID,
    "transaction_id": "1217752501201407033233368018",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "bank_type": "CMC",
    "attach": "",
    "success_time": "2026-01-05T10:00:05+08:00",
    "payer": {"openid": PAYER},
    "amount": {"total": 9900, "payer_total": 9900, "currency": "CNY", "payer_currency": "CNY"},
    "scene_info": {"device_id": "013467007045764"},
    "promotion_detail": [],
}
# https://pay.weixin.qq.com/doc/v3/partner/4012759673 (a refund; a merchant leaves sub_mchid out)
REFUND: dict[str, Any] = {
    "refund_id": "50000000382019052709732678859",
    "transaction_id": "1217752501201407033233368018",
    "channel": "ORIGINAL",
    "user_received_account": "招商银行信用卡0403",
    "create_time": "2026-01-05T11:00:00+08:00",
    "status": "PROCESSING",
    "funds_account": "AVAILABLE",
}
# The same, as its notification has it: refund_status instead of status, and the merchant
REFUNDED: dict[str, Any] = {
    "mchid": MCH_ID,
    "transaction_id": "1217752501201407033233368018",
    "refund_id": "50000000382019052709732678859",
    "refund_status": "SUCCESS",
    "success_time": "2026-01-05T11:05:00+08:00",
    "user_received_account": "招商银行信用卡0403",
}
# Each of these pages lists its refusals: {"code", "message"} with an HTTP status.
UNKNOWN: Answer = (404, {"code": "ORDER_NOT_EXIST", "message": "订单不存在"})
NO_REFUND: Answer = (404, {"code": "RESOURCE_NOT_EXISTS", "message": "退款单不存在"})
IS_PAID: Answer = (400, {"code": "ORDERPAID", "message": "该订单已支付"})
IS_CLOSED: Answer = (400, {"code": "ORDER_CLOSED", "message": "订单已关闭"})
OTHER_TERMS: Answer = (400, {"code": "INVALID_REQUEST", "message": "201 商户订单号重复"})
TOO_MUCH: Answer = (403, {"code": "NOT_ENOUGH", "message": "退款金额大于支付金额"})
# GET /v3/bill/tradebill, before the bill is made
BEING_MADE: Answer = (400, {"code": "STATEMENT_CREATING", "message": "账单生成中"})

_PLACED = {"jsapi": JSAPI, "native": NATIVE, "h5": H5}


class Recorded:
    """What was placed, paid, closed and refunded, so that the right document is answered."""

    def __init__(self, wechat: PretendWeChatPay) -> None:
        self.wechat = wechat
        self.placed: dict[str, tuple[str, dict[str, Any]]] = {}
        self.states: dict[str, str] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.problems: list[str] = []
        self._pages: list[tuple[str, Callable[..., Answer]]] = [
            (r"POST /v3/pay/transactions/(jsapi|native|h5)", self._place),
            (r"GET /v3/pay/transactions/out-trade-no/([^/?]+)\?mchid=1900000001", self._query),
            (r"POST /v3/pay/transactions/out-trade-no/([^/?]+)/close", self._close),
            (r"POST /v3/refund/domestic/refunds", self._refund),
            (r"GET /v3/refund/domestic/refunds/([^/?]+)", self._query_refund),
            (r"GET /v3/bill/tradebill\?.*", lambda _body: BEING_MADE),
        ]

    def answer(self, line: str, body: dict[str, Any]) -> Answer:
        for pattern, page in self._pages:
            found = re.fullmatch(pattern, line)
            if found:
                return page(body, *found.groups())
        self.problems.append(f"no such page: {line}")
        return 404, None

    def paid(self, number: str) -> dict[str, Any]:
        return {**PAID, "out_trade_no": number}

    def refunded(self, number: str) -> dict[str, Any]:
        asked = self.refunds[number]
        names = {name: asked[name] for name in ("out_trade_no", "out_refund_no")}
        fen = asked["amount"]
        amount = {"total": 9900, "refund": fen["refund"], "payer_total": 9900, "payer_refund": fen["refund"]}
        return {**REFUNDED, **names, "amount": amount}

    def _place(self, body: dict[str, Any], way: str) -> Answer:
        number = body["out_trade_no"]
        if self.placed.setdefault(number, (way, body)) != (way, body):
            return OTHER_TERMS
        state = self.states.setdefault(number, "NOTPAY")
        return {"SUCCESS": IS_PAID, "CLOSED": IS_CLOSED}.get(state, (200, _PLACED[way]))

    def _query(self, _body: dict[str, Any], number: str) -> Answer:
        if number not in self.states:
            return UNKNOWN
        said: dict[str, Any] = {"NOTPAY": NOT_PAID, "CLOSED": CLOSED, "SUCCESS": PAID}[self.states[number]]
        return 200, {**said, "out_trade_no": number}

    def _close(self, _body: dict[str, Any], number: str) -> Answer:
        if self.states.get(number) == "SUCCESS":
            return IS_PAID
        self.states[number] = "CLOSED"
        return 204, None

    def _refund(self, body: dict[str, Any]) -> Answer:
        number = body["out_refund_no"]
        others = (one for name, one in self.refunds.items() if name != number)
        of_it = [one["amount"]["refund"] for one in others if one["out_trade_no"] == body["out_trade_no"]]
        if sum(of_it) + body["amount"]["refund"] > body["amount"]["total"]:
            return TOO_MUCH
        self.refunds.setdefault(number, {**body, "done": False})
        return self._query_refund({}, number)

    def _query_refund(self, _body: dict[str, Any], number: str) -> Answer:
        asked = self.refunds.get(number)
        if asked is None:
            return NO_REFUND
        names = {name: asked[name] for name in ("out_trade_no", "out_refund_no")}
        amount = asked["amount"] | {"payer_total": 9900, "payer_refund": asked["amount"]["refund"]}
        said = {**REFUND, **names, "amount": amount}
        done = {"status": "SUCCESS", "success_time": "2026-01-05T11:05:00+08:00"}
        return 200, said | done if asked["done"] else said


@contextmanager
def serving(recorded: Recorded) -> Iterator[str]:
    """Serves it; the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"recorded": recorded}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert recorded.problems == []


class _Handler(BaseHTTPRequestHandler):
    recorded: Recorded

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_args: Any) -> None:
        pass

    def _answer(self) -> None:
        came = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.recorded.wechat.check(self.headers["Authorization"], self.command, self.path, came)
            said = self.recorded.answer(f"{self.command} {self.path}", json.loads(came or b"{}"))
        except Exception as error:
            self.recorded.problems.append(repr(error))  # the test's own edge: told to the test's thread
            said = (500, None)
        status, document = said
        body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in self.recorded.wechat.signed(body).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
