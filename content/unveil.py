"""Courses as they will be, before their time: drafts and what is not on sale yet, each with a mark."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from content.fields import MAX_TITLE_CHARS
from content.folder import Snapshot
from content.problem import Problem
from content.showing import PUBLIC, Showing
from content.source import read_course
from content.written import CourseSource, LessonSource

DRAFT, NOT_SHOWN = "【草稿】", "【不在架】"


def read_unveiled(snapshot: Snapshot, zone: ZoneInfo) -> tuple[CourseSource | None, list[Problem]]:
    """As `content.source.read_course`. A lesson that is a draft and cannot be read yet is left out."""
    course, problems = read_course(snapshot, zone, drafts=True)
    if course is None:
        course, problems = read_course(snapshot, zone)
    return (_unveiled(course) if course else None), problems


def _unveiled(course: CourseSource) -> CourseSource:
    hidden = _is_hidden(course.showing)
    mark = DRAFT if course.draft else NOT_SHOWN if hidden else ""
    return replace(
        course,
        draft=False,
        title=_marked(course.title, mark),
        lessons=tuple(_lesson(one, one.lesson.slug in course.draft_lessons) for one in course.lessons),
        showing=replace(course.showing, opens_at=None, ends_at=None, visibility=PUBLIC),
    )


def _is_hidden(showing: Showing) -> bool:
    return bool(showing.opens_at or showing.ends_at) or showing.visibility != PUBLIC


def _lesson(source: LessonSource, is_draft: bool) -> LessonSource:
    mark = DRAFT if is_draft else ""
    return replace(source, lesson=replace(source.lesson, title=_marked(source.lesson.title, mark)))


def _marked(title: str, mark: str) -> str:
    return f"{mark}{title}"[:MAX_TITLE_CHARS]
