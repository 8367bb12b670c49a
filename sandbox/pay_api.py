"""WeChat Pay's API v3 as the service calls it.

Nothing is read before the request's signature fits, and every 2xx answer is signed."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any
from urllib.parse import urlencode

from tornado.web import RequestHandler

from sandbox.account_api import Hanging
from sandbox.h5_page import H5_PATH
from sandbox.payrefusal import PayRefused, bad_parameter
from sandbox.paysign import AuthorizationRefused


class PayHandler(Hanging):
    """Verifies in ``prepare``; subclasses do the rest and end with ``say``."""

    fault = ""
    """The fault that makes this endpoint answer SYSTEM_ERROR."""

    def prepare(self) -> Awaitable[None] | None:
        try:
            self._check()
        except AuthorizationRefused as error:
            self._refuse(401, "SIGN_ERROR", error.message, detail=self._signed_detail(error))
        except PayRefused as error:
            self._refuse(error.status, error.code, error.message)
        return None

    def _check(self) -> None:
        request = self.request
        self.world.signer.check_request(
            request.method or "", request.uri or "", request.body, request.headers
        )
        serial = request.headers.get("Wechatpay-Serial")
        if serial and serial != self.world.config.platform_public_key_id:
            raise bad_parameter("Wechatpay-Serial 不是本商户的微信支付公钥ID")
        if request.method == "POST" and "application/json" not in request.headers.get("Content-Type", ""):
            raise PayRefused(415, "PARAM_ERROR", "Content-Type 必须是 application/json")
        if "application/json" not in request.headers.get("Accept", "*/*").replace("*/*", "application/json"):
            raise PayRefused(406, "PARAM_ERROR", "Accept 必须是 application/json")
        if self.fault and self.world.faults.take(self.fault):
            raise PayRefused(500, "SYSTEM_ERROR", "系统异常，请稍后重试")

    def body(self) -> dict[str, Any]:
        """Raises PayRefused unless a JSON object was posted."""
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise bad_parameter("请求体不是合法的 JSON") from error
        if not isinstance(body, dict):
            raise bad_parameter("请求体必须是 JSON 对象")
        return body

    async def say(self, answer: dict[str, Any] | None) -> None:
        """200 with a document, or 204 without; signed both ways."""
        content = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
        if self.world.faults.take("pay_timeout"):
            await self.hang()
        for name, value in self.world.signer.headers(content).items():
            self.set_header(name, value)
        if answer is None:
            self.set_status(204)
            await self.finish()
        else:
            self.set_header("Content-Type", "application/json; charset=utf-8")
            await self.finish(content)

    def _signed_detail(self, error: AuthorizationRefused) -> dict[str, Any]:
        return {
            "detail": {"issue": error.issue},
            "field": "signature",
            "location": "authorization",
            "sign_information": {"method": self.request.method, "url": self.request.uri},
        }

    def _refuse(self, status: int, code: str, message: str, **more: Any) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps({"code": code, "message": message, **more}, ensure_ascii=False))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, PayRefused):
            self._refuse(error.status, error.code, error.message)
        else:
            self._refuse(
                status_code, "SYSTEM_ERROR" if status_code >= 500 else "INVALID_REQUEST", self._reason
            )

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if not isinstance(value, PayRefused):
            super().log_exception(typ, value, tb)

    def check_merchant(self, given: str) -> None:
        if given != self.world.config.mch_id:
            raise bad_parameter("商户号 mchid 有误")


class Place(PayHandler):
    """POST /v3/pay/transactions/jsapi, /native, /h5"""

    fault = "prepay_error"

    async def post(self, kind: str) -> None:
        known = self.world.transactions.place(
            self.body(), {"jsapi": "JSAPI", "native": "NATIVE", "h5": "MWEB"}[kind]
        )
        if kind == "jsapi":
            return await self.say({"prepay_id": known.prepay_id})
        if kind == "native":
            return await self.say({"code_url": known.code})
        address = f"{self.request.protocol}://{self.request.host}{H5_PATH}"
        query = urlencode({"prepay_id": known.prepay_id, "package": known.prepay_id[-10:]})
        return await self.say({"h5_url": f"{address}?{query}"})


class QueryByNumber(PayHandler):
    """GET /v3/pay/transactions/out-trade-no/{out_trade_no}"""

    fault = "query_error"

    async def get(self, number: str) -> None:
        self.check_merchant(self.get_query_argument("mchid", ""))
        await self.say(self.world.transactions.shown(self.world.transactions.find(number)))


class QueryById(PayHandler):
    """GET /v3/pay/transactions/id/{transaction_id}"""

    fault = "query_error"

    async def get(self, number: str) -> None:
        self.check_merchant(self.get_query_argument("mchid", ""))
        await self.say(self.world.transactions.shown(self.world.transactions.find_by_id(number)))


class Close(PayHandler):
    """POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close"""

    fault = "close_error"

    async def post(self, number: str) -> None:
        self.check_merchant(str(self.body().get("mchid") or ""))
        self.world.transactions.close(number)
        await self.say(None)


class AskRefund(PayHandler):
    """POST /v3/refund/domestic/refunds"""

    fault = "refund_error"

    async def post(self) -> None:
        await self.say(self.world.refunds.shown(self.world.cashier.refund(self.body())))


class QueryRefund(PayHandler):
    """GET /v3/refund/domestic/refunds/{out_refund_no}"""

    fault = "query_error"

    async def get(self, number: str) -> None:
        await self.say(self.world.refunds.shown(self.world.refunds.find(number)))


class TradeBill(PayHandler):
    """GET /v3/bill/tradebill"""

    async def get(self) -> None:
        query = [self.get_query_argument(name, "") for name in ("bill_date", "bill_type", "tar_type")]
        bill = self.world.bills.make(query[0], query[1] or "ALL", query[2])
        address = f"{self.request.protocol}://{self.request.host}/v3/billdownload/file?token={bill.token}"
        await self.say({"hash_type": "SHA1", "hash_value": bill.sha1, "download_url": address})


class BillDownload(PayHandler):
    """GET /v3/billdownload/file: asked for with a signature, answered without one"""

    async def get(self) -> None:
        content = self.world.bills.download(self.get_query_argument("token", ""))
        self.set_header("Content-Type", "application/octet-stream")
        await self.finish(content)


class Certificates(PayHandler):
    """GET /v3/certificates: a merchant in public-key mode has none."""

    async def get(self) -> None:
        raise PayRefused(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请使用微信支付公钥")


class Unknown(PayHandler):
    """Any other path under /v3."""

    async def get(self) -> None:
        raise PayRefused(404, "RESOURCE_NOT_EXISTS", "沙盒没有这个接口")

    post = get


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/v3/pay/transactions/(jsapi|native|h5)", Place),
    (r"/v3/pay/transactions/out-trade-no/([^/]+)", QueryByNumber),
    (r"/v3/pay/transactions/out-trade-no/([^/]+)/close", Close),
    (r"/v3/pay/transactions/id/([^/]+)", QueryById),
    (r"/v3/refund/domestic/refunds", AskRefund),
    (r"/v3/refund/domestic/refunds/([^/]+)", QueryRefund),
    (r"/v3/bill/tradebill", TradeBill),
    (r"/v3/billdownload/file", BillDownload),
    (r"/v3/certificates", Certificates),
    (r"/v3/.*", Unknown),
]
