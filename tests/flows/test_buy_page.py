"""Buying on a page: who is not logged in yet does so on the way, and everybody comes back to where they were.

A browser lets a form lead nowhere but to ourselves, redirects included (``form-action`` in the policy of
the pages); ``tests/browser/test_buy_directly.py`` sees that in a real one.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
import requests

from handlers.web.course import TAP_COOKIE
from tests.flows.courses import CANARY, CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town

BUY = "/courses/crawler-one/buy"
LESSONS = [f"/courses/crawler-one/{slug}" for slug in ("start", "work", "end")]
_ONWARD = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]+)">')


@pytest.fixture
def carl(town: Town) -> Follower:
    """Somebody who has never opened a page of ours."""
    return town.new_follower()


def tap(follower: Follower, path: str = BUY, lesson: str = "") -> str:
    """Taps 购买; where the page that comes then leads by itself."""
    page = follower.post(path, data={"lesson": lesson} if lesson else None)
    found = _ONWARD.search(page.text)
    assert page.status_code == 200 and found, page.text
    return unescape(found[1])


def orders(town: Town, follower: Follower) -> list[str]:
    return [order.order_no for order in town.rooms.shop.till.orders_of(follower.openid)]


def path_of(page: requests.Response) -> str:
    return urlsplit(page.url).path


def test_a_tap_without_a_login_never_leads_the_form_to_another_site(carl: Follower) -> None:
    page = carl.post(BUY)
    hops = [*page.history, page]
    assert all(urlsplit(hop.url).netloc == urlsplit(carl.service).netloc for hop in hops)
    assert [hop.status_code for hop in hops] == [303, 200]


def test_a_newcomer_is_at_the_pay_page_after_one_tap(town: Town, carl: Follower) -> None:
    page = carl.get(tap(carl))
    assert "确认支付" in page.text
    assert orders(town, carl) == [path_of(page).removeprefix("/pay/")]


def test_a_newcomer_has_a_free_course_after_one_tap_and_is_where_they_were(carl: Follower) -> None:
    page = carl.get(tap(carl, "/courses/git-free/buy", "work"))
    assert path_of(page) == "/courses/git-free/work" and CANARY in page.text


def test_whoever_owns_it_already_is_back_where_they_were(town: Town, carl: Follower) -> None:
    carl.buy(CRAWLER)
    page = carl.get(tap(carl, lesson="work"))
    assert path_of(page) == LESSONS[1] and CANARY in page.text
    assert len(orders(town, carl)) == 1


def test_a_tap_counts_once(town: Town, carl: Follower) -> None:
    onward = tap(carl)
    carl.get(onward)
    assert path_of(carl.get(onward)) == "/courses/crawler-one"
    assert len(orders(town, carl)) == 1


@pytest.mark.parametrize("query", ["", "?key=", "?key=0123456789abcdef", "?login=1", "?key=x&login=1"])
def test_a_strangers_link_orders_nothing_even_while_a_tap_is_kept(
    town: Town, carl: Follower, query: str
) -> None:
    tap(carl)
    carl.log_in()
    assert carl.web.cookies.get(TAP_COOKIE)
    assert path_of(carl.get(BUY + query)) == "/courses/crawler-one"
    assert orders(town, carl) == []


def test_the_address_of_anothers_tap_orders_nothing(town: Town, carl: Follower, bert: Follower) -> None:
    onward = tap(carl)
    assert path_of(bert.log_in().get(onward)) == "/courses/crawler-one"
    assert orders(town, bert) == []


def test_a_tap_of_another_course_is_not_this_one(town: Town, carl: Follower) -> None:
    onward = tap(carl)
    carl.log_in().get(onward.replace("crawler-one", "mysql-one"))
    assert orders(town, carl) == []


def test_without_an_answer_from_wechat_the_tap_is_kept_for_another_try(town: Town, carl: Follower) -> None:
    onward = tap(carl)
    town.faults(oauth_error=1)
    assert carl.get(onward).status_code == 503
    assert "确认支付" in carl.get(onward).text


# Where one goes on


def test_whoever_pays_at_a_paywall_goes_on_in_that_lesson(town: Town, anna: Follower) -> None:
    wall = anna.log_in().get(LESSONS[1]).text
    assert '<input type="hidden" name="lesson" value="work">' in wall
    order_no = path_of(anna.post(BUY, data={"lesson": "work"})).removeprefix("/pay/")
    anna.pay(order_no)
    assert f'href="{LESSONS[1]}">开始学习' in anna.get(f"/pay/{order_no}").text
    assert f"{town.url}{LESSONS[1]}" in anna.await_push(order_no)
    assert LESSONS[1] in anna.say("继续")
    assert f'href="{LESSONS[1]}">继续学习' in anna.get("/courses/crawler-one").text


def test_once_it_is_read_the_next_one_comes_and_the_first_one_last(anna: Follower) -> None:
    order_no = path_of(anna.log_in().post(BUY, data={"lesson": "work"})).removeprefix("/pay/")
    anna.pay(order_no)
    anna.await_push(order_no)
    for lesson, following in zip([LESSONS[1], LESSONS[2]], [LESSONS[2], LESSONS[0]], strict=True):
        anna.get(lesson)
        assert following in anna.say("继续")


@pytest.mark.parametrize("lesson", ["no-such-lesson", "../../me", "//evil.example", "x" * 5000])
def test_a_lesson_that_is_not_there_is_no_hindrance(anna: Follower, lesson: str) -> None:
    page = anna.log_in().post("/courses/git-free/buy", data={"lesson": lesson})
    assert (page.status_code, path_of(page)) == (200, "/courses/git-free")


def test_my_page_says_what_the_number_of_an_order_is(anna: Follower) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    assert f"订单号 {order_no}" in anna.get("/me").text
