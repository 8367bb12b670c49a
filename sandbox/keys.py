"""Keys and secrets of a pretend account and merchant: made once and kept."""

from __future__ import annotations

import base64
import json
import os
import secrets
import string
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

LETTERS = string.ascii_letters + string.digits
CONFIG_NAME = "sandbox.json"
STATE_NAME = "sandbox-state"


def make(
    directory: str | Path,
    *,
    port: int | None = None,
    service_url: str | None = None,
    mode: str | None = None,
) -> dict[str, Any]:
    """Make what is missing in ``directory`` and answer the whole of its ``sandbox.json``.

    Idempotent: keys and secrets that are there stay; addresses and mode are set when given. Every file is
    readable by its owner alone. The answer also holds ``config``, the path of the file, and four PEM paths:
    ``merchant_private_key`` and ``platform_public_key`` belong into the service's configuration,
    ``merchant_public_key`` and ``platform_private_key`` are the sandbox's."""
    folder = Path(directory).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / CONFIG_NAME
    values = json.loads(config.read_text(encoding="utf-8")) if config.exists() else {}
    for name, value in {**_secrets(), "state_dir": STATE_NAME}.items():
        values.setdefault(name, value)
    for owner in ("merchant", "platform"):
        values[f"{owner}_private_key"], values[f"{owner}_public_key"] = _pair(folder, owner)
    given = {"port": port, "service_url": service_url, "mode": mode}
    values.update({name: value for name, value in given.items() if value is not None})
    _write(config, json.dumps(values, ensure_ascii=False, indent=2).encode() + b"\n")
    return {**values, "config": str(config)}


def _secrets() -> dict[str, str]:
    return {
        "app_id": "wx" + secrets.token_hex(8),
        "app_secret": secrets.token_hex(16),
        "token": _letters(24),
        "encoding_aes_key": _encoding_aes_key(),
        "mch_id": "19" + _digits(8),
        "merchant_serial_no": secrets.token_hex(20).upper(),
        "api_v3_key": _letters(32),
        "platform_public_key_id": "PUB_KEY_ID_0" + _digits(33),
    }


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))


def _digits(count: int) -> str:
    return "".join(secrets.choice(string.digits) for _ in range(count))


def _encoding_aes_key() -> str:
    """43 characters of base64 that are letters and digits only, as WeChat's console makes them."""
    while True:
        key = base64.b64encode(os.urandom(32)).decode().rstrip("=")
        if key.isalnum():
            return key


def _pair(folder: Path, owner: str) -> tuple[str, str]:
    private, public = folder / f"{owner}_private_key.pem", folder / f"{owner}_public_key.pem"
    if not private.exists() or not public.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write(private, private_pem(key))
        _write(public, public_pem(key.public_key()))
    return str(private), str(public)


def private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(key: rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _write(path: Path, content: bytes) -> None:
    """Write beside and rename, so that a crash leaves the old file or the new one, never half of one."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    beside.chmod(0o600)
    beside.replace(path)
