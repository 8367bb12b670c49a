"""WeChat Pay, API v3, behind the gateway port.

The library wechatpayv3 knows the paths, the parameters and how a request is signed. What is ours: the way out
(`infra.http.Door`, with timeouts), the verification of answers (`payments.notification`, with configured keys
only), and what an answer means. The library's logger is never set: it prints Authorization and plaintexts.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from requests import Response
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization

from infra.clock import Clock
from infra.errors import ConfigError, Unavailable
from infra.http import Door
from infra.log import get_logger
from infra.metrics import PAYMENTS
from payments.errors import NotificationRefused
from payments.gateway import (
    GatewayRefused,
    GatewayUnavailable,
    Merchant,
    Notice,
    Payment,
    PrepayRequest,
    RefundFact,
    RefundRequest,
)
from payments.notification import Envelope, Signatures, is_plain, moment, read_json

log = get_logger("payments")

API_BASE = "https://api.mch.weixin.qq.com"
READ_TIMEOUT_S = 5.0
TOTAL_S = 30.0  # a bill has many lines
_BEIJING = timezone(timedelta(hours=8))
_UNHEARD = frozenset(
    {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "REFUND_NOT_EXISTS", "NOT_FOUND"}
)
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")

Answer = tuple[int, bytes]
Said = TypeVar("Said")
Made = TypeVar("Made")


@dataclass(frozen=True)
class WeChatPayKeys:
    """What a merchant is given. Keys are PEM texts; ``platform_certificates`` are older merchants' (PEM too).

    One of ``public_key`` with its id, or a platform certificate, must be there. Both may be, while a merchant
    changes from one to the other.
    """

    app_id: str
    mch_id: str
    serial_no: str
    private_key: str = field(repr=False)
    api_v3_key: str = field(repr=False)
    public_key_id: str = ""
    public_key: str = ""
    platform_certificates: tuple[str, ...] = ()


class WeChatPayGateway:
    """Raises ConfigError at once for keys that cannot work."""

    def __init__(self, keys: WeChatPayKeys, clock: Clock, *, api_base: str = API_BASE) -> None:
        signatures = Signatures(_platform_keys(keys), clock)
        self._merchant = Merchant(keys.app_id, keys.mch_id)
        self._clock = clock
        self._envelope = Envelope(signatures, _api_v3_key(keys.api_v3_key))
        self._library = _Library(keys, _DoorCore(keys, signatures, api_base))

    @property
    def merchant(self) -> Merchant:
        return self._merchant

    def prepay_jsapi(self, request: PrepayRequest) -> str:
        answer = self._library.pay(
            description=request.description,
            out_trade_no=request.out_trade_no,
            amount={"total": request.total_fen, "currency": "CNY"},
            payer={"openid": request.openid},
            time_expire=request.expires_at.astimezone(_BEIJING).replace(microsecond=0).isoformat(),
            notify_url=request.notify_url,
        )
        prepay_id = _accepted(answer).get("prepay_id")
        if not isinstance(prepay_id, str) or not 0 < len(prepay_id) <= 128:
            raise GatewayUnavailable("WeChat Pay answered without a prepay_id")
        return prepay_id

    def sign_jsapi(self, prepay_id: str) -> dict[str, str]:
        """https://pay.weixin.qq.com/doc/v3/merchant/4012791857 : ``signType`` is sent and not signed."""
        timestamp = str(int(self._clock.now().timestamp()))
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
        return None if _is_unheard(answer) else _sound(_payment, _accepted(answer))

    def close(self, out_trade_no: str) -> None:
        _accepted(self._library.close(out_trade_no=_path_part(out_trade_no)))

    def refund(self, request: RefundRequest) -> RefundFact:
        answer = self._library.refund(
            out_refund_no=request.out_refund_no,
            out_trade_no=request.out_trade_no,
            amount={"refund": request.fen, "total": request.total_fen, "currency": "CNY"},
            reason=request.reason,
            notify_url=request.notify_url,
        )
        return _sound(_refund_fact, _accepted(answer))

    def query_refund(self, out_refund_no: str) -> RefundFact | None:
        answer = self._library.query_refund(out_refund_no=_path_part(out_refund_no))
        return None if _is_unheard(answer) else _sound(_refund_fact, _accepted(answer))

    def open_payment(self, headers: Mapping[str, str], body: bytes) -> Notice[Payment]:
        opened = self._envelope.open(headers, body)
        return Notice(opened.id, opened.event_type, body, _payment(opened.resource))

    def open_refund(self, headers: Mapping[str, str], body: bytes) -> Notice[RefundFact]:
        opened = self._envelope.open(headers, body)
        return Notice(opened.id, opened.event_type, body, _refund_fact(opened.resource))


class _DoorCore(Core):  # type: ignore[misc]  # the library has no types
    """The library's core with its transport and its verification replaced.

    Its own constructor is not called: without a public key it would fetch certificates from there.
    """

    def __init__(self, keys: WeChatPayKeys, signatures: Signatures, api_base: str) -> None:
        self._mchid = keys.mch_id
        self._cert_serial_no = keys.serial_no
        self._private_key = _private_key(keys.private_key)
        self._gate_way = api_base.rstrip("/")
        # WeChat signs its answer with the key that we name here; without one it takes its certificate.
        self._asked_serial = {"Wechatpay-Serial": keys.public_key_id} if keys.public_key_id else {}
        self._signatures = signatures
        self._door = Door("wechatpay", read_timeout_s=READ_TIMEOUT_S, total_s=TOTAL_S)

    def request(
        self,
        path: str,
        method: RequestType = RequestType.GET,
        data: dict[str, Any] | None = None,
        **_others: Any,
    ) -> Answer:
        """One signed call; the answer's status and raw bytes, verified. Raises GatewayUnavailable."""
        # Exactly the bytes that are signed are sent.
        text = json.dumps(data) if data else ""
        authorization = build_authorization(
            path, method.value, self._mchid, self._cert_serial_no, self._private_key, data=text
        )
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "keban"}
        headers |= self._asked_serial | {"Authorization": authorization}
        try:
            response = self._door.request(
                method.value,
                self._gate_way + path,
                data=text.encode(),
                headers=headers,
                allow_redirects=False,
            )
        except Unavailable as error:
            raise GatewayUnavailable(error.message, hint=error.hint) from error
        self._verify(response)
        return response.status_code, response.content

    def _verify(self, response: Response) -> None:
        """WeChat Pay's rule: a success without a good signature is forged, and a signature that is there must
        be good. Refusals may come unsigned; nothing is ever granted or booked on one.
        """
        if "Wechatpay-Signature" not in response.headers and not 200 <= response.status_code < 300:
            return
        try:
            self._signatures.verify(response.headers, response.content)
        except NotificationRefused as refusal:
            PAYMENTS.labels(step="answer", result="not_verified").inc()
            log.error("answer_not_verified", cause=refusal.cause, status=response.status_code)
            raise GatewayUnavailable(
                "an answer of WeChat Pay's could not be verified", hint=refusal.message
            ) from refusal


class _Library(WeChatPay):  # type: ignore[misc]  # the library has no types
    """The library's calls on our core. Its own constructor would build a core of its own."""

    def __init__(self, keys: WeChatPayKeys, core: _DoorCore) -> None:
        self._type = WeChatPayType.JSAPI
        self._mchid = keys.mch_id
        self._appid = keys.app_id
        self._notify_url = None
        self._core = core
        self._partner_mode = False


def _accepted(answer: Answer) -> dict[str, Any]:
    """The answer's object (empty for 204). 429 and 5xx mean "not now", other statuses "no"."""
    status, text = answer
    if 200 <= status < 300:
        return _sound(read_json, text) if text else {}
    code, message = _refusal(text)
    if status == 429 or status >= 500:
        raise GatewayUnavailable(f"WeChat Pay answered {status} {code}", hint=message)
    raise GatewayRefused(code or f"HTTP_{status}", message)


def _is_unheard(answer: Answer) -> bool:
    return answer[0] == 404 and _refusal(answer[1])[0] in _UNHEARD


def _refusal(text: bytes) -> tuple[str, str]:
    """``{"code": "…", "message": "…"}``, bounded; empty where a proxy's page came instead."""
    try:
        said = read_json(text)
    except NotificationRefused:
        return "", ""
    return str(said.get("code", ""))[:64], str(said.get("message", ""))[:200]


def _payment(said: dict[str, Any]) -> Payment:
    amount, payer = _part(said, "amount"), _part(said, "payer")
    return Payment(
        app_id=_word(said, "appid"),
        mch_id=_word(said, "mchid"),
        out_trade_no=_word(said, "out_trade_no"),
        state=_word(said, "trade_state"),
        transaction_id=_word(said, "transaction_id"),
        total_fen=_fen(amount, "total"),
        currency=_word(amount, "currency"),
        openid=_word(payer, "openid"),
        success_at=moment(said.get("success_time")),
    )


def _refund_fact(said: dict[str, Any]) -> RefundFact:
    amount = _part(said, "amount")
    return RefundFact(
        out_refund_no=_word(said, "out_refund_no"),
        out_trade_no=_word(said, "out_trade_no"),
        # A notification says refund_status, an answer says status.
        state=_word(said, "refund_status") or _word(said, "status"),
        fen=_fen(amount, "refund") or 0,
        total_fen=_fen(amount, "total") or 0,
        refund_id=_word(said, "refund_id"),
        mch_id=_word(said, "mchid"),
        success_at=moment(said.get("success_time")),
    )


def _sound(read: Callable[[Said], Made], said: Said) -> Made:
    """An answer to our own call that cannot be read is no answer."""
    try:
        return read(said)
    except NotificationRefused as refusal:
        raise GatewayUnavailable("WeChat Pay's answer cannot be read", hint=refusal.message) from refusal


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    part = said.get(name, {})
    if not isinstance(part, dict):
        raise NotificationRefused("contents", f"{name} is not an object")
    return part


def _word(said: dict[str, Any], name: str) -> str:
    word = said.get(name) or ""
    if not isinstance(word, str) or len(word) > 64 or not is_plain(word):
        raise NotificationRefused("contents", f"{name} is not a short text")
    return word


def _fen(amount: dict[str, Any], name: str) -> int | None:
    fen = amount.get(name)
    if fen is not None and type(fen) is not int:  # a bool is an int to isinstance
        raise NotificationRefused("contents", f"{name} is not an integer")
    return fen


def _path_part(number: str) -> str:
    """A number goes into a path: nothing but the characters that WeChat Pay allows in one."""
    if not _NUMBER.fullmatch(number):
        raise GatewayRefused("BAD_NUMBER", "a number with characters that WeChat Pay does not take")
    return number


def _platform_keys(keys: WeChatPayKeys) -> dict[str, RSAPublicKey]:
    found = {}
    if keys.public_key or keys.public_key_id:
        found[_public_key_id(keys)] = _public_key(keys.public_key)
    for text in keys.platform_certificates:
        serial, key = _certificate(text)
        found[serial] = key
    if not found:
        raise ConfigError(
            "pay.public_key is missing",
            hint="微信支付公钥: 商户平台 → 账户中心 → API安全, with its PUB_KEY_ID_…",
        )
    return found


def _public_key_id(keys: WeChatPayKeys) -> str:
    if not keys.public_key_id.startswith("PUB_KEY_ID_") or not keys.public_key:
        raise ConfigError(
            "pay.public_key and pay.public_key_id belong together", hint="the id is PUB_KEY_ID_…"
        )
    return keys.public_key_id


def _public_key(pem: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as error:
        raise ConfigError(
            "pay.public_key is not a PEM public key", hint="pub_key.pem as downloaded"
        ) from error
    if not isinstance(key, RSAPublicKey):
        raise ConfigError("pay.public_key is not an RSA key")
    return key


def _private_key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigError(
            "pay.private_key is not a PEM private key", hint="apiclient_key.pem as downloaded"
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError("pay.private_key is not an RSA key")
    return key


def _certificate(pem: str) -> tuple[str, RSAPublicKey]:
    try:
        certificate = load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise ConfigError("a platform certificate is not PEM") from error
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ConfigError("a platform certificate does not hold an RSA key")
    return f"{certificate.serial_number:X}", key


def _api_v3_key(text: str) -> bytes:
    key = text.encode()
    if len(key) != 32:
        raise ConfigError("pay.api_v3_key is not 32 bytes", hint="商户平台 → 账户中心 → API安全 → APIv3密钥")
    return key
