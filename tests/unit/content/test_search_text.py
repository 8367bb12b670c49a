"""The text for the search is bounded, and what waits for its day is counted in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from content.course import Lesson
from content.search_text import MAX_SEARCH_CHARS, search_text, with_what_is_out

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def lesson(number: int, opens_at: datetime | None = None) -> Lesson:
    return Lesson(
        f"l{number}", f"第{number}课", "", number, free=True, has_paid=False, minutes=1, opens_at=opens_at
    )


def test_what_has_no_day_stands_in_the_course_and_the_rest_beside_it() -> None:
    text, kept = search_text("介绍", [(lesson(1), "甲"), (lesson(2, NOW), "乙"), (lesson(3, NOW), "")])
    assert text == "介绍\n第1课\n第2课\n第3课\n甲"
    assert [one.search_text for one in kept] == ["", "乙", ""]


def test_a_text_comes_with_its_moment() -> None:
    text, kept = search_text("介绍", [(lesson(1, NOW), "甲")])
    assert with_what_is_out(text, kept, NOW - timedelta(seconds=1)) == "介绍\n第1课"
    assert with_what_is_out(text, kept, NOW) == "介绍\n第1课\n甲"


def test_all_together_is_bounded() -> None:
    text, kept = search_text("介绍", [(lesson(number, NOW), "字" * 30_000) for number in range(5)])
    assert sum(len(one.search_text) for one in kept) + len(text) == MAX_SEARCH_CHARS
    assert len(with_what_is_out(text, kept, NOW)) == MAX_SEARCH_CHARS
    assert len(search_text("介绍" * 30_000, [(lesson(1, NOW), "字")])[0]) == MAX_SEARCH_CHARS
