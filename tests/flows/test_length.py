"""The longest titles and summaries that a creator may write: WeChat takes 2048 bytes, and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from content.fields import MAX_SUMMARY_CHARS, MAX_TITLE_CHARS
from tests.flows.courses import write_course
from tests.flows.town import Town, open_town

LIMIT_BYTES = 2048
COURSES = 9


def full(text: str, characters: int) -> str:
    return (text * characters)[:characters]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("long")
    for number in range(COURSES):
        write_long_course(folder / "courses", number)
    with open_town(folder, platform_keys, folder / "courses") as opened:
        yield opened


def write_long_course(root: Path, number: int) -> None:
    title = full(f"第{number}门爬虫课程名字很长", MAX_TITLE_CHARS)
    summary = full(f"第{number}门课教你把网页抓下来", MAX_SUMMARY_CHARS)
    slug = f"a-very-long-course-name-{number}"
    folder = write_course(root, slug, title=title, summary=summary, tags="爬虫", price="1234.56")
    for lesson in range(4, 16):
        name = full(f"第{lesson}课的名字也很长", MAX_TITLE_CHARS)
        (folder / f"{lesson:02d}-lesson.md").write_text(f"---\ntitle: {name}\n---\n正文\n", encoding="utf-8")


def assert_whole(reply: str) -> None:
    assert len(reply.encode()) <= LIMIT_BYTES
    assert not reply.rstrip().endswith("\n…"), reply[-120:]


def test_no_reply_of_the_longest_course_is_cut(town: Town) -> None:
    anna = town.follower()
    assert_whole(anna.follow())
    for words in ("想学爬虫，零基础", "更多", "1", "买 1", "推荐", "想学爬虫", "3", "购买 爬虫"):
        assert_whole(anna.say(words))


def test_no_reply_about_many_orders_and_courses_is_cut(town: Town) -> None:
    anna = town.new_follower()
    courses = town.rooms.shop.shelf.catalogue().courses
    for course in courses:
        order_no = anna.order(f"购买 {course.title}")
        anna.pay(order_no)
    assert_whole(anna.say("我的课程"))
    assert_whole(anna.say("我的订单"))
    assert_whole(anna.say("退款"))
    assert_whole(anna.say("继续"))
    anna.unfollow()
    assert_whole(anna.follow())
