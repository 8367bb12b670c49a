"""Calls to WeChat Pay: signed with the merchant's key, sent through the one door, verified on the way back.

A merchant who changes the certificate has two keys for a while. Which of them WeChat Pay takes is found out
by asking: what it refuses to verify has not happened, so the same call goes out once more with the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from requests import Response
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization, rsa_sign

from infra.clock import Clock
from infra.errors import Unavailable
from infra.http import Door
from infra.log import get_logger
from infra.metrics import PAYMENTS
from payments.errors import NotificationRefused
from payments.gateway import GatewayUnavailable
from payments.notification import Signatures
from payments.verification import FAILED
from payments.wechatpay_answers import Answer
from payments.wechatpay_keys import MerchantKey, WeChatPayKeys, merchant_keys, platform_keys

log = get_logger("payments")

READ_TIMEOUT_S = 5.0
TOTAL_S = 30.0  # a bill has many lines
_SIGNATURE_REFUSED = 401


@dataclass(frozen=True)
class _Bunch:
    """All that a call needs of the keys, changed as a whole. Of ``merchant`` the first is the one taken."""

    merchant: tuple[MerchantKey, ...]
    signatures: Signatures
    # WeChat signs its answer with the key that we name here; without one it takes its certificate.
    asked_serial: dict[str, str]


class DoorCore(Core):  # type: ignore[misc]  # the library has no types
    """The library's core with its transport and its verification replaced.

    Its own constructor is not called: without a public key it would fetch certificates from there.
    """

    def __init__(self, keys: WeChatPayKeys, clock: Clock, api_base: str) -> None:
        self._mchid = keys.mch_id
        self._gate_way = api_base.rstrip("/")
        self._door = Door("wechatpay", read_timeout_s=READ_TIMEOUT_S, total_s=TOTAL_S)
        self.use(keys, Signatures(platform_keys(keys), clock))

    def use(self, keys: WeChatPayKeys, signatures: Signatures) -> None:
        """Raises ConfigError for a private key that cannot be read; then nothing has changed."""
        asked = {"Wechatpay-Serial": keys.public_key_id} if keys.public_key_id else {}
        self._bunch = _Bunch(merchant_keys(keys), signatures, asked)

    def sign(self, data: list[str], *_sign_type: Any) -> str:
        """The RSA signature over these lines, with the key that WeChat Pay takes now."""
        signed: str = rsa_sign(self._bunch.merchant[0].private_key, "\n".join(data) + "\n")
        return signed

    def request(
        self,
        path: str,
        method: RequestType = RequestType.GET,
        data: dict[str, Any] | None = None,
        **_others: Any,
    ) -> Answer:
        """One signed call; the answer's status and raw bytes, verified. Raises GatewayUnavailable."""
        bunch = self._bunch
        response = self._send(bunch, path, method, json.dumps(data) if data else "")
        _verify(bunch.signatures, response)
        return response.status_code, response.content

    def download(self, path: str) -> Response:
        """A bill's file, to be read and closed by the caller. It comes unsigned: its hash was signed."""
        return self._send(self._bunch, path, RequestType.GET, "", stream=True)

    def _send(self, bunch: _Bunch, path: str, method: RequestType, text: str, **how: Any) -> Response:
        """With the first key, and with the other one if there is one and the first is not taken."""
        first, *others = bunch.merchant
        response = self._send_with(first, bunch, path, method, text, **how)
        for other in others:
            if response.status_code != _SIGNATURE_REFUSED:
                break
            response.close()
            response = self._send_with(other, bunch, path, method, text, **how)
            if response.status_code != _SIGNATURE_REFUSED:
                self._prefer(other, bunch)
        return response

    def _prefer(self, taken: MerchantKey, bunch: _Bunch) -> None:
        """The key that WeChat Pay took goes first, unless the keys have been changed meanwhile."""
        if self._bunch is not bunch:
            return
        others = tuple(key for key in bunch.merchant if key is not taken)
        self._bunch = _Bunch((taken, *others), bunch.signatures, bunch.asked_serial)
        log.warning("merchant_key_changed", serial_no=taken.serial_no)

    def _send_with(
        self, key: MerchantKey, bunch: _Bunch, path: str, method: RequestType, text: str, **how: Any
    ) -> Response:
        """Exactly the bytes that are signed are sent."""
        authorization = build_authorization(
            path, method.value, self._mchid, key.serial_no, key.private_key, data=text
        )
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "keban"}
        headers |= bunch.asked_serial | {"Authorization": authorization}
        try:
            return self._door.request(
                method.value,
                self._gate_way + path,
                data=text.encode(),
                headers=headers,
                allow_redirects=False,
                **how,
            )
        except Unavailable as error:
            raise GatewayUnavailable(error.message, hint=error.hint) from error


def _verify(signatures: Signatures, response: Response) -> None:
    """WeChat Pay's rule: a success without a good signature is forged, and a signature that is there must
    be good. Refusals may come unsigned; nothing is ever granted or booked on one.
    """
    if "Wechatpay-Signature" not in response.headers and not 200 <= response.status_code < 300:
        return
    try:
        signatures.verify(response.headers, response.content)
    except NotificationRefused as refusal:
        PAYMENTS.labels(step="answer", result="not_verified").inc()
        FAILED.add()
        log.error("answer_not_verified", cause=refusal.cause, status=response.status_code)
        raise GatewayUnavailable(
            "an answer of WeChat Pay's could not be verified", hint=refusal.message
        ) from refusal
