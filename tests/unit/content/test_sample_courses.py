"""The sample catalogue keeps what it promises: a newcomer meets a whole shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.check import read_folder
from content.written import CourseSource

COURSES = Path(__file__).resolve().parents[3] / "content" / "courses"


@pytest.fixture(scope="module")
def sold() -> list[CourseSource]:
    """Courses, bundles and memberships."""
    found, problems = read_folder(COURSES)
    assert problems == []
    return found


@pytest.fixture(scope="module")
def courses(sold: list[CourseSource]) -> list[CourseSource]:
    return [one for one in sold if not one.includes]


def test_there_are_at_least_thirty_courses_from_free_to_399(courses: list[CourseSource]) -> None:
    assert len(courses) >= 30
    prices = [course.price_fen for course in courses]
    assert min(prices) == 0
    assert max(prices) == 39_900


def test_each_course_has_three_lessons_and_one_to_try(courses: list[CourseSource]) -> None:
    for course in courses:
        assert len(course.lessons) >= 3, course.id
        assert any(lesson.lesson.free for lesson in course.lessons), course.id


def test_each_paid_course_has_something_to_pay_for(courses: list[CourseSource]) -> None:
    for course in courses:
        assert (course.price_fen == 0) != any(lesson.paid_html for lesson in course.lessons), course.id


def test_six_courses_are_complete(courses: list[CourseSource]) -> None:
    assert sum(len(course.lessons) >= 6 for course in courses) >= 6


def test_there_is_a_bundle_that_saves_money_and_a_membership(sold: list[CourseSource]) -> None:
    prices = {one.id: one.price_fen for one in sold}
    bundle, membership = (next(one for one in sold if one.id == id_) for id_ in ("crawler-pair", "all-year"))
    apart_fen = sum(prices[id_] for _, id_ in bundle.includes)
    assert bundle.price_fen < apart_fen == bundle.price_original_fen
    assert membership.includes == (("all", "*"),)


def test_levels_teachers_and_tags_are_of_several_kinds(courses: list[CourseSource]) -> None:
    assert {course.level for course in courses} == {"beginner", "intermediate", "advanced"}
    assert len({course.teacher for course in courses}) >= 4
    assert all(len(course.tags) >= 3 for course in courses)
