from __future__ import annotations

import base64

import pytest
from wechatpy.crypto import PrpCrypto
from wechatpy.crypto.base import WeChatCipher

from sandbox.config import Config
from sandbox.envelope import Envelope, EnvelopeBroken, matches, signature


@pytest.mark.parametrize(
    ("timestamp", "nonce", "official"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ],
)
def test_the_signature_is_the_official_one(timestamp: str, nonce: str, official: str) -> None:
    assert signature("AAAAA", timestamp, nonce) == official
    assert matches(official, "AAAAA", nonce, timestamp)
    assert not matches(official[:-1] + "0", "AAAAA", nonce, timestamp)


def test_what_is_closed_opens_again(config: Config) -> None:
    envelope = Envelope(config.encoding_aes_key, config.app_id)
    assert envelope.open(envelope.close("你好 😀")) == "你好 😀"


def test_another_implementation_opens_what_we_close_and_closes_what_we_open(config: Config) -> None:
    envelope = Envelope(config.encoding_aes_key, config.app_id)
    theirs = PrpCrypto(envelope._key)
    assert theirs.decrypt(envelope.close("<xml/>"), config.app_id) == "<xml/>"
    assert envelope.open(theirs.encrypt("<xml/>", config.app_id).decode()) == "<xml/>"


def test_another_accounts_envelope_is_refused(config: Config) -> None:
    with pytest.raises(EnvelopeBroken, match="AppID"):
        Envelope(config.encoding_aes_key, "wx-another").open(
            Envelope(config.encoding_aes_key, config.app_id).close("<xml/>")
        )


def test_a_wrong_padding_is_refused(config: Config) -> None:
    envelope = Envelope(config.encoding_aes_key, config.app_id)
    cipher = WeChatCipher(envelope._key, envelope._key[:16])
    with pytest.raises(EnvelopeBroken, match="padding"):
        envelope.open(base64.b64encode(cipher.encrypt(b"x" * 31 + b"\x00")).decode())


@pytest.mark.parametrize("closed", ["", "!!", "YWJj"])
def test_rubbish_is_refused(config: Config, closed: str) -> None:
    with pytest.raises(EnvelopeBroken):
        Envelope(config.encoding_aes_key, config.app_id).open(closed)
