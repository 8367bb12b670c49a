"""Long lists of orders and of one's own courses go on with 「更多」, and end in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.courses import write_course
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town

COURSES = 11
TITLES = [f"第{number}门小课" for number in range(COURSES)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("pages")
    for number, title in enumerate(TITLES):
        write_course(
            folder / "courses", f"course-{number}", title=title, summary="爬虫", tags="爬虫", price="0"
        )
    with open_town(folder, platform_keys, folder / "courses") as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(town: Town) -> Follower:
    """Somebody who has taken all courses."""
    anna = town.new_follower()
    for title in TITLES:
        anna.say(f"购买 {title}")
    return anna


def titles_in(*replies: str) -> list[str]:
    return [title for reply in replies for title in TITLES if title in reply]


def test_all_orders_are_shown_page_by_page_and_each_once(owner: Follower) -> None:
    pages = [owner.say("我的订单"), owner.say("更多"), owner.say("更多")]
    assert [len(titles_in(page)) for page in pages] == [5, 5, 1]
    assert sorted(titles_in(*pages)) == sorted(TITLES)
    assert pages[0].startswith("最近") and pages[1].startswith("更早")
    assert ["更多" in page for page in pages] == [True, True, False]
    assert "没有了" in owner.say("更多")


def test_all_courses_are_shown_page_by_page_and_each_once(owner: Follower) -> None:
    pages = [owner.say("我的课程"), owner.say("更多")]
    assert sorted(titles_in(*pages)) == sorted(TITLES)
    assert "/me" in pages[0] and "更多" in pages[0] and "更多" not in pages[1]
    assert "就是这些" in owner.say("更多")


def test_a_button_of_the_menu_begins_a_list_too(owner: Follower) -> None:
    assert owner.tap_menu("MY_ORDERS").startswith("最近")
    assert owner.say("更多").startswith("更早")


def test_more_means_the_list_that_was_shown_last(town: Town) -> None:
    anna = town.new_follower()
    for title in TITLES[:6]:
        anna.say(f"购买 {title}")
    anna.say("我的订单")
    anna.say("爬虫")
    assert "1. " in anna.say("更多")
    anna.say("我的订单")
    assert anna.say("更多").startswith("更早")


def test_without_a_second_page_more_says_that_there_is_none(town: Town) -> None:
    anna = town.new_follower()
    anna.say(f"购买 {TITLES[0]}")
    assert "更多" not in anna.say("我的订单")
    assert "没有了" in anna.say("更多")
