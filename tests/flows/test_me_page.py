"""My courses: the last one read first, how far one is, the way on; and where a gift's code is typed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests.flows.courses import CRAWLER, GIT, PANDAS, write_offer
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.waiting import until

TITLE = re.compile(r'<span class="cell-title">([^<]+)</span>\s*<progress')


def path(follower: Follower, address: str) -> str:
    return urlsplit(follower.get(address).url).path


def test_the_course_that_was_read_last_comes_first(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    anna.buy(PANDAS)
    anna.get("/courses/crawler-one/start")
    assert TITLE.findall(anna.get("/me").text)[0] == CRAWLER
    anna.get("/courses/pandas-one/start")
    assert TITLE.findall(anna.get("/me").text)[0] == PANDAS


def test_progress_and_the_way_on(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    assert "开始<span" in anna.get("/me").text
    assert path(anna, "/me/continue/crawler-one") == "/courses/crawler-one/start"
    page = anna.get("/me").text
    assert 'max="3" value="1"' in page and "继续<span" in page
    assert path(anna, "/me/continue/crawler-one") == "/courses/crawler-one/work"
    assert path(anna, "/me/continue/crawler-one") == "/courses/crawler-one/end"
    assert "读完了" in anna.get("/me").text


def test_the_way_on_of_a_course_that_is_not_ones_own_shows_what_it_is(anna: Follower) -> None:
    assert path(anna.log_in(), "/me/continue/crawler-one") == "/courses/crawler-one"
    assert anna.get("/me/continue/never-there").status_code == 404


def test_a_free_lesson_of_a_course_that_is_not_owned_makes_it_no_course_of_mine(anna: Follower) -> None:
    anna.log_in().get("/courses/crawler-one/start")
    assert CRAWLER not in anna.get("/me").text


def test_a_member_sees_what_was_read_and_how_much_more_there_is(
    town: Town, anna: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.web.me.MOST_BESIDE", 2)
    write_offer(town.courses, "circle", "全站会员", "都能看", "599.00", "all", "365d")
    until(lambda: anna.get("/courses/circle").status_code == 200, "the membership")
    anna.log_in().buy("全站会员")
    anna.get("/courses/git-free/start")
    page = anna.get("/me").text
    assert len(TITLE.findall(page)) == 3 and TITLE.findall(page)[0] == GIT
    assert "另外 5 门" in page


def test_a_typed_code_leads_to_its_gift(anna: Follower, bert: Follower) -> None:
    _, code = anna.log_in().buy_gift(CRAWLER)
    typed = f"  {code.lower()} "
    page = bert.log_in().get("/gift", params={"code": typed})
    assert urlsplit(page.url).path == f"/gift/{code.replace('-', '')}" and "领取</button>" in page.text


@pytest.mark.parametrize("typed", ["abc", '"><b>', "//evil.example", "x" * 200])
def test_what_is_no_code_is_said_beside_the_field(anna: Follower, typed: str) -> None:
    page = anna.get("/gift", params={"code": typed})
    assert page.status_code == 200 and 'role="alert"' in page.text and "<b>" not in page.text
    assert 'role="alert"' not in anna.get("/gift").text
