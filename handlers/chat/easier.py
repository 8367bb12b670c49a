"""``太难了``, ``有更深入的吗``, ``太长了``, ``我是零基础`` behind a list: what changed is said first.

What is easier, deeper or shorter than the course that was looked at, or else the first of the list; and the
truth when nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from content.course import Course
from handlers.chat import listing, question
from handlers.chat.turn import Turn
from handlers.found_lists import CLOSE_TO_BEST, courses_of
from handlers.shop import Shop
from nlp import LEVELS, wished_change


def answer(shop: Shop, turn: Turn) -> str | None:
    """None for what does not go on from a list, or says nothing of level or length."""
    if not turn.means("ask") or not turn.goes_on:
        return None
    limits = turn.librarian.read(turn.text).limits  # of this message alone
    change = wished_change(turn.text) if limits.level or limits.short else ""
    than = _talked_of(turn) if change else None
    if than is not None:
        return _changed(shop, turn, than, change)
    return _by_level(shop, turn, limits.level) if limits.level else None


def _talked_of(turn: Turn) -> Course | None:
    chosen = turn.catalogue.by_id(turn.session.chosen) if turn.session.chosen else None
    return chosen or turn.listed(1)


def _changed(shop: Shop, turn: Turn, than: Course, change: str) -> str:
    """Only what is so, in the order in which it fits."""
    courses, reasons = _close(turn)
    changed = _CHANGES[change]
    fitting = [course for course in courses if changed.is_so(course, than)]
    told = {"title": than.title, "minutes": than.minutes}
    if fitting:
        return _show(shop, turn, fitting, reasons, shop.say(changed.opening, **told))
    none = shop.say(changed.none, **told)
    others = [course for course in courses if course is not than and changed.is_alike(course, than)]
    if not others:
        return shop.say("list.nothing_beside", none=none)
    return _show(shop, turn, others, reasons, shop.say("list.others_beside", none=none))


def _by_level(shop: Shop, turn: Turn, level: str) -> str | None:
    """What is of this level first; None where nothing fits at all."""
    found, reasons = _close(turn)
    courses = sorted(found, key=lambda course: abs(LEVELS.index(course.level) - LEVELS.index(level)))
    if not courses:
        return None
    if courses[0].level == level:
        opening = shop.say(_LEVELS[level])
    else:
        opening = shop.say("list.none_of_level", level=shop.say(f"level.{level}"))
    return _show(shop, turn, courses, reasons, opening)


def _close(turn: Turn) -> tuple[list[Course], dict[str, str]]:
    """The courses that fit nearly as well as the best, with their reasons."""
    hits = turn.librarian.search(turn.reading, limit=question.MAX_FOUND).hits
    close = [hit for hit in hits if hit.score >= CLOSE_TO_BEST * hits[0].score]
    return courses_of(turn.catalogue, close), {hit.id: hit.reason for hit in close}


def _show(shop: Shop, turn: Turn, courses: Sequence[Course], reasons: dict[str, str], opening: str) -> str:
    question.remember(shop, turn, "ask", [course.id for course in courses[: listing.PAGE]])
    query = question.asked(turn)
    return listing.show(shop, turn, courses, query=query, reasons=reasons, opening=opening)


def _steps(course: Course, than: Course) -> int:
    return LEVELS.index(course.level) - LEVELS.index(than.level)


_Holds = Callable[[Course, Course], bool]


class _Change(NamedTuple):
    """Whether a course is so against another, and whether it is at least alike; what is said before those
    that are, and where none is."""

    is_so: _Holds
    is_alike: _Holds
    opening: str
    none: str


_CHANGES = {
    "easier": _Change(
        lambda one, than: _steps(one, than) < 0,
        lambda one, than: not _steps(one, than),
        "list.opening_easier",
        "list.none_easier",
    ),
    "deeper": _Change(
        lambda one, than: _steps(one, than) > 0,
        lambda one, than: not _steps(one, than),
        "list.opening_deeper",
        "list.none_deeper",
    ),
    "shorter": _Change(
        lambda one, than: 0 < one.minutes < than.minutes,
        lambda one, than: False,
        "list.opening_shorter",
        "list.none_shorter",
    ),
}
_LEVELS = {
    "beginner": "list.opening_beginner",
    "intermediate": "list.opening_intermediate",
    "advanced": "list.opening_advanced",
}
