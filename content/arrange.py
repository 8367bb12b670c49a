"""What stands where at a moment: courses come to the shelf and leave it by the clock, unpublished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from content.concept import OwnConcept
from content.course import Catalogue, Course
from content.search_text import with_what_is_out
from content.showing import MEMBERS, PUBLIC, UNLISTED

_WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Stock:
    """All that is kept at one version, whatever the time: ``listed`` is as it was published."""

    version: int
    courses: tuple[Course, ...] = ()
    former_slugs: Mapping[str, str] = field(default_factory=dict)
    concepts: tuple[OwnConcept, ...] = ()


def arrange(stock: Stock, now: datetime) -> Catalogue:
    """The catalogue at this moment."""
    places: dict[str, list[Course]] = defaultdict(list)
    for course in sorted(stock.courses, key=_lightest_first):
        place = _place(course, now)
        offered = place in (PUBLIC, UNLISTED)
        places[place].append(_at(course, now, listed=offered))
    return Catalogue(
        version=stock.version,
        courses=tuple(course for course in places[PUBLIC] if not course.is_offer),
        withdrawn=tuple(places[_WITHDRAWN]),
        former_slugs=stock.former_slugs,
        concepts=stock.concepts,
        offers=tuple(course for course in places[PUBLIC] if course.is_offer),
        unlisted=tuple(places[UNLISTED]),
        for_members=tuple(places[MEMBERS]),
        moved_at=max((at for at in _moments(stock.courses) if at <= now), default=None),
    )


def _at(course: Course, now: datetime, *, listed: bool) -> Course:
    """The very same where nothing is to be changed."""
    text = with_what_is_out(course.search_text, course.lessons, now)
    if course.listed == listed and text == course.search_text:
        return course
    return replace(course, listed=listed, search_text=text)


def next_move(stock: Stock, now: datetime) -> datetime | None:
    """When the clock changes the catalogue next."""
    return min((at for at in _moments(stock.courses) if at > now), default=None)


def _place(course: Course, now: datetime) -> str:
    has_begun = course.opens_at is None or course.opens_at <= now
    has_ended = course.ends_at is not None and course.ends_at <= now
    return course.visibility if course.listed and has_begun and not has_ended else _WITHDRAWN


def _lightest_first(course: Course) -> tuple[bool, int, str]:
    return course.weight is None, course.weight or 0, course.slug


def _moments(courses: Iterable[Course]) -> Iterator[datetime]:
    for course in courses:
        if course.listed:
            yield from filter(None, (course.opens_at, course.ends_at))
            yield from (one.opens_at for one in course.lessons if one.opens_at and one.search_text)
