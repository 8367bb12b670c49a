"""Lists that are made once for all who ask the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from content.course import Catalogue, Course
from handlers import found_lists
from handlers.found_lists import FoundLists
from nlp import Answer, Hit


def a_course(course_id: str) -> Course:
    return Course(
        id=course_id,
        slug=course_id,
        title=course_id.title(),
        summary="",
        price_fen=99_00,
        price_original_fen=None,
        level="beginner",
        tags=(),
        teacher="",
        access="forever",
        refund="none",
        page_html="",
        search_text="",
        lessons=(),
        version=1,
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


ONE, TWO = a_course("one"), a_course("two")
FOUND = Answer(hits=(Hit("two", "Two", 0.9, "why"), Hit("one", "One", 0.8, "why")))


def shelf(*courses: Course) -> Catalogue:
    return Catalogue(version=1, courses=courses)


def test_the_same_answer_of_the_same_shelf_is_made_a_list_once() -> None:
    lists, catalogue = FoundLists(), shelf(ONE, TWO)
    first = lists.of(FOUND, catalogue)
    assert (first.ids, first.shown) == (("two", "one"), ["two", "one"])
    assert lists.of(FOUND, catalogue) is first


def test_another_shelf_makes_another_list() -> None:
    lists = FoundLists()
    first = lists.of(FOUND, shelf(ONE, TWO))
    first.text = "at the old price"
    dearer = lists.of(FOUND, shelf(ONE, replace(TWO, price_fen=TWO.price_fen + 1)))
    assert dearer.courses[0].price_fen == TWO.price_fen + 1 and dearer.text == ""
    assert lists.of(FOUND, shelf(ONE)).ids == ("one",)


def test_another_answer_makes_another_list_though_it_says_the_same() -> None:
    """It may have the number in memory of one that is gone."""
    lists, catalogue = FoundLists(), shelf(ONE, TWO)
    for _ in range(50):
        course = Answer(hits=(Hit("one", "One", 0.9, "why"),))
        assert lists.of(course, catalogue).ids == ("one",)
        other = Answer(hits=(Hit("two", "Two", 0.9, "why"),))
        assert lists.of(other, catalogue).ids == ("two",)
        del course, other


def test_no_more_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found_lists, "MOST_KEPT", 5)
    lists, catalogue = FoundLists(), shelf(ONE, TWO)
    answers = [replace(FOUND) for _ in range(20)]
    for answer in answers:
        lists.of(answer, catalogue)
        assert len(lists._kept) <= 5
