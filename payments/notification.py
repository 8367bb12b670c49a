"""Reading what WeChat Pay sends: its signature first, then its sealed contents.

By the rules of https://pay.weixin.qq.com/doc/v3/merchant/4012791861 . The keys are those of the
configuration and nothing else: an unknown serial is refused without asking anybody, so a flood of forgeries
costs one look-up or one signature check each.
"""

from __future__ import annotations

import contextlib
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from infra.clock import Clock
from payments.errors import NotificationRefused, SignatureProbe

MOST_BYTES = 64 * 1024
FRESH_S = 300
_PROBE = "WECHATPAY/SIGNTEST/"
_ALGORITHM = "WECHATPAY2-SHA256-RSA2048"
_YEARS = range(2010, 2100)  # outside of them nothing was paid, and a database may not take the moment


@dataclass(frozen=True)
class Opened:
    """A notification that is WeChat Pay's own. ``resource`` is the decrypted object, numbers as integers."""

    id: str
    event_type: str
    resource: dict[str, Any]


class Signatures:
    """WeChat Pay's public keys by serial: ``PUB_KEY_ID_…`` or the serial of a platform certificate.

    While a merchant changes from one to the other both are configured here.
    """

    def __init__(self, keys: Mapping[str, RSAPublicKey], clock: Clock) -> None:
        self._keys = {_serial(serial): key for serial, key in keys.items()}
        self._clock = clock

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raises NotificationRefused unless ``body``, byte by byte, is signed by WeChat Pay within 300 s."""
        given = {name.lower(): value for name, value in headers.items()}
        signature = given.get("wechatpay-signature", "")
        if signature.startswith(_PROBE):
            raise SignatureProbe("probe", "WeChat Pay's signature probe")
        if given.get("wechatpay-signature-type", _ALGORITHM) != _ALGORITHM:
            raise NotificationRefused("algorithm", "an algorithm that is not ours")
        key = self._keys.get(_serial(given.get("wechatpay-serial", "")))
        if key is None:
            raise NotificationRefused("serial", "signed with a key that is not configured")
        timestamp = given.get("wechatpay-timestamp", "")
        self._require_fresh(timestamp)
        signed = f"{timestamp}\n{given.get('wechatpay-nonce', '')}\n".encode() + body + b"\n"
        _check(key, signature, signed)

    def _require_fresh(self, timestamp: str) -> None:
        # Checked before the arithmetic of the signature because it is cheap; it is part of what is signed.
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise NotificationRefused("timestamp", "no timestamp")
        if abs(self._clock.now_s() - int(timestamp)) >= FRESH_S:
            raise NotificationRefused("stale", "signed too long ago (or this machine's clock is wrong)")


class Envelope:
    """Opens notifications: verify, then decrypt with an APIv3 key (32 bytes).

    While the merchant changes that key there are two, and what was sealed with either opens.
    """

    def __init__(self, signatures: Signatures, *api_v3_keys: bytes) -> None:
        self._signatures = signatures
        self._ciphers = [AESGCM(key) for key in api_v3_keys]

    def open(self, headers: Mapping[str, str], body: bytes) -> Opened:
        """Raises NotificationRefused for whatever is not a sound notification of WeChat Pay's."""
        if len(body) > MOST_BYTES:
            raise NotificationRefused("size", "larger than any notification")
        self._signatures.verify(headers, body)
        outer = read_json(body)
        resource = outer.get("resource")
        if not isinstance(resource, dict) or resource.get("algorithm") != "AEAD_AES_256_GCM":
            raise NotificationRefused("contents", "no sealed resource")
        return Opened(
            id=_text(outer, "id", 64),
            event_type=_text(outer, "event_type", 40),
            resource=read_json(self._decrypt(resource)),
        )

    def _decrypt(self, resource: dict[str, Any]) -> bytes:
        try:
            nonce = str(resource["nonce"]).encode()
            sealed = b64decode(resource["ciphertext"], validate=True)
        except (KeyError, TypeError, ValueError) as error:
            raise NotificationRefused("contents", "the resource is not sealed as it should be") from error
        bound_to = str(resource.get("associated_data") or "").encode()
        for cipher in self._ciphers:
            with contextlib.suppress(ValueError, InvalidTag):
                return cipher.decrypt(nonce, sealed, bound_to)
        raise NotificationRefused("contents", "the resource does not open", hint="is pay.api_v3_key right?")


def read_json(text: bytes) -> dict[str, Any]:
    """A JSON object without floats: money is an integer or it is refused. Raises NotificationRefused."""
    try:
        # Decoded here: given bytes, `json` also takes UTF-16 and UTF-32, which nothing behind this expects.
        value = json.loads(text.decode(), parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise NotificationRefused("contents", "not a JSON object of integers and texts") from error
    if not isinstance(value, dict):
        raise NotificationRefused("contents", "not a JSON object")
    return value


def moment(text: object) -> datetime | None:
    """An RFC 3339 moment of WeChat's in UTC; None when it is missing. Raises NotificationRefused."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise NotificationRefused("contents", "a moment that cannot be read") from error
    if read.tzinfo is None:
        raise NotificationRefused("contents", "a moment without its zone")
    if read.year not in _YEARS:
        raise NotificationRefused("contents", "a moment that is no business day")
    return read.astimezone(UTC)


def is_plain(word: str) -> bool:
    """ASCII that can be seen: what each id and code of WeChat Pay's consists of, and every database takes."""
    return word.isascii() and word.isprintable()


def _check(key: RSAPublicKey, signature: str, signed: bytes) -> None:
    try:
        key.verify(b64decode(signature, validate=True), signed, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError) as error:
        raise NotificationRefused("signature", "the signature does not match") from error


def _serial(serial: str) -> str:
    """Certificate serials are hexadecimal and come in either case, with or without leading zeros."""
    return serial if serial.startswith("PUB_KEY_ID_") else serial.upper().lstrip("0")


def _text(outer: dict[str, Any], name: str, most: int) -> str:
    value = outer.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not is_plain(value):
        raise NotificationRefused("contents", f"no {name}")
    return value


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"{text} is not an integer")
