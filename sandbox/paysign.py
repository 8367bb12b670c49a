"""WeChat Pay API v3's signatures and its AES, from the platform's side.

https://pay.weixin.qq.com/doc/v3/merchant/4012365342 (request signatures),
https://pay.weixin.qq.com/doc/v3/merchant/4012071382 (notifications).
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from sandbox.clock import Clock
from sandbox.config import Config, ConfigProblem

SCHEMA = "WECHATPAY2-SHA256-RSA2048"
AGE_MAX_S = 300
SIGN_TEST = "WECHATPAY/SIGNTEST/"
_PAIR = re.compile(r'\s*(\w+)="([^"]*)"\s*')
_NEEDED = frozenset({"mchid", "serial_no", "nonce_str", "timestamp", "signature"})


class AuthorizationRefused(Exception):
    """WeChat Pay answers 401 SIGN_ERROR; ``message`` is its sentence, ``issue`` the cause."""

    def __init__(self, message: str, issue: str) -> None:
        super().__init__(issue)
        self.message, self.issue = message, issue


class PaySigner:
    """Holds the platform's private key, the merchant's public key and the API v3 key."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._merchant = _public_key(config.merchant_public_key)
        self._platform = _private_key(config.platform_private_key)
        self._stranger: rsa.RSAPrivateKey | None = None
        self._aes = AESGCM(config.api_v3_key.encode())

    def check_request(self, method: str, uri: str, body: bytes, headers: Mapping[str, str]) -> None:
        """``uri`` is path and query as sent. Raises AuthorizationRefused."""
        parts = _authorization(headers.get("Authorization", ""))
        if parts["mchid"] != self._config.mch_id:
            raise AuthorizationRefused("商户号与签名不符", "mchid in Authorization is not this merchant's")
        if parts["serial_no"] != self._config.merchant_serial_no:
            raise AuthorizationRefused("商户证书序列号有误", "serial_no is not this merchant certificate's")
        if not parts["timestamp"].isdigit() or abs(self._clock() - int(parts["timestamp"])) >= AGE_MAX_S:
            raise AuthorizationRefused(
                "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟", "timestamp too old"
            )
        signed = "".join(f"{part}\n" for part in (method, uri, parts["timestamp"], parts["nonce_str"]))
        if not self._is_merchants(signed.encode() + body + b"\n", parts["signature"]):
            raise AuthorizationRefused("错误的签名，验签失败", "sign not match")

    def jsapi_fits(self, app_id: str, stamp: str, nonce: str, package: str, signature: str) -> bool:
        """Whether ``paySign`` is the merchant's over these four."""
        return self._is_merchants(f"{app_id}\n{stamp}\n{nonce}\n{package}\n".encode(), signature)

    def headers(
        self, body: bytes, *, age_s: float = 0, stranger: bool = False, probe: bool = False
    ) -> dict[str, str]:
        """The five headers that sign an answer or a notification. ``stranger`` signs with a key that is not
        WeChat Pay's, ``probe`` sends the signature that must never verify."""
        stamp, nonce = str(int(self._clock() - age_s)), secrets.token_hex(16)
        signature = _signature(self._key(stranger), f"{stamp}\n{nonce}\n".encode() + body + b"\n")
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self._config.platform_public_key_id,
            "Wechatpay-Signature": SIGN_TEST + signature[len(SIGN_TEST) :] if probe else signature,
            "Wechatpay-Signature-Type": SCHEMA,
        }

    def closed(self, plain: bytes, kind: str) -> dict[str, Any]:
        """The ``resource`` of a notification; ``kind`` is "transaction" or "refund"."""
        nonce = secrets.token_hex(6)
        ciphertext = self._aes.encrypt(nonce.encode(), plain, kind.encode())
        return {
            "original_type": kind,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(ciphertext).decode(),
            "associated_data": kind,
            "nonce": nonce,
        }

    def _key(self, stranger: bool) -> rsa.RSAPrivateKey:
        if not stranger:
            return self._platform
        if self._stranger is None:
            self._stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._stranger

    def _is_merchants(self, signed: bytes, signature: str) -> bool:
        try:
            self._merchant.verify(
                base64.b64decode(signature, validate=True), signed, PKCS1v15(), hashes.SHA256()
            )
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def _authorization(header: str) -> dict[str, str]:
    schema, _, rest = header.strip().partition(" ")
    if schema != SCHEMA:
        raise AuthorizationRefused("Http头Authorization认证类型不正确", f"the schema is not {SCHEMA}")
    parts: dict[str, str] = {}
    for piece in rest.split(","):
        pair = _PAIR.fullmatch(piece)
        if pair is None:
            raise AuthorizationRefused(
                "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》", 'not key="value"'
            )
        parts[pair[1]] = pair[2]
    missing = sorted(_NEEDED - set(parts))
    if missing:
        raise AuthorizationRefused(
            "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》",
            f"{missing[0]} is missing",
        )
    return parts


def _signature(key: rsa.RSAPrivateKey, signed: bytes) -> str:
    return base64.b64encode(key.sign(signed, PKCS1v15(), hashes.SHA256())).decode()


def _public_key(path: str) -> rsa.RSAPublicKey:
    try:
        key = load_pem_public_key(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigProblem(
            f"merchant_public_key: {path}: {error}; make keys with: python -m sandbox keys DIR"
        ) from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise ConfigProblem(f"merchant_public_key: {path}: not an RSA key")
    return key


def _private_key(path: str) -> rsa.RSAPrivateKey:
    try:
        key = load_pem_private_key(Path(path).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigProblem(
            f"platform_private_key: {path}: {error}; make keys with: python -m sandbox keys DIR"
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ConfigProblem(f"platform_private_key: {path}: not an RSA key")
    return key
