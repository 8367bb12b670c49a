"""Every address answers with the same protections, whatever it is."""

from __future__ import annotations

import pytest
import requests

from tests.flows.town import Town

ADDRESSES = [
    "/", "/courses", "/courses/crawler-one", "/static/style.css", "/static/nothing.css", "/static/../app.py",
    "/favicon.ico", "/robots.txt", "/highlight.css", "/healthz", "/nothing",
    "/courses/x%0d%0aSet-Cookie:a=b/buy", "/courses/%2f%2fevil.example/buy",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_has_the_headers_of_the_pages(town: Town, address: str) -> None:
    answer = requests.get(town.url + address, allow_redirects=False, timeout=10)
    assert answer.status_code in (200, 302, 404, 403), answer.status_code
    assert answer.headers["Server"] == "keban"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert "Traceback (most" not in answer.text and "evil" not in answer.headers.get("Location", "")
