from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.config import Config
from sandbox.envelope import Envelope, signature
from sandbox.message import element
from sandbox.reply import ReplyInvalid, read

OPENID = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n"


def plain(config: Config, **changes: object) -> str:
    fields: dict[str, object] = {
        "ToUserName": OPENID,
        "FromUserName": config.original_id,
        "CreateTime": 1,
        "MsgType": "text",
        "Content": "你好",
    }
    return element("xml", {name: value for name, value in {**fields, **changes}.items() if value is not None})


def closed(config: Config, text: str, *, token: str = "") -> bytes:
    inner = Envelope(config.encoding_aes_key, config.app_id).close(text)
    fields = {
        "Encrypt": inner,
        "MsgSignature": signature(token or config.token, "1", "2", inner),
        "TimeStamp": 1,
        "Nonce": "2",
    }
    return element("xml", fields).encode()


def seen(config: Config, body: bytes, asked_kind: str = "text") -> object:
    reply = read(config, body, openid=OPENID, asked_kind=asked_kind)
    return reply and reply.content


def test_success_and_an_empty_body_answer_nothing(config: Config) -> None:
    assert seen(config, b"success") is None
    assert seen(config, b"") is None


def test_an_encrypted_text_is_read(config: Config) -> None:
    assert seen(config, closed(config, plain(config))) == "你好"


def test_in_safe_mode_a_plain_reply_is_invalid(config: Config) -> None:
    with pytest.raises(ReplyInvalid, match="not encrypted"):
        seen(config, plain(config).encode())


def test_in_compatible_mode_both_are_read(config: Config) -> None:
    compatible = replace(config, mode="compatible")
    assert seen(compatible, plain(config).encode()) == "你好"
    assert seen(compatible, closed(config, plain(config))) == "你好"


def test_in_plain_mode_an_encrypted_reply_is_invalid(config: Config) -> None:
    with pytest.raises(ReplyInvalid, match="plain mode"):
        seen(replace(config, mode="plain"), closed(config, plain(config)))


def test_a_wrong_msg_signature_is_invalid(config: Config) -> None:
    with pytest.raises(ReplyInvalid, match="MsgSignature"):
        seen(config, closed(config, plain(config), token="another"))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ToUserName": "somebody"}, "ToUserName"),
        ({"FromUserName": OPENID}, "FromUserName"),
        ({"CreateTime": None}, "CreateTime"),
        ({"MsgType": "poem"}, "MsgType"),
        ({"Content": ""}, "empty"),
        ({"Content": "字" * 683}, "2048"),
    ],
)
def test_what_wechat_would_not_show_is_invalid(config: Config, changes: dict[str, object], why: str) -> None:
    with pytest.raises(ReplyInvalid, match=why):
        seen(replace(config, mode="plain"), plain(config, **changes).encode())


def test_a_text_of_exactly_2048_bytes_passes(config: Config) -> None:
    text = "字" * 682 + "ab"
    assert seen(replace(config, mode="plain"), plain(config, Content=text).encode()) == text


@pytest.mark.parametrize(
    "body",
    [
        b"<xml>",
        b"<html></html>",
        b"<xml><Content><![CDATA[a]]>b]]></Content>",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml>&e;</xml>',
        b"<xml>" + b"a" * 70_000 + b"</xml>",
    ],
)
def test_what_is_no_xml_of_wechats_is_invalid(config: Config, body: bytes) -> None:
    with pytest.raises(ReplyInvalid):
        seen(replace(config, mode="plain"), body)


def news(config: Config, count: int, said: int) -> bytes:
    item = element("item", {"Title": "课", "Description": "", "PicUrl": "", "Url": "http://service.test/"})
    whole = plain(config, MsgType="news", Content=None, ArticleCount=said, Articles="@")
    return whole.replace("<![CDATA[@]]>", item * count).encode()


def test_a_text_is_answered_by_one_article_and_a_menu_tap_by_eight(config: Config) -> None:
    open_config = replace(config, mode="plain")
    assert seen(open_config, news(config, 1, 1)) == "课"
    assert seen(open_config, news(config, 8, 8), "event") == "课"
    with pytest.raises(ReplyInvalid, match="articles"):
        seen(open_config, news(config, 2, 2))
    with pytest.raises(ReplyInvalid, match="articles"):
        seen(open_config, news(config, 9, 9), "event")
    with pytest.raises(ReplyInvalid, match="ArticleCount"):
        seen(open_config, news(config, 1, 2))
