"""Where a follower goes on in a course: the same in the chat, in the receipt and on the pages."""

from __future__ import annotations

from datetime import datetime

from content.course import Course, Lesson
from handlers.shop import Shop


def next_lesson(shop: Shop, openid: str, course: Course) -> Lesson | None:
    """The lesson where this follower stopped, or the first unread one after it; None when all is read."""
    opened = shop.progress.opened(openid, course.id)
    at = _last(course, opened)
    if at is None:
        return course.lessons[0] if course.lessons else None
    lesson = course.lessons[at]
    if lesson.has_paid and _before_it_was_theirs(shop, openid, course, opened[lesson.slug]):
        return lesson  # they saw how it begins, and bought the course to read on
    onward = course.lessons[at + 1 :] + course.lessons[:at]
    return next((one for one in onward if one.slug not in opened), None)


def _last(course: Course, opened: dict[str, datetime]) -> int | None:
    """Which lesson was opened last; what the creator has taken out does not count."""
    known = [at for at, lesson in enumerate(course.lessons) if lesson.slug in opened]
    return max(known, key=lambda at: opened[course.lessons[at].slug], default=None)


def _before_it_was_theirs(shop: Shop, openid: str, course: Course, moment: datetime) -> bool:
    grants = [grant for grant in shop.till.grants_of(openid) if grant.opens(course)]
    return all(moment <= grant.starts_at for grant in grants)
