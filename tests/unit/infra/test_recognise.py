"""What is taken for an ordinary request, and what is not."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters, parse_int
from tornado.httputil import HTTPHeaders, parse_request_start_line

from infra.recognise import Asked, recognise
from tests.unit.infra.callers import (
    HEAD,
    PATH,
    post,
)


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (post(b"<xml/>"), Asked("a=1", b"<xml/>", True, len(post(b"<xml/>")))),
        (post(b"x", b"Connection: keep-alive"), Asked("a=1", b"x", True, 72)),
        (post(b"x", b"CONNECTION:close"), Asked("a=1", b"x", False, 65)),
        (post(b"x", head=b"POST /wechat?a=1 HTTP/1.0\r\n"), Asked("a=1", b"x", False, 47)),
        (HEAD + b"cOnTeNt-LeNgTh:03\r\n\r\nabcd", Asked("a=1", b"abc", True, 51)),
        (post(b"") + b"GET / HTTP/1.1\r\n\r\n", Asked("a=1", b"", True, len(post(b"")))),
        (post(b"x", head=b"POST /wechat? HTTP/1.1\r\n"), Asked("", b"x", True, 44)),
    ],
)
def test_an_ordinary_message_is_recognised(data: bytes, asked: Asked) -> None:
    assert recognise(PATH, data) == asked._replace(size=len(data) - len(_behind(data, asked)))


def _behind(data: bytes, asked: Asked) -> bytes:
    return data.partition(b"\r\n\r\n")[2][len(asked.body) :]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"P",
        HEAD,
        HEAD + b"\r\n",
        post(b"whole")[:-1],  # its last byte is still coming
        b"\r\n" + post(b"x"),
        post(b"x", head=b"GET /wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"post /wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST  /wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST /wechat HTTP/1.1\r\n"),
        post(b"x", head=b"POST /wechat/?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST //wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST /Wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST /wechat%3Fa=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST http://keban/wechat?a=1 HTTP/1.1\r\n"),
        post(b"x", head=b"POST /wechat?a=1 HTTP/1.2\r\n"),
        post(b"x", head=b"POST /wechat?a=1 HTTP/2.0\r\n"),
        post(b"x", head=b"POST /wechat?a=1\r\n"),
        post(b"x", head=b"POST /wechat?a=1 HTTP/1.1\n"),
        post(b"x", head=b"POST /wechat?a=1 b HTTP/1.1\r\n"),
        post(b"x", head="POST /wechat?a=é HTTP/1.1\r\n".encode()),
        post(b"x", head=b"POST /wechat?a=\x00 HTTP/1.1\r\n"),
        post(b"x").replace(b"\r\n", b"\n"),
        post(b"x", b"Content-Length: 1"),
        post(b"x", b"content-length: 2"),
        post(b"x", b"X: content-length: 2"),
        post(b"x", b"X-Content-Length: 2"),
        post(b"x", b"Content-Length : 2"),
        post(b"x", b"Transfer-Encoding: chunked"),
        post(b"x", b"TRANSFER-ENCODING:chunked"),
        post(b"x", b"Expect: 100-continue"),
        post(b"x", b"Upgrade: h2c"),
        post(b"x", b"Connection: Upgrade"),
        post(b"x", b"Trailer: X"),
        post(b"x", b"TE: trailers"),
        post(b"x", b"no colon"),
        post(b"x", b" folded: x"),
        post(b"x", b"X: a", b" b"),
        post(b"x", b"X: a\tb"),
        post(b"x", b"X: a\x00b"),
        post(b"x", b"X: a\rb"),
        post(b"x", b"X: \xff"),
        post(b"x", b": x"),
        post(b"x", b"X_Y: z"),
        post(b"x", *[b"X: %d" % number for number in range(40)]),
        HEAD + b"Host: keban\r\n\r\nx",
        HEAD + b"Content-Length: \r\n\r\nx",
        HEAD + b"Content-Length: -1\r\n\r\nx",
        HEAD + b"Content-Length: +1\r\n\r\nx",
        HEAD + b"Content-Length: 1, 1\r\n\r\nx",
        HEAD + b"Content-Length: 0x1\r\n\r\nx",
        HEAD + b"Content-Length: 1 \r\n\r\nx",
        HEAD + b"Content-Length: 9999999\r\n\r\nx",
    ],
)
def test_what_is_not_just_that_is_not_recognised(data: bytes) -> None:
    assert recognise(PATH, data) is None


PIECES = st.sampled_from(
    [
        b"POST /wechat?a=1 HTTP/1.1\r\n", b"POST /wechat? HTTP/1.0\r\n", b"POST /wechat?a HTTP/1.1\r\n",
        b"Content-Length: 5\r\n", b"content-length:1\r\n", b"Content-Length: 40\r\n", b"Host: x\r\n",
        b"Content-Length", b"Transfer-Encoding: chunked\r\n", b"Host: keban\r\n", b"Connection: close\r\n",
        b"Connection: Keep-Alive\r\n", b"connection:  CLOSE\r\n", b"X: content-length: 3\r\n", b"X:\r\n",
        b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\t", b":", b"\x00", b"\xff", b"\x7f", b"\x0b", b"a",
        b"#", b"%00", b"\"<>\\^`{|}", b"Upgrade: x\r\n", b"TE: x\r\n",
    ]
)  # fmt: skip
REQUESTS = st.lists(PIECES, max_size=14).map(b"".join)
NEARLY = st.builds(
    lambda more, rest: HEAD + b"".join(more) + b"\r\n" + rest, st.lists(PIECES, max_size=5), REQUESTS
)


@given(REQUESTS | NEARLY)
def test_what_is_recognised_is_what_tornado_reads(data: bytes) -> None:
    """Or two messages in a row could be cut differently by the two."""
    asked = recognise(PATH, data)
    if asked is None:
        return
    end = re.search(rb"\r?\n\r?\n", data)
    assert end is not None
    first, _, rest = data[: end.end()].decode("latin-1").partition("\n")
    line, headers = parse_request_start_line(first.rstrip("\r")), HTTPHeaders.parse(rest)
    assert (line.method, line.path) == ("POST", f"/wechat?{asked.query}")
    assert "Transfer-Encoding" not in headers and "Expect" not in headers
    length = parse_int(headers["Content-Length"])
    assert (asked.size, asked.body) == (end.end() + length, data[end.end() : end.end() + length])
    if asked.stays:
        connection = cast(HTTP1Connection, SimpleNamespace(params=HTTP1ConnectionParameters()))
        assert HTTP1Connection._can_keep_alive(connection, line, headers)
