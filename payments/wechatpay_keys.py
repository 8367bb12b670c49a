"""What a merchant is given to talk with WeChat Pay, read and checked at the start."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import Certificate, load_pem_x509_certificate

from infra.errors import ConfigError


@dataclass(frozen=True)
class WeChatPayKeys:
    """What a merchant is given. Keys are PEM texts; ``platform_certificates`` are older merchants' (PEM too).

    One of ``public_key`` with its id, or a platform certificate, must be there. Both may be, while a merchant
    changes from one to the other. ``next_…`` are the merchant's own coming keys, empty when none are.
    """

    app_id: str
    mch_id: str
    serial_no: str
    private_key: str = field(repr=False)
    api_v3_key: str = field(repr=False)
    public_key_id: str = ""
    public_key: str = ""
    platform_certificates: tuple[str, ...] = ()
    next_serial_no: str = ""
    next_private_key: str = field(default="", repr=False)
    next_api_v3_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class MerchantKey:
    """What requests are signed with."""

    serial_no: str
    private_key: RSAPrivateKey = field(repr=False)


def merchant_keys(keys: WeChatPayKeys) -> tuple[MerchantKey, ...]:
    """The present one, and the coming one if there is any. Raises ConfigError."""
    present = MerchantKey(keys.serial_no, private_key(keys.private_key))
    if not keys.next_private_key:
        return (present,)
    return present, MerchantKey(keys.next_serial_no, private_key(keys.next_private_key, "next_private_key"))


def api_v3_keys(keys: WeChatPayKeys) -> tuple[bytes, ...]:
    """The present one, and the coming one if there is any. Raises ConfigError."""
    present = api_v3_key(keys.api_v3_key)
    return (present, api_v3_key(keys.next_api_v3_key)) if keys.next_api_v3_key else (present,)


def platform_keys(keys: WeChatPayKeys) -> dict[str, RSAPublicKey]:
    """WeChat Pay's own, by the serial that its signatures name. Raises ConfigError."""
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


def private_key(pem: str, name: str = "private_key") -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"pay.{name} is not a PEM private key", hint="apiclient_key.pem as downloaded"
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(f"pay.{name} is not an RSA key")
    return key


def certificate_ends(pem: str) -> datetime:
    """The last moment of a platform certificate, in UTC. Raises ConfigError."""
    return _read_certificate(pem).not_valid_after_utc


def _certificate(pem: str) -> tuple[str, RSAPublicKey]:
    certificate = _read_certificate(pem)
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ConfigError("a file of pay.platform_certificates does not hold an RSA key")
    return f"{certificate.serial_number:X}", key


def _read_certificate(pem: str) -> Certificate:
    try:
        return load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise ConfigError(
            "a file of pay.platform_certificates is not a PEM certificate",
            hint="wechatpay_….pem as downloaded; a public key belongs into pay.public_key",
        ) from error


def api_v3_key(text: str) -> bytes:
    key = text.encode()
    if len(key) != 32:
        raise ConfigError("pay.api_v3_key is not 32 bytes", hint="商户平台 → 账户中心 → API安全 → APIv3密钥")
    return key
