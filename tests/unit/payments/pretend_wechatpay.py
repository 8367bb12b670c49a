"""WeChat Pay's side of the wire, with real keys: signs answers and notifications, seals resources, checks our
signatures. Formats after https://pay.weixin.qq.com/doc/v3/merchant/4012791861 and its neighbours.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from infra.clock import Clock
from payments.wechatpay_keys import WeChatPayKeys

API_V3_KEY = "0123456789abcdef0123456789abcdef"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000000012026010500000000000001"


def new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class PretendWeChatPay:
    clock: Clock
    platform: RSAPrivateKey = field(default_factory=new_key)
    merchant: RSAPrivateKey = field(default_factory=new_key)
    serial: str = PUBLIC_KEY_ID

    def keys(self, **others: Any) -> WeChatPayKeys:
        """What this platform would give to a merchant in public-key mode."""
        given = {
            "app_id": "wx0000000000000001",
            "mch_id": "1900000001",
            "serial_no": "444F4864EA9B34415",
            "private_key": private_pem(self.merchant),
            "api_v3_key": API_V3_KEY,
            "public_key_id": PUBLIC_KEY_ID,
            "public_key": public_pem(self.platform),
        }
        return WeChatPayKeys(**{**given, **others})

    def certificate(self) -> tuple[str, str]:
        """A platform certificate of an older merchant: its PEM and its serial."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com sign")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.platform.public_key())
            .serial_number(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1)
            .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2030, 1, 1, tzinfo=UTC))
            .sign(self.platform, SHA256())
        )
        return made.public_bytes(Encoding.PEM).decode(), f"{made.serial_number:X}"

    def signed(self, body: bytes, *, age_s: float = 0, key: RSAPrivateKey | None = None) -> dict[str, str]:
        timestamp = str(int((self.clock.now() - timedelta(seconds=age_s)).timestamp()))
        nonce = secrets.token_hex(16)
        text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = (key or self.platform).sign(text, PKCS1v15(), SHA256())
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self.serial,
            "Wechatpay-Signature": b64encode(signature).decode(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    def notice(self, event_type: str, fact: dict[str, Any], *, api_v3_key: str = API_V3_KEY) -> bytes:
        nonce = secrets.token_hex(6)
        kind = event_type.split(".", maxsplit=1)[0].lower()
        sealed = AESGCM(api_v3_key.encode()).encrypt(nonce.encode(), json.dumps(fact).encode(), kind.encode())
        outer = {
            "id": f"EV-{secrets.token_hex(8)}",
            "create_time": "2026-01-05T10:00:00+08:00",
            "event_type": event_type,
            "resource_type": "encrypt-resource",
            "summary": "支付成功",
            "resource": {
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": b64encode(sealed).decode(),
                "nonce": nonce,
                "associated_data": kind,
                "original_type": kind,
            },
        }
        return json.dumps(outer, ensure_ascii=False).encode()

    def check(self, authorization: str, method: str, path: str, body: bytes) -> None:
        """Raises InvalidSignature unless the merchant signed this very request."""
        scheme, _, rest = authorization.partition(" ")
        assert scheme == "WECHATPAY2-SHA256-RSA2048"
        parts = dict(pair.split("=", maxsplit=1) for pair in rest.split(","))
        said = {name: value.strip('"') for name, value in parts.items()}
        text = f"{method}\n{path}\n{said['timestamp']}\n{said['nonce_str']}\n".encode() + body + b"\n"
        self.merchant.public_key().verify(b64decode(said["signature"]), text, PKCS1v15(), SHA256())
        assert (said["mchid"], said["serial_no"]) == ("1900000001", "444F4864EA9B34415")


def private_pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


# As WeChat Pay's documentation shows it, with our numbers.
PAID: dict[str, Any] = {
    "transaction_id": "4200002026010500000000000001",
    "amount": {"payer_total": 9900, "total": 9900, "currency": "CNY", "payer_currency": "CNY"},
    "mchid": "1900000001",
    "trade_state": "SUCCESS",
    "bank_type": "CMC",
    "success_time": "2026-01-05T10:00:05+08:00",
    "payer": {"openid": "oLin_follower_0000000000001a"},
    "out_trade_no": "260105100000abcdEFGH01",
    "appid": "wx0000000000000001",
    "trade_state_desc": "支付成功",
    "trade_type": "JSAPI",
    "attach": "",
}
GONE_BACK: dict[str, Any] = {
    "mchid": "1900000001",
    "transaction_id": "4200002026010500000000000001",
    "out_trade_no": "260105100000abcdEFGH01",
    "refund_id": "50302026010500000000000000001",
    "out_refund_no": "260105100000abcdEFGH01R01",
    "refund_status": "SUCCESS",
    "success_time": "2026-01-05T11:00:00+08:00",
    "user_received_account": "支付用户零钱",
    "amount": {"total": 9900, "refund": 3000, "payer_total": 9900, "payer_refund": 3000},
}
