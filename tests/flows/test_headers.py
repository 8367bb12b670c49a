"""Every address answers with the same protections, whatever it is."""

from __future__ import annotations

import re

import pytest
import requests

from tests.flows.follower import Follower
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


INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
# Data for a script is no script: browsers do not run what is no JavaScript.
DATA = re.compile(r'<script type="application/(?:ld\+)?json"[^>]*>.*?</script>', re.DOTALL)
PAGES = ["/courses", "/courses?q=爬虫", "/courses/crawler-one", "/courses/crawler-one/start",
         "/courses/crawler-one/work", "/courses/git-free/work", "/me", "/login/qr", "/nothing"]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_the_policy_lets_nothing_inline_run_and_the_pages_need_none(
    town: Town, anna: Follower, address: str
) -> None:
    stranger = requests.get(town.url + address, allow_redirects=False, timeout=10)
    for answer in (anna.log_in().get(address), stranger):
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "*" not in policy
        for directive in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'"):
            assert directive in policy
        found = INLINE.search(DATA.sub("", answer.text))
        assert found is None, answer.text[max(0, found.start() - 80) : found.end() + 80]
