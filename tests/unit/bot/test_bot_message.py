from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.document import MAX_BODY_BYTES, MAX_DEPTH, _flat, _tree, parse
from bot.message import to_message
from bot.refusal import Refusal

HEAD = "<FromUserName>o1</FromUserName><ToUserName>gh</ToUserName><CreateTime>1700000000</CreateTime>"


def message(children: str) -> Any:
    return to_message(parse(f"<xml>{HEAD}{children}</xml>".encode()))


def test_a_text_message() -> None:
    read = message("<MsgType>text</MsgType><Content><![CDATA[ 想学 <爬虫> ]]></Content><MsgId>7</MsgId>")
    assert (read.type, read.source, read.target) == ("text", "o1", "gh")
    assert (read.content, read.message_id, read.time) == ("想学 <爬虫>", 7, 1700000000)


def test_a_tap_on_a_link_in_a_reply_carries_its_id() -> None:
    read = message("<MsgType>text</MsgType><Content>买 1</Content><bizmsgmenuid>9</bizmsgmenuid>")
    assert read.tap_id == "9"


@pytest.mark.parametrize(
    ("children", "kind", "key"),
    [
        ("<Event>subscribe</Event><EventKey>qrscene_7</EventKey>", "subscribe_event", "qrscene_7"),
        ("<Event>subscribe</Event>", "subscribe_event", ""),
        ("<Event>unsubscribe</Event>", "unsubscribe_event", ""),
        ("<Event>SCAN</Event><EventKey>7</EventKey>", "scan_event", "7"),
        ("<Event>CLICK</Event><EventKey>HELP</EventKey>", "click_event", "HELP"),
        ("<Event>VIEW</Event><EventKey>http://x</EventKey>", "view_event", "http://x"),
        ("<Event>never_heard_of</Event>", "never_heard_of_event", ""),
        ("", "unknown_event", ""),
    ],
)
def test_events(children: str, kind: str, key: str) -> None:
    read = message(f"<MsgType>event</MsgType>{children}")
    assert (read.type, read.key, read.message_id) == (kind, key, 0)


def test_a_message_type_cannot_dress_up_as_an_event() -> None:
    assert message("<MsgType>subscribe_event</MsgType>").type == "unknown"


def test_a_child_named_like_an_attribute_does_not_stand_in_for_it() -> None:
    read = message(
        "<MsgType>text</MsgType><Content>hi</Content><source>o2</source><type>click_event</type>"
        "<target>x</target><content>forged</content><key>K</key><__class__>x</__class__><tap_id>1</tap_id>"
    )
    assert (read.source, read.type, read.target, read.content) == ("o1", "text", "gh", "hi")
    assert (read.key, read.tap_id) == ("", "")


def test_nor_for_one_that_only_its_class_has() -> None:
    read = message("<MsgType>voice</MsgType><MediaId>m1</MediaId><recognition>买 1</recognition>")
    assert (read.media_id, read.recognition) == ("m1", None)


def test_of_a_repeated_field_the_first_counts() -> None:
    read = message(
        "<MsgType>text</MsgType><Content>a</Content><Content>b</Content><FromUserName>o2</FromUserName>"
    )
    assert (read.source, read.content) == ("o1", "a")


def test_an_empty_text_is_text() -> None:
    assert message("<MsgType>text</MsgType><Content></Content>").content == ""
    assert message("<MsgType>text</MsgType>").content == ""


def test_broken_numbers_are_no_numbers_and_no_errors() -> None:
    read = message(
        "<MsgType>location</MsgType><CreateTime>x</CreateTime><MsgId>1e9</MsgId>"
        "<Location_X>north</Location_X><Location_Y>2.5</Location_Y><Scale>big</Scale>"
    )
    assert (read.message_id, read.location_x, read.location_y, read.scale) == (0, None, 2.5, None)


def test_a_text_where_a_group_is_expected_is_no_error() -> None:
    read = message("<MsgType>event</MsgType><Event>scancode_push</Event><ScanCodeInfo>x</ScanCodeInfo>")
    assert read.scan_result is None


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        ("", []),
        ("<SendPicsInfo>x</SendPicsInfo>", []),
        ("<SendPicsInfo><Count>0</Count><PicList></PicList></SendPicsInfo>", []),
        (
            "<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item></PicList></SendPicsInfo>",
            ["a"],
        ),
        (
            "<SendPicsInfo><Count>many</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item>"
            "<item><PicMd5Sum>b</PicMd5Sum></item></PicList></SendPicsInfo>",
            ["a", "b"],
        ),
    ],
)
@pytest.mark.parametrize("name", ["pic_sysphoto", "pic_photo_or_album", "pic_weixin"])
def test_pictures_are_counted_by_their_list(name: str, pictures: str, expected: list[str]) -> None:
    read = message(f"<MsgType>event</MsgType><Event>{name}</Event>{pictures}")
    assert [item["pic_md5_sum"] for item in read.pic_list] == expected
    assert read.count == len(expected)


@pytest.mark.parametrize(
    "sender", ["", "<FromUserName></FromUserName>", f"<FromUserName>{'o' * 65}</FromUserName>"]
)
def test_a_message_without_a_usable_sender_is_refused(sender: str) -> None:
    with pytest.raises(Refusal) as refused:
        to_message(parse(f"<xml>{sender}<MsgType>text</MsgType></xml>".encode()))
    assert refused.value.cause == "sender"


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"", "xml"),
        (b"not xml", "xml"),
        (b"<xml><a></xml>", "xml"),
        (b"<xml></xml><xml></xml>", "xml"),
        (b"<xml>text only</xml>", "xml"),
        (b"<html><body>1</body></html>", "xml"),
        (b"<xml><a>&undefined;</a></xml>", "xml"),
        (b"<xml><a>\x00</a></xml>", "xml"),
        (b"\xff\xfe<\x00x\x00m\x00l\x00>\x00", "xml"),
        ("<xml><Content>\ud800</Content></xml>".encode("utf-8", "surrogatepass"), "xml"),
        (f"{ENTITIES}<xml><a>&b;</a></xml>".encode(), "doctype"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xml><a>1</a></xml>', "doctype"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>', "doctype"),
        (b"<xml>" + b"<a>" * MAX_DEPTH + b"1" + b"</a>" * MAX_DEPTH + b"</xml>", "nesting"),
        (b"<xml><a>" + b"x" * MAX_BODY_BYTES + b"</a></xml>", "size"),
    ],
)
def test_a_document_that_is_not_a_message_is_refused(body: bytes, cause: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(body)
    assert refused.value.cause == cause


def test_another_announced_encoding_is_not_believed() -> None:
    read = parse('<?xml version="1.0" encoding="latin-1"?><xml><a>你好</a></xml>'.encode())
    assert read == {"a": "你好"}


PIECES = st.sampled_from(
    [
        "<xml>", "</xml>", "<Content>", "</Content>", "<MsgId>", "</MsgId>", "<![CDATA[", "]]>", "]", "&amp;",
        "<", ">", "&", "买 1", "\r", "\n", " ", "\x0b", "\x00", "\ufffe", "😀", "<Content/>", "<a b='1'>",
        "<!--x-->", "1",
    ]
)  # fmt: skip
VALUES = st.text(st.characters(codec="utf-8"), max_size=12) | PIECES
CHILDREN = st.tuples(
    st.sampled_from(["Content", "MsgId", "Événement", "Event_1", "1x"]), VALUES, st.booleans(), PIECES
)


def flat_document(children: list[tuple[str, str, bool, str]]) -> str:
    lines = [
        f"<{name}>{f'<![CDATA[{value}]]>' if quoted else value}</{name}>{after.strip() if quoted else ''}"
        for name, value, quoted, after in children
    ]
    return f"<xml>{''.join(lines)}</xml>"


@given(st.lists(CHILDREN, max_size=4).map(flat_document) | st.lists(PIECES, max_size=12).map("".join))
def test_what_is_recognised_without_the_parser_is_what_the_parser_reads(document: str) -> None:
    body = document.encode("utf-8", "surrogatepass")
    flat = _flat(body)
    if flat is not None:
        assert flat == _tree(body)


@given(st.lists(VALUES | st.sampled_from(["12", "1²", ""]), min_size=6, max_size=6), PIECES)
def test_nor_does_what_is_typed_read_otherwise_for_its_usual_order(values: list[str], between: str) -> None:
    names = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId")
    for numbers in (values, [*values[:2], "17", *values[3:5], "23"]):
        children = [
            (name, value, name not in ("CreateTime", "MsgId"), between)
            for name, value in zip(names, numbers, strict=True)
        ]
        body = flat_document(children).encode("utf-8", "surrogatepass")
        flat = _flat(body)
        if flat is not None:
            assert flat == _tree(body)


@pytest.mark.parametrize(
    "place",
    [
        "<xml><ToUserName><![CDATA[a]]></ToUserName><FromUserName><![CDATA[b]]></FromUserName>%s"
        "<CreateTime>1</CreateTime>%s<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[%s]]></Content>"
        "<MsgId>2%s</MsgId></xml>%s",
        "<xml><a>x%sy</a></xml>", "<xml><a><![CDATA[x%sy]]></a></xml>", "<xml><a%s>1</a%s></xml>",
        "<xml>%s<a>1</a>%s<b>2</b>%s</xml>", "%s<xml><a>1</a></xml>", "<xml><a>1</a></xml>%s",
    ],
)  # fmt: skip
def test_nor_does_any_sign_pass_that_the_parser_refuses(place: str) -> None:
    """Vertical tabs between the children did: they are white space to Python, and nothing to XML."""
    signs = [*range(0x100), 0x2028, 0x3000, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF]
    for sign in map(chr, signs):
        body = place.replace("%s", sign).encode()
        flat = _flat(body)
        if flat is not None:
            assert flat == _tree(body), repr(sign)


def test_an_ordinary_message_needs_no_parser() -> None:
    document = f"<xml>\n{HEAD}<Content><![CDATA[ 想学 <爬虫> & 更多 😀\n]]></Content></xml>\n"
    assert _flat(document.encode()) == {
        "FromUserName": "o1",
        "ToUserName": "gh",
        "CreateTime": "1700000000",
        "Content": "想学 <爬虫> & 更多 😀",
    }
