"""Whatever a page keeps in a browser: hidden from scripts, kept from other sites, and from plain http."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application

from handlers.web.base import Page


class _Connection:
    """A browser that is only told."""

    def set_close_callback(self, callback: Any) -> None:
        """Never closes."""


def page_of(base_url: str) -> Page:
    room = SimpleNamespace(shop=SimpleNamespace(base_url=base_url))
    start = RequestStartLine("GET", "/", "HTTP/1.1")
    headers, connection = HTTPHeaders({"Host": "localhost"}), cast(Any, _Connection())
    request = HTTPServerRequest(start_line=start, headers=headers, connection=connection)
    return Page(Application(cookie_secret="s" * 40), request, room=room)


@pytest.mark.parametrize("how", ["set_cookie", "set_signed_cookie", "clear_cookie"])
@pytest.mark.parametrize(
    ("base_url", "secure"), [("https://shop.example", True), ("http://localhost", False)]
)
def test_each_cookie_is_guarded_however_it_is_set(how: str, base_url: str, secure: bool) -> None:
    page = page_of(base_url)
    if how == "clear_cookie":
        page.clear_cookie("kept")
    else:
        getattr(page, how)("kept", "value")
    kept = page._new_cookie["kept"].OutputString().split("; ")
    assert "HttpOnly" in kept and "SameSite=Lax" in kept
    assert ("Secure" in kept) is secure


def test_nobody_can_ask_for_less() -> None:
    page = page_of("https://shop.example")
    page.set_cookie("kept", "value", httponly=False, secure=False, samesite="None")
    kept = page._new_cookie["kept"].OutputString()
    assert "HttpOnly" in kept and "Secure" in kept and "SameSite=Lax" in kept
