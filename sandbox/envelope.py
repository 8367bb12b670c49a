"""WeChat's message envelope: the two signatures and AES, from the official account's documentation.

https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
"""Padded to 32 bytes although AES has blocks of 16: the documentation says so."""


class EnvelopeBroken(Exception):
    """A text that this account's key did not close, or not for this account."""


def signature(*parts: str) -> str:
    """SHA1 of the parts, sorted and joined: ``signature`` of (token, timestamp, nonce), ``msg_signature`` of
    these and the encrypted text."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the protocol's own choice


def matches(given: str, *parts: str) -> bool:
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


class Envelope:
    """Closes and opens texts for one account: AES-256-CBC over 16 random bytes, length, text, AppID."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._app_id = app_id.encode()

    def close(self, text: str) -> str:
        """base64 of the closed text."""
        content = text.encode()
        plain = os.urandom(16) + len(content).to_bytes(4, "big") + content + self._app_id
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(_padded(plain)) + encryptor.finalize()).decode()

    def open(self, closed: str) -> str:
        """The text within. Raises EnvelopeBroken."""
        plain = _unpadded(self._decrypted(closed))
        length = int.from_bytes(plain[16:20], "big")
        content, app_id = plain[20 : 20 + length], plain[20 + length :]
        if len(content) != length or not hmac.compare_digest(app_id, self._app_id):
            raise EnvelopeBroken("the AppID within is not this account's")
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise EnvelopeBroken("the text within is not UTF-8") from error

    def _decrypted(self, closed: str) -> bytes:
        try:
            raw = base64.b64decode(closed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise EnvelopeBroken("not base64") from error
        if not raw or len(raw) % 16:
            raise EnvelopeBroken("not whole blocks")
        decryptor = self._cipher().decryptor()
        return decryptor.update(raw) + decryptor.finalize()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def _padded(plain: bytes) -> bytes:
    count = BLOCK - len(plain) % BLOCK
    return plain + bytes([count]) * count


def _unpadded(plain: bytes) -> bytes:
    count = plain[-1]
    if not 1 <= count <= BLOCK or plain[-count:] != bytes([count]) * count:
        raise EnvelopeBroken("the padding is wrong")
    return plain[:-count]
