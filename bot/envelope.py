"""The envelope around a message: taken off on the way in, put on on the way out.

Three modes, set on WeChat's page: ``plain``; ``safe``, where only the encrypted part arrives; ``compatible``,
where both arrive and the encrypted one is believed. AES-256-CBC, PKCS#7 to 32 bytes, and inside: 16 random
bytes, the length (4 bytes, big-endian), the XML, our AppID.
https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werobot.crypto import MessageCrypt, PrpCrypto

from bot.account import Account
from bot.document import Fields, parse
from bot.refusal import Refusal
from bot.signature import sign, verify_message
from infra.randomness import random_bytes

_BLOCK = 32
_HEAD = 16 + 4
_GAP = rb"[ \t\r\n]*"
# The document as WeChat sends it in safe mode; any other one is parsed. What is no base64 is refused later.
_USUAL = re.compile(
    rb"<xml>%b<ToUserName><!\[CDATA\[\w+\]\]></ToUserName>%b"
    rb"<Encrypt><!\[CDATA\[([^\]]+)\]\]></Encrypt>%b</xml>%b" % ((_GAP,) * 4)
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The fields of the message; ``encrypted`` says that the answer must be too."""

    fields: Fields
    encrypted: bool


class Envelope:
    """Opens and seals for one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._cipher = _Cipher(account) if account.encrypts else None

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """Raises Refusal for a body that is garbled, forged, or of the wrong mode."""
        usual = _USUAL.fullmatch(body)
        fields = {"Encrypt": usual[1].decode("latin-1")} if usual else parse(body)
        encrypted = fields.get("Encrypt")
        if encrypted is None:
            self._allow_plain()
            return Opened(fields, encrypted=False)
        if self._cipher is None or not isinstance(encrypted, str):
            raise Refusal("mode", status=400, hint="WeChat encrypts, wechat.mode is plain")
        verify_message(self._account.token, query, encrypted)
        return Opened(parse(self._cipher.decrypt(encrypted)), encrypted=True)

    def seal(self, xml: bytes, *, now_s: float) -> bytes:
        """The encrypted and signed answer. The time and the nonce are ours, not the request's."""
        if self._cipher is None:
            raise ValueError("an answer in plain mode is not sealed")
        encrypted, timestamp = self._cipher.encrypt_text(xml), str(int(now_s))
        nonce = random_bytes(8).hex()
        sealed: str = MessageCrypt.ENCRYPTED_MESSAGE_XML.format(
            encrypt=encrypted,
            signature=sign(self._account.token, timestamp, nonce, encrypted),
            timestamp=timestamp,
            nonce=nonce,
        )
        return sealed.encode("ascii")

    def _allow_plain(self) -> None:
        # `signature` does not cover the body, and WeChat sends the encrypted part in compatible mode, too:
        # what comes without it is from somebody who has seen a signature go by.
        if self._account.encrypts:
            raise Refusal("mode", status=400, hint="a plain message; is plain mode set on WeChat's page?")


class _Cipher(PrpCrypto):  # type: ignore[misc]  # the library is untyped
    """WeRoBot's arithmetic with checks of its own: the library believes the padding byte and the length.

    One context serves all messages, because making one costs more than using it. What it leaves behind stands
    in for the IV of the next message, and changes nothing but that one's first block: 16 random bytes, which
    are as random then, and which nobody reads.
    """

    cipher: Any

    def __init__(self, account: Account) -> None:
        super().__init__(account.aes_key)
        self._app_id = account.app_id.encode()
        self._turn = threading.Lock()
        self._encryptor = self.cipher.encryptor()
        self._decryptor = self.cipher.decryptor()

    def get_random_string(self) -> bytes:
        # The library's own makes 16 draws of one letter.
        return random_bytes(16)

    def encrypt_text(self, xml: bytes) -> str:
        """As the library's ``encrypt``, which turns each part over several times."""
        plain = b"".join((self.get_random_string(), len(xml).to_bytes(4, "big"), xml, self._app_id))
        room = _BLOCK - len(plain) % _BLOCK
        with self._turn:
            sealed: bytes = self._encryptor.update(plain + bytes((room,)) * room)
        return base64.b64encode(sealed).decode("ascii")

    def decrypt(self, encrypted: str) -> bytes:
        """The XML. Every fault is the same Refusal, so an answer teaches a forger nothing."""
        plain = _unpad(self._decipher(encrypted))
        length = int.from_bytes(plain[16:_HEAD], "big")
        # Our AppID must be exactly what is left, so a length that lies leaves none of it or too much.
        if not hmac.compare_digest(plain[_HEAD + length :], self._app_id):
            raise _broken()
        return plain[_HEAD : _HEAD + length]

    def _decipher(self, encrypted: str) -> bytes:
        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _broken() from error
        if not data or len(data) % _BLOCK:
            raise _broken()
        with self._turn:  # whole blocks only, so nothing of it is left in there
            plain: bytes = self._decryptor.update(data)
        return plain


def _unpad(plain: bytes) -> bytes:
    count = plain[-1]
    if not 1 <= count <= _BLOCK or plain[-count:] != plain[-1:] * count:
        raise _broken()
    return plain[:-count]


def _broken() -> Refusal:
    return Refusal("decrypt", hint="are wechat.encoding_aes_key and wechat.app_id those of WeChat's page?")
