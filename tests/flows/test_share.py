"""The card of a page that is forwarded: what it tells, how it is signed, and whose hosts are asked."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest
import requests

from tests.flows.courses import CANARY, CRAWLER, FREE_WORDS
from tests.flows.follower import Follower
from tests.flows.town import Town

PAGES = [
    "/courses",
    "/courses/crawler-one",
    "/courses/crawler-one/start",
    "/courses/crawler-one/work?a=b&c=%E4%B8%AD",
]
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"


def card(page: str) -> dict[str, str]:
    found = re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def test_a_lessons_card_tells_title_summary_and_cover_and_nothing_of_the_text(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    page = anna.get("/courses/crawler-one/work").text
    assert CANARY in page
    told = card(page)
    assert told["title"] == "第二课 动手做"
    assert told["description"] == f"《{CRAWLER}》把网页抓下来存成表格"
    assert told["url"] == f"{anna.service}/courses/crawler-one/work"
    assert not any(CANARY in value or FREE_WORDS in value for value in told.values())
    assert anna.get(told["image"]).headers["Content-Type"].startswith("image/")


@pytest.mark.parametrize("path", PAGES)
def test_the_platform_takes_our_signature_for_the_address_as_the_browser_has_it(
    town: Town, anna: Follower, path: str
) -> None:
    page = anna.log_in().get(path)
    (uri,) = re.findall(r'<script id="share"[^>]* data-uri="([^"]*)"', page.text)
    assert unescape(uri) == path
    config = anna.get("/share/signature", params={"uri": unescape(uri)}).json()
    assert verdict(town, config, path) == "config:ok"
    assert verdict(town, config, path + "x") == "config:invalid signature"
    assert verdict(town, config | {"nonceStr": "other"}, path) == "config:invalid signature"
    assert verdict(town, config, path + "#here") == "config:ok", "what follows a # is not signed"


def verdict(town: Town, config: dict[str, str], path: str) -> str:
    answer = requests.post(f"{town.platform.url}/api/jssdk", json=config | {"path": path}, timeout=10)
    return str(answer.json()["errMsg"])


def test_only_wechats_browser_is_led_to_wechats_script(town: Town, anna: Follower) -> None:
    inside = anna.get("/courses/crawler-one")
    assert "https://res.wx.qq.com/open/js/" in inside.text
    assert "script-src 'self' https://res.wx.qq.com;" in inside.headers["Content-Security-Policy"]
    outside = requests.get(f"{town.url}/courses/crawler-one", headers={"User-Agent": DESKTOP}, timeout=10)
    assert "qq.com" not in outside.text + outside.headers["Content-Security-Policy"]
    assert card(outside.text) == card(inside.text), "for whoever else shows cards"


def test_pages_of_ones_own_have_no_card(anna: Follower) -> None:
    anna.log_in()
    for path in ("/me", "/nothing"):
        assert "og:" not in anna.get(path).text and "res.wx.qq.com" not in anna.get(path).text


@pytest.mark.parametrize("uri", ["", "https://evil.example/", "x", "/" + "x" * 600])
def test_only_addresses_of_ours_are_signed(anna: Follower, uri: str) -> None:
    assert anna.get(f"/share/signature?uri={quote(uri)}").status_code == 400


def test_when_wechat_gives_no_ticket_the_page_is_told_so_without_a_fault(town: Town, anna: Follower) -> None:
    town.rooms.store.delete(f"ticket:{town.settings.wechat.app_id}")
    town.faults(refuse_code=[48001])
    answer = anna.get("/share/signature", params={"uri": "/courses"})
    assert answer.status_code == 503 and answer.json() == {"code": "FAIL"}
