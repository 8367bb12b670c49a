from __future__ import annotations

import pytest
from tornado.httputil import HTTPHeaders

from sandbox.out import Answer
from sandbox.proxy import BRIDGE, rewritten

PREFIX = "/phone/oA"
SERVICE = "http://service.test:8888"


def through(body: str, kind: str = "text/html; charset=utf-8") -> str:
    answer = Answer(200, HTTPHeaders({"Content-Type": kind}), body.encode())
    return rewritten(answer, PREFIX, SERVICE).decode()


@pytest.mark.parametrize(
    ("given", "led"),
    [
        ('<a href="/me">', '<a href="/phone/oA/me">'),
        ("<a href='/me'>", "<a href='/phone/oA/me'>"),
        ("<a href=/me>", "<a href=/phone/oA/me>"),
        ('<a class="x" href="http://service.test:8888/me?a=1">', '<a class="x" href="/phone/oA/me?a=1">'),
        ('<a href="http://service.test:8888">', '<a href="/phone/oA/">'),
        ('<form method="post" action="/pay">', '<form method="post" action="/phone/oA/pay">'),
        ('<img src="/a.png">', '<img src="/phone/oA/a.png">'),
    ],
)
def test_the_services_own_addresses_go_through_the_phone(given: str, led: str) -> None:
    assert through(f"<head></head>{given}") == f"<head>{BRIDGE}</head>{led}"


@pytest.mark.parametrize(
    "kept",
    [
        '<a href="https://elsewhere.test/">',
        '<a href="//elsewhere.test/">',
        '<a href="http://service.test:88880/">',
        '<a href="next">',
        '<a href="#top">',
        '<a href="/phone/oA/me">',
        '<p>&lt;a href="/x"&gt; and href="/y"</p>',
        '<a data-x="1" title="see /me">',
    ],
)
def test_everything_else_stays(kept: str) -> None:
    assert through(f"<head></head>{kept}") == f"<head>{BRIDGE}</head>{kept}"


def test_a_page_without_a_head_gets_the_bridge_too() -> None:
    assert through("<p>短</p>") == BRIDGE + "<p>短</p>"


def test_style_sheets_are_led_and_scripts_are_not() -> None:
    assert through("a{background:url(/a.png)}", "text/css") == "a{background:url(/phone/oA/a.png)}"
    assert through('a{src:url("/a.woff2")}', "text/css") == 'a{src:url("/phone/oA/a.woff2")}'
    assert through('fetch("/a")', "text/javascript") == 'fetch("/a")'
