"""Whose word is believed about where a visitor comes from, and how one pays there."""

from __future__ import annotations

import pytest

from handlers.web.qr import qr_svg
from handlers.web.scan_login import device_of
from handlers.web.visitor import Proxies, neighbourhood
from handlers.web.way import is_browser_elsewhere, way_here
from payments.gateway import Way

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
ALL: tuple[Way, ...] = ("jsapi", "native", "h5")


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),  # a stranger's word
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),  # the first is written by the visitor
        ("127.0.0.1", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7, 10.1.2.3"], "203.0.113.7"),  # two proxies, both ours
        ("10.1.2.3", ["203.0.113.7"], "203.0.113.7"),
        ("10.1.2.3", ["10.9.9.9"], "10.9.9.9"),
        ("::ffff:127.0.0.1", ["::ffff:203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["unknown"], ""),
        ("127.0.0.1", ["203.0.113.7, <script>"], ""),
        ("", ["203.0.113.7"], ""),  # a Unix socket says nothing
        ("127.0.0.1", [""], ""),
    ],
)
def test_the_address_of_a_visitor(peer: str, forwarded: list[str], seen: str) -> None:
    assert Proxies(["10.0.0.0/8", "2001:db8:ffff::/48"]).client_ip(peer, forwarded) == seen


def test_without_configured_proxies_only_this_machine_is_believed() -> None:
    assert Proxies().client_ip("10.1.2.3", ["203.0.113.7"]) == "10.1.2.3"


def test_visitors_are_counted_by_address_and_by_household() -> None:
    assert neighbourhood("203.0.113.7") == "203.0.113.7"
    assert neighbourhood("2001:db8::7") == neighbourhood("2001:db8::ffff:1") == "2001:db8::"
    assert neighbourhood("") == "unknown"


@pytest.mark.parametrize(
    ("agent", "ways", "wished", "way"),
    [
        (WECHAT, ALL, "", "jsapi"),
        (WECHAT, ALL, "native", "jsapi"),  # WeChat cannot scan its own screen
        (WECHAT, ("native", "h5"), "", None),
        (WINDOWS, ALL, "", "native"),
        (WINDOWS, ("jsapi", "h5"), "", "h5"),
        (WINDOWS, ("jsapi",), "", "jsapi"),
        (WINDOWS, ALL, "jsapi", "jsapi"),  # its script found itself in WeChat
        (IPHONE, ALL, "", "h5"),
        (ANDROID, ALL, "", "h5"),
        (ANDROID, ALL, "native", "native"),
        (ANDROID, ("jsapi", "native"), "", "native"),
        (ANDROID, ALL, "nonsense", "h5"),
        ("python-requests/2.32", ALL, "", "jsapi"),
        ("", ALL, "", "jsapi"),
    ],
)
def test_how_one_pays_there(agent: str, ways: tuple[Way, ...], wished: str, way: Way | None) -> None:
    assert way_here(agent, ways, wished) == way


def test_only_real_browsers_outside_of_wechat_get_the_code_to_log_in() -> None:
    elsewhere = [is_browser_elsewhere(agent) for agent in (WECHAT, WINDOWS, IPHONE, "curl/8.5.0", "")]
    assert elsewhere == [False, True, True, False, False]


def test_a_screen_is_named_in_words_of_ours() -> None:
    assert device_of(WINDOWS) == "Windows · Chrome"
    assert device_of(IPHONE) == "iPhone · Safari"
    assert device_of("<script>alert(1)</script>") == ""


def test_a_code_is_a_picture_without_style_or_script() -> None:
    svg = qr_svg('weixin://wxpay/bizpayurl?pr=a&b="<')
    assert b"style" not in svg and b"class" not in svg and b"<script" not in svg
    assert b"<desc>weixin://wxpay/bizpayurl?pr=a&amp;b=" in svg
    for text in ("", "x" * 601):
        with pytest.raises(ValueError, match="characters"):
            qr_svg(text)
