"""Nobody sees what is not theirs: paid text, other people's orders, openids, secrets, tracebacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote, urljoin, urlsplit

import pytest
import requests

from tests.flows.courses import CANARY, CRAWLER, MYSQL, PNG
from tests.flows.follower import Follower
from tests.flows.town import Town

LESSON = "/courses/crawler-one/work"
LINK = re.compile(r"(?:href|src|action)=\"([^\"]+)\"")
GUESSES = (
    "/courses/crawler-one/02-work.md",
    "/courses/crawler-one/work.md",
    "/courses/crawler-one/assets/02-work.md",
    "/courses/crawler-one/assets/../02-work.md",
    "/courses/crawler-one/assets/%2e%2e/02-work.md",
    "/courses/crawler-one/_index.md",
    "/static/../../../content/courses/crawler-one/02-work.md",
    "/static/%2e%2e/%2e%2e/sentences.toml",
    "/courses?q=" + quote(CANARY[:6]),
    "/courses?tag=" + quote("爬虫"),
    "/metrics",
    "/healthz",
    "/readyz",
    "/me",
    "/no/such/page",
)
QUESTIONS = (
    "想学爬虫",
    "更多",
    "1",
    "2",
    "3",
    "买 1",
    f"购买 {CRAWLER}",
    f"购买 {MYSQL}",
    CANARY[:6],
    "付费花园",
    "我的课程",
    "继续",
    "我的订单",
    "退款",
    "帮助",
    "推荐",
)


@pytest.fixture(scope="module")
def owner(town: Town) -> Follower:
    """Somebody who bought a course and has read it."""
    owner = town.new_follower().log_in()
    owner.buy(CRAWLER)
    assert CANARY in owner.get(LESSON).text
    return owner


def pages_from(reader: Follower, start: str) -> Iterator[requests.Response]:
    """Every page that can be reached by links from ``start``, and what guessing may find."""
    waiting, seen = [start, *GUESSES], set[str]()
    while waiting and len(seen) < 300:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        page = reader.get(path)
        yield page
        if "html" in page.headers.get("Content-Type", ""):
            waiting += [link for link in map(unescape, LINK.findall(page.text)) if own(reader, path, link)]


def own(reader: Follower, path: str, link: str) -> bool:
    return urlsplit(urljoin(reader.service + path, link)).netloc == urlsplit(reader.service).netloc


def test_no_page_shows_paid_text_to_a_stranger(town: Town, owner: Follower) -> None:
    stranger = town.follower()
    stranger.web.headers["User-Agent"] = "a browser outside of WeChat"
    pages = list(pages_from(stranger, "/courses"))
    assert len(pages) > 30, "the crawl did not get around"
    assert [page.url for page in pages if CANARY in page.text] == []


def test_no_page_shows_paid_text_to_another_follower(town: Town, owner: Follower, bert: Follower) -> None:
    bert.log_in()
    bert.buy(MYSQL)
    shown = [page.url for page in pages_from(bert, "/courses") if CANARY in page.text]
    assert shown and all("/courses/mysql-one/" in url for url in shown)


def test_a_picture_of_the_paid_part_is_its_buyers_only(owner: Follower, bert: Follower) -> None:
    picture = "/courses/crawler-one/assets/pictures/paid.png"
    assert picture in owner.get(LESSON).text
    assert owner.get(picture).content == PNG + b"paid"
    assert bert.get(picture).status_code == 404
    assert bert.log_in().get(picture).status_code == 404


def test_a_picture_of_the_free_part_is_everybodys(bert: Follower) -> None:
    picture = "/courses/crawler-one/assets/pictures/free.png"
    assert picture in bert.get(LESSON).text
    shown = bert.get(picture)
    assert (shown.content, shown.headers["Content-Type"]) == (PNG + b"free", "image/png")


def test_no_answer_in_the_chat_holds_paid_text(bert: Follower, owner: Follower) -> None:
    for text in QUESTIONS:
        assert CANARY not in bert.say(text), text
        assert CANARY not in owner.say(text), text


def test_paid_words_do_not_even_find_their_course(bert: Follower) -> None:
    assert CRAWLER not in bert.say("金丝雀在花园里唱歌")
    assert CRAWLER not in bert.get("/courses", params={"q": "金丝雀 唱歌 花园"}).text


def test_another_followers_order_is_not_there(owner: Follower, bert: Follower) -> None:
    """Access 4."""
    bert.log_in()
    order_no = owner.order_of(MYSQL)
    assert bert.get(f"/pay/{order_no}").status_code == 404
    assert bert.post(f"/pay/{order_no}/prepay").status_code == 404
    assert bert.get(f"/pay/{order_no}/status").status_code == 404
    assert bert.get(f"/pay/{order_no}/status?ask=1").status_code == 404
    assert bert.pay(order_no)["status"] == "refused"


def test_an_order_that_does_not_exist_looks_the_same_as_another_followers(
    owner: Follower, bert: Follower
) -> None:
    order_no = owner.order_of(MYSQL)
    not_his, not_there = bert.log_in().get(f"/pay/{order_no}"), bert.get("/pay/260101000000AAAAAAAA")
    assert (not_his.status_code, not_his.text) == (not_there.status_code, not_there.text)
    assert "没有这个订单" in not_there.text


def test_without_login_an_order_is_neither_shown_nor_prepared(town: Town, owner: Follower) -> None:
    order_no = owner.order_of(MYSQL)
    page = requests.get(f"{town.url}/pay/{order_no}", allow_redirects=False, timeout=10)
    assert page.status_code == 302 and "/connect/oauth2/authorize" in page.headers["Location"]
    for method, path in (("POST", "prepay"), ("GET", "status")):
        answer = requests.request(method, f"{town.url}/pay/{order_no}/{path}", timeout=10)
        assert answer.status_code == 401


def test_another_follower_cannot_refund_by_number(town: Town, owner: Follower, bert: Follower) -> None:
    assert "不用退款" in bert.say("退款")
    bert.say("退款 1")
    assert all(order.status != "refunded" for order in town.rooms.shop.till.orders_of(owner.openid))


def test_health_and_figures_name_no_follower_and_no_secret(town: Town, owner: Follower) -> None:
    private = [
        owner.openid,
        *town.rooms.shop.till.orders_of(owner.openid)[0].order_no.split(),
        *secrets_of(town),
    ]
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = requests.get(town.url + path, timeout=10)
        assert answer.status_code == 200
        assert [word for word in private if word in answer.text] == [], path


def test_the_figures_count_what_happened(town: Town, owner: Follower) -> None:
    figures = requests.get(f"{town.url}/metrics", timeout=10).text
    for name in ("keban_messages_total", "keban_payments_total", "keban_outbox_total", "keban_pages_total"):
        assert re.search(rf"^{name}{{.+}} [1-9]", figures, re.MULTILINE), name


def test_a_session_cookie_cannot_be_made_up(town: Town, owner: Follower) -> None:
    forged = requests.get(
        town.url + LESSON,
        cookies={"keban_session": owner.openid},
        headers={"User-Agent": "elsewhere"},
        timeout=10,
    )
    assert CANARY not in forged.text


def test_the_session_cookie_is_hidden_from_scripts_and_other_sites(town: Town, anna: Follower) -> None:
    anna.log_in()
    cookie = next(cookie for cookie in anna.web.cookies if cookie.name == "keban_session")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"


@pytest.mark.parametrize(
    "path",
    [
        "/no/such/page",
        "/courses/none",
        "/courses/crawler-one/none",
        "/courses/%ff%fe",
        "/courses?q=%ff%fe",
        "/pay/260101000000AAAAAAAA",
        "/pay/'--",
        "/courses/crawler-one/assets/../../../etc/passwd",
        "/courses/" + "x" * 500,
    ],
)
def test_an_error_page_speaks_kindly_and_shows_no_traceback(anna: Follower, path: str) -> None:
    page = anna.log_in().get(path)
    assert 400 <= page.status_code < 500
    assert "Traceback" not in page.text and 'File "' not in page.text
    assert "看看全部课程" in page.text


def test_a_method_that_a_page_does_not_know_gets_a_kind_page_too(anna: Follower) -> None:
    answer = anna.web.delete(f"{anna.service}/courses")
    assert answer.status_code == 405
    assert "看看全部课程" in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/courses", LESSON, "/me", "/no/such/page"])
def test_each_page_carries_its_guard_headers(anna: Follower, path: str) -> None:
    headers = anna.log_in().get(path).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in headers["Cache-Control"]


def secrets_of(town: Town) -> list[str]:
    wechat, pay = town.settings.wechat, town.settings.pay
    hidden = (wechat.app_secret, wechat.token, wechat.encoding_aes_key, pay.api_v3_key)
    return [secret.get_secret_value() for secret in hidden]


def test_a_follower_cannot_write_what_they_have_read_or_own(
    town: Town, owner: Follower, bert: Follower
) -> None:
    """Access 4: a learner writes their own progress or "purchased" flag."""
    bert.log_in()
    lies = {"owned": "1", "paid": "true", "status": "fulfilled", "openid": owner.openid, "total_fen": "0"}
    for path in (LESSON, "/courses/crawler-one", "/me", "/courses/crawler-one/buy"):
        bert.get(path, params=lies)
        bert.post(path, data=lies)
    shop = town.rooms.shop
    assert shop.till.grants_of(bert.openid) == []
    assert "work" not in shop.progress.of_course(bert.openid, "crawler-one")
    assert all(order.openid == bert.openid and order.total_fen for order in shop.till.orders_of(bert.openid))
    assert CANARY not in bert.get(LESSON).text
