"""WeChat Pay, API v3, behind the gateway port.

The library wechatpayv3 knows the paths, the parameters and how a request is signed. What is ours: the way out
(`payments.wechatpay_core`), the verification of what comes in (`payments.notification`, with configured keys
only), and what an answer means. The library's logger is never set: it prints Authorization and plaintexts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date, timedelta, timezone
from typing import Any

from wechatpayv3 import WeChatPay, WeChatPayType

from infra.clock import Clock
from infra.errors import ConfigError
from payments.gateway import (
    Bill,
    GatewayRefused,
    GatewayUnavailable,
    Merchant,
    Notice,
    Payment,
    Prepared,
    PrepayRequest,
    RefundFact,
    RefundRequest,
)
from payments.notification import Envelope, Signatures, is_plain
from payments.wechatpay_answers import accepted, is_unheard, payment, refund_fact, sound
from payments.wechatpay_bill import fetch_bill
from payments.wechatpay_core import DoorCore
from payments.wechatpay_keys import WeChatPayKeys, api_v3_keys, platform_keys

API_BASE = "https://api.mch.weixin.qq.com"
_BEIJING = timezone(timedelta(hours=8))
_WAYS = {  # the library's name for it, and what WeChat Pay answers, of at most so many characters
    "jsapi": (WeChatPayType.JSAPI, "prepay_id", 128),
    "native": (WeChatPayType.NATIVE, "code_url", 512),
    "h5": (WeChatPayType.H5, "h5_url", 512),
}
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")


class WeChatPayGateway:
    """Raises ConfigError at once for keys that cannot work."""

    def __init__(self, keys: WeChatPayKeys, clock: Clock, *, api_base: str = API_BASE) -> None:
        self._merchant = Merchant(keys.app_id, keys.mch_id)
        self._clock = clock
        self._core = DoorCore(keys, clock, api_base)
        self._library = _Library(keys, self._core)
        self.use(keys)

    def use(self, keys: WeChatPayKeys) -> None:
        """From now on these keys: all of them at once, or none. Calls that are under way end with their own.

        Raises ConfigError for keys that cannot work, or of another merchant.
        """
        if (keys.app_id, keys.mch_id) != (self._merchant.app_id, self._merchant.mch_id):
            raise ConfigError("another merchant cannot be taken while the service runs", hint="start it anew")
        signatures = Signatures(platform_keys(keys), self._clock)
        envelope = Envelope(signatures, *api_v3_keys(keys))
        self._core.use(keys, signatures)
        self._envelope = envelope

    @property
    def merchant(self) -> Merchant:
        return self._merchant

    def prepay(self, request: PrepayRequest) -> Prepared:
        kind, name, most = _WAYS[request.way]
        more: dict[str, Any] = {}
        if request.way == "jsapi":
            more["payer"] = {"openid": request.openid}
        if request.way == "h5":
            more["scene_info"] = {"payer_client_ip": request.client_ip, "h5_info": {"type": "Wap"}}
        answer = self._library.pay(
            description=request.description,
            out_trade_no=request.out_trade_no,
            amount={"total": request.total_fen, "currency": "CNY"},
            time_expire=request.expires_at.astimezone(_BEIJING).replace(microsecond=0).isoformat(),
            notify_url=request.notify_url,
            pay_type=kind,
            **more,
        )
        given = accepted(answer).get(name)
        if not isinstance(given, str) or not 0 < len(given) <= most or not is_plain(given):
            raise GatewayUnavailable(f"WeChat Pay answered without a {name}")
        return Prepared(**{name: given})

    def sign_jsapi(self, prepay_id: str) -> dict[str, str]:
        """https://pay.weixin.qq.com/doc/v3/merchant/4012791857 : ``signType`` is sent and not signed."""
        timestamp = str(int(self._clock.now_s()))
        nonce = secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        return {
            "appId": self._merchant.app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self._library.sign([self._merchant.app_id, timestamp, nonce, package]),
        }

    def query(self, out_trade_no: str) -> Payment | None:
        answer = self._library.query(out_trade_no=_path_part(out_trade_no))
        return None if is_unheard(answer) else sound(payment, accepted(answer))

    def close(self, out_trade_no: str) -> None:
        accepted(self._library.close(out_trade_no=_path_part(out_trade_no)))

    def refund(self, request: RefundRequest) -> RefundFact:
        answer = self._library.refund(
            out_refund_no=request.out_refund_no,
            out_trade_no=request.out_trade_no,
            amount={"refund": request.fen, "total": request.total_fen, "currency": "CNY"},
            reason=request.reason,
            notify_url=request.notify_url,
        )
        return sound(refund_fact, accepted(answer))

    def query_refund(self, out_refund_no: str) -> RefundFact | None:
        answer = self._library.query_refund(out_refund_no=_path_part(out_refund_no))
        return None if is_unheard(answer) else sound(refund_fact, accepted(answer))

    def trade_bill(self, day: date) -> Bill:
        return fetch_bill(day, self._library.trade_bill, self._core.download)

    def open_payment(self, headers: Mapping[str, str], body: bytes) -> Notice[Payment]:
        opened = self._envelope.open(headers, body)
        return Notice(opened.id, opened.event_type, body, payment(opened.resource))

    def open_refund(self, headers: Mapping[str, str], body: bytes) -> Notice[RefundFact]:
        opened = self._envelope.open(headers, body)
        return Notice(opened.id, opened.event_type, body, refund_fact(opened.resource))


class _Library(WeChatPay):  # type: ignore[misc]  # the library has no types
    """The library's calls on our core. Its own constructor would build a core of its own."""

    def __init__(self, keys: WeChatPayKeys, core: DoorCore) -> None:
        self._type = WeChatPayType.JSAPI
        self._mchid = keys.mch_id
        self._appid = keys.app_id
        self._notify_url = None
        self._core = core
        self._partner_mode = False


def _path_part(number: str) -> str:
    """A number goes into a path: nothing but the characters that WeChat Pay allows in one."""
    if not _NUMBER.fullmatch(number):
        raise GatewayRefused("BAD_NUMBER", "a number with characters that WeChat Pay does not take")
    return number
