"""The pages of a course whose creator wrote no more than had to be: nothing on them stands empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.follower import Follower
from tests.flows.town import Town, open_town

INDEX = '---\nid: plain\ntitle: 简单的课\nsummary: 一句话\nprice: "{price}"\n---\n介绍\n'
LESSON = "---\ntitle: 第一节\n---\n开头\n\n<!--members-only-->\n\n后面\n"


@pytest.fixture(scope="module", params=["0", "9.00"], ids=["free", "paid"])
def price(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any], price: str
) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(folder, platform_keys, write(folder / "courses", price)) as opened:
        yield opened


def write(root: Path, price: str) -> Path:
    course = root / "plain"
    course.mkdir(parents=True)
    (course / "_index.md").write_text(INDEX.format(price=price), encoding="utf-8")
    (course / "01-first.md").write_text(LESSON, encoding="utf-8")
    return root


def test_a_teacher_who_is_not_named_leaves_no_gap(anna: Follower) -> None:
    assert "主讲" not in anna.get("/courses/plain").text
    assert '<p class="byline">约 ' in anna.get("/courses/plain/first").text


def test_a_teacher_who_is_not_named_leaves_no_gap_in_the_chat(anna: Follower) -> None:
    anna.say("简单的课")
    card = anna.say("1")
    assert "《简单的课》" in card and "主讲" not in card and "·  ·" not in card


def test_the_shelf_has_no_row_of_tags_when_no_two_courses_share_one(anna: Follower) -> None:
    assert "按标签筛选" not in anna.get("/courses").text


def test_what_costs_nothing_is_taken_and_not_bought(anna: Follower, price: str) -> None:
    is_free = price == "0"
    course, lesson = anna.get("/courses/plain").text, anna.get("/courses/plain/first").text
    assert ("领取后可读" in course, "购买后可读" in course) == (is_free, not is_free)
    assert ("领取后继续读" in lesson, "购买后继续读" in lesson) == (is_free, not is_free)
