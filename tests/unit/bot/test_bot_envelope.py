from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import WeChatCrypto

from bot.account import Account, Mode
from bot.document import parse
from bot.envelope import _USUAL, Envelope
from bot.refusal import Refusal
from bot.signature import sign
from infra.clock import ManualClock
from infra.errors import ConfigError
from tests.unit.bot.pretend_wechat import AES_KEY, APP_ID, TOKEN, US, PretendWeChat, account

# The sample that WeChat ships with its own libraries (compatible mode: both parts are there).
SAMPLE_QUERY = {
    "timestamp": "1409735669",
    "nonce": "1320562132",
    "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
}
SAMPLE = (
    b"<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName><FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]>"
    b"</FromUserName><CreateTime>1409735668</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[abcdteT]]>"
    b"</Content><MsgId>6054768590064713728</MsgId><Encrypt><![CDATA[hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655"
    b"HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyW"
    b"NlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tC"
    b"Op3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEP"
    b"o5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE=]]></Encrypt></xml>"
)
SAMPLE_ACCOUNT = Account(APP_ID, "spamtest", AES_KEY, "compatible")


def encrypted(plain: bytes) -> str:
    key = base64.b64decode(AES_KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def padded(content: bytes, *, padding: bytes | None = None) -> bytes:
    count = 32 - len(content) % 32
    return content + (padding if padding is not None else bytes([count]) * count)


def content(xml: bytes = b"<xml><A>1</A></xml>", *, app_id: str = APP_ID, length: int | None = None) -> bytes:
    size = len(xml) if length is None else length
    return b"0123456789abcdef" + size.to_bytes(4, "big") + xml + app_id.encode()


def opened(encrypt: str) -> dict[str, object]:
    query = {"timestamp": "1", "nonce": "2", "msg_signature": sign(TOKEN, "1", "2", encrypt)}
    body = f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
    return Envelope(account()).open(query, body).fields


def test_a_message_opens_whatever_came_before_it() -> None:
    """One context opens them all: what is left of the last one must not show."""
    envelope = Envelope(account())
    for size in (0, 1, 15, 16, 17, 500, 0):
        for text in (padded(content(b"<xml><A>%b</A></xml>" % (b"x" * size))), b"garbled" * 32):
            encrypt = encrypted(text)
            query = {"timestamp": "1", "nonce": "2", "msg_signature": sign(TOKEN, "1", "2", encrypt)}
            body = f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
            if text.startswith(b"garbled"):
                with pytest.raises(Refusal):
                    envelope.open(query, body)
            else:
                assert envelope.open(query, body).fields == {"A": "x" * size}


def test_equal_answers_are_sealed_unequally_and_all_are_read() -> None:
    envelope, key = Envelope(account()), base64.b64decode(AES_KEY + "=")
    texts = [
        xmltodict.parse(envelope.seal(b"<xml>same</xml>", now_s=1.0))["xml"]["Encrypt"] for _ in range(50)
    ]
    first_blocks = set()
    for text in texts:
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
        assert plain[16:].startswith(b"\0\0\0\x0f<xml>same</xml>" + APP_ID.encode())
        first_blocks.add(plain[:16])
    assert len(first_blocks) == len(set(texts)) == 50


def test_the_official_sample_opens_and_its_encrypted_part_is_believed() -> None:
    letter = Envelope(SAMPLE_ACCOUNT).open(SAMPLE_QUERY, SAMPLE)
    assert letter.encrypted
    assert letter.fields["Content"] == "abcdteT"
    forged = SAMPLE.replace(b"abcdteT", b"forged!")
    assert Envelope(SAMPLE_ACCOUNT).open(SAMPLE_QUERY, forged).fields["Content"] == "abcdteT"


def test_a_sealed_answer_is_read_by_another_library() -> None:
    sealed = xmltodict.parse(Envelope(account()).seal("<xml>你好 😀</xml>".encode(), now_s=1409735669.5))[
        "xml"
    ]
    reader = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    read = reader.decrypt_message(sealed, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"])
    assert read == "<xml>你好 😀</xml>"


@pytest.mark.parametrize("size", range(0, 70, 3))
def test_each_length_of_padding_opens(size: int) -> None:
    fields = opened(encrypted(padded(content(b"<xml><A>" + b"x" * size + b"</A><B>1</B></xml>"))))
    assert fields["B"] == "1"


@pytest.mark.parametrize(
    "plain",
    [
        padded(content(app_id="wx_somebody_else")),
        padded(content(app_id="")),
        padded(content(length=2**32 - 1)),
        padded(content(length=3)),
        padded(b"short"),
        padded(content(), padding=bytes(31 - len(content()) % 32) + bytes([32 - len(content()) % 32])),
        bytes(32),  # the padding byte is 0
        b"\xff" * 32,  # more padding than there is text
        content()[:-1].ljust(63, b"x") + b"\x05",  # only the last byte is like padding
    ],
)
def test_a_broken_plaintext_is_refused(plain: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        opened(encrypted(plain))
    assert refused.value.cause == "decrypt"


@pytest.mark.parametrize(
    "text", ["", "!!!!", "AAAA", "A" * 43, base64.b64encode(bytes(48)).decode(), "é" * 44]
)
def test_what_is_no_ciphertext_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        opened(text)


def test_a_message_of_another_account_is_refused() -> None:
    sender = PretendWeChat(ManualClock(), app_id="wx0000000000000000")
    request = sender.text()
    with pytest.raises(Refusal) as refused:
        Envelope(account()).open(request.query, request.body)
    assert refused.value.cause == "decrypt"


@pytest.mark.parametrize("mode", ["safe", "compatible", "plain"])
def test_each_mode_opens_its_own(mode: Mode) -> None:
    request = PretendWeChat(ManualClock(), mode).text("你好")
    letter = Envelope(account(mode)).open(request.query, request.body)
    assert letter.fields["Content"] == "你好"
    assert letter.encrypted == (mode != "plain")


@pytest.mark.parametrize("mode", ["safe", "compatible"])
@pytest.mark.parametrize("more", [{}, {"msg_signature": "0" * 40}, {"encrypt_type": "raw"}])
def test_where_messages_are_encrypted_a_plain_body_is_refused(mode: Mode, more: dict[str, str]) -> None:
    """Also in the compatible mode: WeChat sends both parts there, and the signature covers neither."""
    request = PretendWeChat(ManualClock(), "plain").text()
    with pytest.raises(Refusal) as refused:
        Envelope(account(mode)).open({**request.query, **more}, request.body)
    assert refused.value.cause == "mode"


def test_plain_mode_refuses_what_it_cannot_open() -> None:
    request = PretendWeChat(ManualClock(), "safe").text()
    with pytest.raises(Refusal) as refused:
        Envelope(account("plain")).open(request.query, request.body)
    assert refused.value.cause == "mode"


def test_the_plain_signature_does_not_pass_for_the_message_signature() -> None:
    request = PretendWeChat(ManualClock()).text()
    with pytest.raises(Refusal) as refused:
        Envelope(account()).open({**request.query, "msg_signature": request.query["signature"]}, request.body)
    assert refused.value.cause == "msg_signature"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"token": ""}, "wechat.token"),
        ({"token": "has space"}, "wechat.token"),
        ({"encoding_aes_key": "short"}, "wechat.encoding_aes_key"),
        ({"encoding_aes_key": "!" * 43}, "wechat.encoding_aes_key"),
        ({"app_id": ""}, "wechat.app_id"),
        ({"mode": "sae"}, "wechat.mode"),
    ],
)
def test_an_account_that_cannot_work_stops_the_start(change: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        replace(account(), **change)


def test_plain_mode_needs_no_key() -> None:
    assert Account("", TOKEN, "", "plain").encrypts is False


def test_an_account_does_not_show_its_secrets() -> None:
    shown = repr(account())
    assert TOKEN not in shown
    assert AES_KEY not in shown


@pytest.mark.parametrize("gap", ["", "\n", " \r\n\t"])
def test_the_usual_document_is_read_as_the_parser_reads_it(gap: str) -> None:
    lines = [
        "<xml>",
        f"<ToUserName><![CDATA[{US}]]></ToUserName>",
        "<Encrypt><![CDATA[aB+/9==]]></Encrypt>",
        "",
    ]
    body = f"{gap.join(lines)}</xml>{gap}".encode()
    usual = _USUAL.fullmatch(body)
    assert usual is not None
    assert parse(body) == {"ToUserName": US, "Encrypt": usual[1].decode()}


@pytest.mark.parametrize(
    "document",
    [
        "<xml>\v{to}{encrypt}</xml>", "<xml>{to}\f{encrypt}</xml>", "<xml>{to}{encrypt}{encrypt}</xml>",
        "<xml>{encrypt}{to}</xml>", "<xml>{to}<Encrypt>1</Encrypt></xml>", "<!--x--><xml>{to}{encrypt}</xml>",
        "<xml>{to}{encrypt}</xml><x/>", "<xml>{to}{encrypt}x</xml>",
        "<xml>{to}<Encrypt><![CDATA[]]></Encrypt></xml>",
    ],
)  # fmt: skip
def test_any_other_document_is_the_parsers(document: str) -> None:
    to, encrypt = f"<ToUserName><![CDATA[{US}]]></ToUserName>", "<Encrypt><![CDATA[aB==]]></Encrypt>"
    assert _USUAL.fullmatch(document.format(to=to, encrypt=encrypt).encode()) is None
