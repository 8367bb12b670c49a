"""Login by WeChat's silent OAuth, and who must not act for a follower."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from tornado.web import create_signed_value

from handlers.web.base import inside
from infra.settings import cookie_secret
from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town


def step(follower: Follower, address: str) -> str:
    """One request without following it; where it leads."""
    answer = follower.get(address, allow_redirects=False)
    assert answer.status_code == 302, answer.status_code
    return str(answer.headers["Location"])


def login_address(follower: Follower, path: str = "/me") -> str:
    """The address of /login with a fresh code and state."""
    return step(follower, step(follower, path))


def test_a_page_that_needs_a_login_comes_back_to_itself(anna: Follower) -> None:
    page = anna.get("/me")
    assert page.status_code == 200
    assert urlsplit(page.url).path == "/me"


def test_a_login_address_that_is_refreshed_stays_friendly(anna: Follower) -> None:
    address = login_address(anna)
    assert urlsplit(anna.get(address).url).path == "/me"
    again = anna.get(address)
    assert again.status_code == 200
    assert "code=" not in again.url


def code_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


@pytest.fixture
def spent(anna: Follower) -> str:
    """A code of WeChat's that has been used."""
    address = login_address(anna)
    anna.get(address)
    return code_of(address)


def test_with_a_spent_code_the_login_starts_anew_and_ends_where_it_was_heading(
    bert: Follower, spent: str
) -> None:
    path = f"/pay/{bert.order_of(CRAWLER)}"
    address = login_address(bert, path)
    page = bert.get(address.replace(code_of(address), spent))
    assert (page.status_code, urlsplit(page.url).path) == (200, path)


def test_spent_codes_without_end_lead_to_the_shelf_and_not_in_a_circle(bert: Follower, spent: str) -> None:
    address = login_address(bert)
    once_more = step(bert, step(bert, address.replace(code_of(address), spent)))
    assert step(bert, once_more.replace(code_of(once_more), spent)) == "/courses"
    assert "keban_session" not in bert.web.cookies


def test_a_login_that_another_began_logs_nobody_in(anna: Follower, bert: Follower) -> None:
    """Somebody sends a link with their own code, so that a victim would buy into their account."""
    bert.get("/me", allow_redirects=False)
    assert bert.web.cookies.get("keban_login")
    page = bert.get(login_address(anna))
    assert (page.status_code, urlsplit(page.url).path) == (200, "/courses")
    assert "keban_session" not in bert.web.cookies


def test_a_login_that_nobody_began_leads_to_the_shelf(anna: Follower) -> None:
    for query in ("", "?code=x", "?state=x", "?code=x&state=x"):
        page = anna.get(f"/login{query}")
        assert (page.status_code, urlsplit(page.url).path) == (200, "/courses")


def test_a_login_never_leads_to_another_site(anna: Follower) -> None:
    for path in ("//evil.example/me", "/\\evil.example", f"/me?next={quote('https://evil.example')}"):
        page = anna.get(path)
        assert urlsplit(page.url).netloc == urlsplit(anna.service).netloc
        assert all("evil.example" not in urlsplit(hop.headers["Location"]).netloc for hop in page.history)


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "/\\evil.example", "https://evil.example/", "x"])
def test_a_login_ends_on_our_site_even_if_it_was_begun_to_end_elsewhere(
    town: Town, anna: Follower, elsewhere: str
) -> None:
    query = parse_qs(urlsplit(login_address(anna)).query)
    begun = json.dumps({"state": query["state"][0], "to": elsewhere})
    signed = create_signed_value(cookie_secret(town.settings), "keban_login", begun).decode()
    anna.web.cookies.clear()
    anna.web.cookies.set("keban_login", signed, domain="127.0.0.1")
    answer = anna.get(
        "/login", params={"code": query["code"][0], "state": query["state"][0]}, allow_redirects=False
    )
    assert answer.headers["Location"] == "/courses"
    assert anna.web.cookies.get("keban_session")


def test_when_wechat_does_not_answer_the_login_says_so_kindly(town: Town, anna: Follower) -> None:
    town.faults(oauth_error=1)
    page = anna.get("/me")
    assert page.status_code == 503
    assert "请过几秒" in page.text and "Traceback" not in page.text
    assert anna.get("/me").status_code == 200


def test_outside_of_wechat_a_locked_lesson_shows_its_paywall_instead_of_a_login(town: Town) -> None:
    page = requests.get(f"{town.url}/courses/crawler-one/work", allow_redirects=False, timeout=10)
    assert page.status_code == 200 and "购买后继续读" in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_cannot_act_for_a_follower(town: Town, anna: Follower, headers: dict[str, str]) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    assert anna.post(f"/pay/{order_no}/prepay", headers=headers).status_code == 403
    assert anna.post("/courses/mysql-one/buy", headers=headers).status_code == 403
    assert len(town.rooms.shop.till.orders_of(anna.openid)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "{service}", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "{service}"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Referer": "{service}/courses/git-free"},
        {"X-Requested-With": "keban"},
    ],
)
def test_our_own_pages_may_act(anna: Follower, headers: dict[str, str]) -> None:
    anna.log_in()
    headers = {name: value.format(service=anna.service) for name, value in headers.items()}
    assert silent_post(anna, "/courses/mysql-one/buy", headers).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Referer": "https://evil.example/{service}"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "{service}.evil.example"},
        {"Origin": "{service}", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/courses/mysql-one/buy", "/gift/AAAA-AAAA-AAAA-AAAA", "/login/qr"])
def test_a_post_with_a_cookie_that_does_not_say_that_it_is_ours_is_refused(
    town: Town, anna: Follower, path: str, headers: dict[str, str]
) -> None:
    anna.log_in()
    headers = {name: value.format(service=anna.service) for name, value in headers.items()}
    assert silent_post(anna, path, headers).status_code == 403
    assert town.rooms.shop.till.orders_of(anna.openid) == []


def test_the_shops_own_scripts_may_ask_for_the_fields_of_a_payment(anna: Follower) -> None:
    """``POST /pay/{order_no}/prepay`` with a cookie and nothing else."""
    order_no = anna.log_in().order_of(CRAWLER)
    assert silent_post(anna, f"/pay/{order_no}/prepay", {}).status_code == 200


def silent_post(follower: Follower, path: str, headers: dict[str, str]) -> requests.Response:
    address = f"{follower.service}{path}"
    return follower.web.post(address, headers=headers, allow_redirects=False, timeout=10)


@given(st.text(alphabet="/\\\t\n\r\0 :@.%09evil?#a", max_size=12))
@example("/\t/evil.example")
@example("/\\/evil.example")
@example("\t//evil.example")
def test_no_address_leads_out_of_the_site(address: str) -> None:
    """As a browser reads it: white space around it and tabs and line ends in it are dropped, \\ is /."""
    read = inside(address).strip("".join(map(chr, range(33))))
    read = re.sub("[\t\n\r]", "", read).replace("\\", "/")
    assert urlsplit(read).netloc == "" and urlsplit(read).scheme == ""
    assert read.startswith("/") and not read.startswith("//")


@pytest.mark.parametrize("address", ["/me", "/login/scan/abc_-9", "/pay/A1?back=1"])
def test_addresses_of_our_own_are_kept(address: str) -> None:
    assert inside(address) == address
