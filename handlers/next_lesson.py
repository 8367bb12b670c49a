"""Where a follower goes on in a course: the same in the chat, in the receipt and on the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content.course import Course, Lesson
from handlers.shop import Shop
from handlers.timetable import timetable


def next_lesson(shop: Shop, openid: str, course: Course) -> Lesson | None:
    """The lesson where this follower stopped, or the first unread one after it; None when all is read.

    What is not open yet for this follower comes only when nothing else is left.
    """
    opened = shop.progress.opened(openid, course.id)
    at = _last(course, opened)
    if at is None:
        return _first_open(shop, openid, course, course.lessons)
    lesson = course.lessons[at]
    onward = [one for one in course.lessons[at + 1 :] + course.lessons[:at] if one.slug not in opened]
    if lesson.has_paid and _before_it_was_theirs(shop, openid, course, opened[lesson.slug]):
        onward = [lesson, *onward]  # they saw how it begins, and bought the course to read on
    return _first_open(shop, openid, course, onward)


def _first_open(shop: Shop, openid: str, course: Course, lessons: Sequence[Lesson]) -> Lesson | None:
    times = timetable(shop, openid, course) if course.waits else None
    open_now = (one for one in lessons if times is None or times.opens_at(one) is None)
    return next(open_now, lessons[0] if lessons else None)


def _last(course: Course, opened: dict[str, datetime]) -> int | None:
    """Which lesson was opened last; what the creator has taken out does not count."""
    known = [at for at, lesson in enumerate(course.lessons) if lesson.slug in opened]
    return max(known, key=lambda at: opened[course.lessons[at].slug], default=None)


def _before_it_was_theirs(shop: Shop, openid: str, course: Course, moment: datetime) -> bool:
    grants = [grant for grant in shop.till.grants_of(openid) if grant.opens(course)]
    return all(moment <= grant.starts_at for grant in grants)
