"""The shelf as a page: links that filter without a script, combine, and help when nothing is left."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.flows.courses import CRAWLER, GIT, MYSQL
from tests.flows.follower import Follower

TITLE = re.compile(r'<span class="cell-title">([^<]+)</span>')
LINK = re.compile(r'<a(?: class="[^"]*")? href="(/courses\?[^"]+)"')


def titles(anna: Follower, query: str) -> list[str]:
    return TITLE.findall(anna.get(f"/courses?{query}").text)


def test_filters_combine_with_each_other_and_with_a_question(anna: Follower) -> None:
    assert titles(anna, "price=free") == [GIT]
    assert len(titles(anna, "tag=爬虫")) == 4
    assert titles(anna, "tag=爬虫&level=intermediate") == ["爬虫进阶课"]
    found = titles(anna, "q=爬虫&price=100")
    assert CRAWLER in found and "爬虫进阶课" not in found


def test_each_link_of_the_filters_leads_to_as_many_courses_as_it_says(anna: Follower) -> None:
    page = anna.get("/courses?tag=爬虫").text
    counted = re.findall(r'href="(/courses\?[^"]+)"[^>]*>[^<]+<span>(\d+)</span>', page)
    assert len(counted) >= 4
    for address, count in counted:
        assert len(TITLE.findall(anna.get(unescape(address)).text)) == int(count), address


def test_a_question_shows_why_each_course_was_found(anna: Follower) -> None:
    assert 'class="cell-reason"' in anna.get("/courses?q=爬虫").text
    assert 'class="cell-reason"' not in anna.get("/courses").text


def test_when_nothing_is_left_the_page_says_what_to_leave_out(anna: Follower) -> None:
    page = anna.get("/courses?tag=Git&level=advanced").text
    assert "没有找到合适的课" in page
    ways = re.findall(r'<a class="tag" href="([^"]+)">不限「(\w+)」 · (\d+) 门', page)
    assert ways == [("/courses?tag=Git", "高级", "1")]


def test_when_no_single_filter_helps_each_is_offered_alone(anna: Follower) -> None:
    page = anna.get("/courses?tag=Git&level=intermediate&price=above").text
    assert "只看「Git」 · 1 门" in page and "只看「进阶」 · 1 门" in page


@pytest.mark.parametrize(
    "query", ["page=0", "page=-3", "page=99999999", "page=x", "page=٣", "level=no", "price=1%27", "sort=%00"]
)
def test_what_the_address_says_wrongly_is_left_out(anna: Follower, query: str) -> None:
    assert len(titles(anna, query)) == 8


def test_the_form_keeps_the_filters(anna: Follower) -> None:
    page = anna.get("/courses?tag=爬虫&price=100").text
    assert '<input type="hidden" name="tag" value="爬虫">' in page
    assert '<input type="hidden" name="price" value="100">' in page


def test_a_searched_shelf_is_kept_out_of_search_engines(anna: Follower) -> None:
    assert 'content="noindex"' in anna.get("/courses?q=爬虫").text
    assert 'content="noindex"' not in anna.get("/courses").text


def test_part_of_a_title_is_found_where_the_librarian_makes_nothing_of_it(anna: Follower) -> None:
    assert titles(anna, "q=索引小课") == [MYSQL]
    page = anna.get("/courses?q=小课").text
    assert CRAWLER in page and MYSQL in page and "最接近" not in page
