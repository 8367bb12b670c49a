"""What a purchase opens at once, and what comes when: the same in the chat and on the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from content.course import Course, Lesson
from handlers.shop import Shop
from handlers.timetable import Timetable, moment_text, timetable

_DAY = timedelta(days=1)


def before_paying(shop: Shop, openid: str, course: Course | None) -> str:
    """Nobody knows yet when it will be paid: what comes later is told in days from then."""
    if course is None or not course.waits:
        return shop.say("opening.at_once")
    times = timetable(shop, openid, course)
    if not times.owned:
        times = replace(times, owned=True, since=times.now)
    waiting = _next(times)
    if waiting is None:
        return shop.say("opening.at_once")
    lesson, at, count = waiting
    key = "opening.bit_by_bit" if count else "opening.later"
    return shop.say(key, count=count, lesson=lesson.title, days=ceil((at - times.now) / _DAY))


def after_paying(shop: Shop, openid: str, course: Course | None) -> str:
    """Empty when nothing has to be waited for."""
    if course is None or not course.waits:
        return ""
    times = timetable(shop, openid, course)
    waiting = _next(times) if times.owned else None
    if waiting is None:
        return ""
    lesson, at, count = waiting
    key = "opening.now" if count else "opening.not_yet"
    return shop.say(key, count=count, lesson=lesson.title, at=moment_text(shop, at))


def _next(times: Timetable) -> tuple[Lesson, datetime, int] | None:
    """The lesson that opens next, when, and how many are open; None when nothing waits."""
    moments = [(lesson, times.opens_at(lesson)) for lesson in times.course.lessons]
    waiting = [(lesson, at) for lesson, at in moments if at is not None]
    if not waiting:
        return None
    lesson, at = min(waiting, key=lambda one: one[1])
    return lesson, at, len(moments) - len(waiting)
