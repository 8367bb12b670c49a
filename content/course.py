"""What is on the shelf, as the other rooms see it: no paid text stands in any of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from content.concept import OwnConcept

Level = Literal["beginner", "intermediate", "advanced"]

LEVEL_NAMES: Mapping[str, str] = {"beginner": "入门", "intermediate": "进阶", "advanced": "高级"}


@dataclass(frozen=True)
class Lesson:
    """One lesson. ``free_html`` is the whole text of a free lesson, or what stands above the paywall.

    Both are sanitised HTML. ``minutes`` is the reading time, written by the creator or estimated.
    """

    slug: str
    title: str
    chapter: str
    position: int
    free: bool
    free_html: str
    has_paid: bool
    minutes: int


@dataclass(frozen=True)
class Course:
    """One course in one version.

    ``access`` is ``forever``, ``<n>d`` or an ISO date (the last day); ``refund`` is ``none`` or ``<n>d``.
    ``search_text`` is plain text of what is free. ``listed`` is False for a withdrawn course: its buyers
    still read it, nobody is offered it. ``lead_html`` is the page above ``<!--more-->``, or empty.
    """

    id: str
    slug: str
    title: str
    summary: str
    price_fen: int
    price_original_fen: int | None
    level: str
    tags: tuple[str, ...]
    teacher: str
    access: str
    refund: str
    page_html: str
    search_text: str
    lessons: tuple[Lesson, ...]
    version: int
    published_at: datetime
    listed: bool = True
    lead_html: str = ""

    @property
    def free_lessons(self) -> tuple[Lesson, ...]:
        return tuple(lesson for lesson in self.lessons if lesson.free)

    @property
    def first_free(self) -> Lesson | None:
        """The lesson to try the course with, if it has one."""
        return next(iter(self.free_lessons), None)

    @property
    def minutes(self) -> int:
        return sum(lesson.minutes for lesson in self.lessons)

    def lesson(self, slug: str) -> Lesson | None:
        return next((lesson for lesson in self.lessons if lesson.slug == slug), None)

    def after(self, slug: str) -> Lesson | None:
        """The lesson that follows ``slug``, or None at the end."""
        return self._beside(slug, 1)

    def before(self, slug: str) -> Lesson | None:
        """The lesson that precedes ``slug``, or None at the beginning."""
        return self._beside(slug, -1)

    def _beside(self, slug: str, step: int) -> Lesson | None:
        here = next((at for at, lesson in enumerate(self.lessons) if lesson.slug == slug), None)
        if here is None or not 0 <= here + step < len(self.lessons):
            return None
        return self.lessons[here + step]


@dataclass(frozen=True)
class Catalogue:
    """All courses at one version. ``courses`` are on offer; ``withdrawn`` are kept for their buyers.

    ``former_slugs`` leads from each slug that was ever published to a course id, for old links. ``concepts``
    are the creator's own, for the search.
    """

    version: int
    courses: tuple[Course, ...]
    withdrawn: tuple[Course, ...] = ()
    former_slugs: Mapping[str, str] = field(default_factory=dict)
    concepts: tuple[OwnConcept, ...] = ()

    def by_id(self, course_id: str) -> Course | None:
        """The course, withdrawn ones included: look at ``listed`` before offering it."""
        return self._ids.get(course_id)

    def by_slug(self, slug: str) -> Course | None:
        """The course at this address, now or formerly; when its ``slug`` differs, redirect there."""
        return self._slugs.get(slug) or self._ids.get(self.former_slugs.get(slug, ""))

    @cached_property
    def _ids(self) -> dict[str, Course]:
        return {course.id: course for course in (*self.withdrawn, *self.courses)}

    @cached_property
    def _slugs(self) -> dict[str, Course]:
        # What is on offer comes last and wins: a withdrawn course's address may have a new tenant.
        return {course.slug: course for course in (*self.withdrawn, *self.courses)}
