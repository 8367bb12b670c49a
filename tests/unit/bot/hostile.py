"""Requests as nobody should send them: good ones, bent at random. Seeded, so that each can be had again."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable, Iterator

from bot.signature import sign
from bot.wire import WireRequest
from tests.unit.bot.pretend_wechat import TOKEN, PretendWeChat

_ODD = (
    "", "0", "-1", "9" * 400, "\x00", "\ud800", "é" * 40, "%00", "a" * 5000, "' OR 1=1 --",
    "../../etc/passwd", "\r\nSet-Cookie: a=b", "１７００００００００", "1e9", "NaN", "true", "[]",
)  # fmt: skip
_XML = (
    b"", b"<", b"<xml>", b"<xml></xml>", b"</xml>", b"<xml/>", b"<a>" * 3000,
    b"<xml>" + b"<a>" * 60 + b"</xml>",
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><xml>&b;</xml>',
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Content>&e;</Content></xml>',
    b"<?xml version='1.0' encoding='utf-16'?><xml></xml>", b"\xff\xfe<\x00x\x00m\x00l\x00>\x00",
    b"<xml><Encrypt></Encrypt></xml>", b"<xml><Encrypt>" + b"A" * 50_000 + b"</Encrypt></xml>",
    b"<xml><Encrypt><a/></Encrypt></xml>", b"{}", b"\x00" * 100, b"<xml>" + b"<MsgType>text</MsgType>" * 2000,
    b"<xml><FromUserName>o</FromUserName><FromUserName>p</FromUserName></xml>",
)  # fmt: skip

Bend = Callable[[WireRequest, random.Random], WireRequest]


def hostile(wechat: PretendWeChat, count: int, seed: int) -> Iterator[WireRequest]:
    """``count`` bent requests; nearly all must be refused."""
    chance = random.Random(seed)
    for number in range(count):
        request = wechat.text(f"想学爬虫 {number}", msg_id=10**17 + number)
        for _ in range(chance.randint(1, 3)):
            request = chance.choice(_BENDS)(request, chance)
        yield request


def _flip_body(request: WireRequest, chance: random.Random) -> WireRequest:
    body = bytearray(request.body)
    for _ in range(chance.randint(1, 8)):
        if body:
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return _with(request, body=bytes(body))


def _cut_body(request: WireRequest, chance: random.Random) -> WireRequest:
    return _with(request, body=request.body[: chance.randrange(len(request.body) + 1)])


def _repeat_body(request: WireRequest, chance: random.Random) -> WireRequest:
    return _with(request, body=(request.body * chance.choice((2, 3, 200)))[:100_000])


def _odd_parameter(request: WireRequest, chance: random.Random) -> WireRequest:
    name = chance.choice([*request.query, "encrypt_type", "openid", "echostr"])
    return _with(request, query={**request.query, name: chance.choice(_ODD)})


def _missing_parameter(request: WireRequest, chance: random.Random) -> WireRequest:
    gone = chance.choice([*request.query, "nonce"])
    return _with(request, query={name: value for name, value in request.query.items() if name != gone})


def _other_signature(request: WireRequest, chance: random.Random) -> WireRequest:
    name = chance.choice(("signature", "msg_signature"))
    made = "".join(chance.choice(string.hexdigits) for _ in range(40))
    return _with(request, query={**request.query, name: made})


def _other_method(request: WireRequest, chance: random.Random) -> WireRequest:
    method = chance.choice(("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"))
    return WireRequest(method, request.query, request.body)


def _signed_document(request: WireRequest, chance: random.Random) -> WireRequest:
    """What somebody sends who knows the token, but not the key."""
    return _with(request, body=chance.choice(_XML))


def _signed_ciphertext(request: WireRequest, chance: random.Random) -> WireRequest:
    """Rightly signed and wrongly encrypted: padding, length and AppID are whatever comes out."""
    made = base64.b64encode(chance.randbytes(32 * chance.randint(0, 40))).decode()
    query = dict(request.query)
    parts = [query.get(name, "").encode("utf-8", "replace").decode() for name in ("timestamp", "nonce")]
    query["msg_signature"] = sign(TOKEN, *parts, made)
    return _with(request, query=query, body=f"<xml><Encrypt>{made}</Encrypt></xml>".encode())


def _stale(request: WireRequest, chance: random.Random) -> WireRequest:
    moment, nonce = str(chance.choice((0, 1, 1_500_000_000, 4_000_000_000))), "1"
    query = {**request.query, "timestamp": moment, "nonce": nonce, "signature": sign(TOKEN, moment, nonce)}
    return _with(request, query=query)


def _with(
    request: WireRequest, *, query: dict[str, str] | None = None, body: bytes | None = None
) -> WireRequest:
    return WireRequest(
        request.method,
        request.query if query is None else query,
        request.body if body is None else body,
    )


_BENDS: tuple[Bend, ...] = (
    _flip_body, _cut_body, _repeat_body, _odd_parameter, _missing_parameter, _other_signature, _other_method,
    _signed_document, _signed_ciphertext, _stale,
)  # fmt: skip
