"""What a merchant is given to talk with WeChat Pay, read and checked at the start."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from infra.errors import ConfigError


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


def platform_keys(keys: WeChatPayKeys) -> dict[str, RSAPublicKey]:
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


def private_key(pem: str) -> RSAPrivateKey:
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


def api_v3_key(text: str) -> bytes:
    key = text.encode()
    if len(key) != 32:
        raise ConfigError("pay.api_v3_key is not 32 bytes", hint="商户平台 → 账户中心 → API安全 → APIv3密钥")
    return key
