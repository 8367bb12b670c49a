"""The shelf counted and sorted beforehand: once for a catalogue, however many look at it."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import Any
from urllib.parse import urlencode

from content.course import Catalogue, Course
from nlp import LEVELS

PAGE_COURSES = 20
MAX_TAGS = 12
# Cumulative, as people think of a budget; what is free is within each of them.
CEILINGS_FEN = {"50": 50_00, "100": 100_00, "200": 200_00}
PRICES = ("free", *CEILINGS_FEN, "above")
SORTS = ("best", "new", "price")
FACETS = ("tag", "level", "price")


@dataclass(frozen=True)
class Wish:
    """What a follower looks for, as it stands in the address. ``sort`` is one of `SORTS`; "" is no filter."""

    question: str = ""
    tag: str = ""
    level: str = ""
    price: str = ""
    sort: str = SORTS[0]
    page: int = 1

    def but(self, **changes: Any) -> Wish:
        """With something changed; whatever changes, the first page comes first."""
        return replace(self, **({"page": 1} | changes))

    def address(self, **changes: Any) -> str:
        """The shelf's, with something changed."""
        wish = self.but(**changes)
        sort = "" if wish.sort == SORTS[0] else wish.sort
        page = str(wish.page) if wish.page > 1 else ""
        values = {"q": wish.question, "tag": wish.tag, "level": wish.level, "price": wish.price}
        query = {name: value for name, value in (values | {"sort": sort, "page": page}).items() if value}
        return f"/courses?{urlencode(query)}" if query else "/courses"

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """``(facet, value)`` of those that are set."""
        return tuple((facet, getattr(self, facet)) for facet in FACETS if getattr(self, facet))

    @property
    def is_plain(self) -> bool:
        """Nothing is looked for: the whole shelf."""
        return not self.question and not self.filters


@dataclass(frozen=True)
class Found:
    """One page of what was found. ``count``: on all ``pages``. ``counts``: courses by facet and value, were
    that value chosen instead.
    """

    courses: tuple[Course, ...]
    count: int
    page: int
    pages: int
    counts: dict[str, dict[str, int]]


class ShelfIndex:
    """One catalogue. Courses are told by their place in it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._courses = catalogue.courses
        self._places = {course.id: place for place, course in enumerate(catalogue.courses)}
        self._having = _places_by_facet(catalogue.courses)
        self._orders = {sort: self._sorted(key) for sort, key in _KEYS.items()}

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """All tags, the most common first."""
        counted = Counter(tag for course in self._courses for tag in course.tags)
        return tuple(tag for tag, _ in counted.most_common())

    def common_tags(self, chosen: str) -> tuple[str, ...]:
        """The tags to choose from; the chosen one comes first, for a phone shows only a row's beginning."""
        often = [tag for tag in self.tags if len(self._having["tag"][tag]) > 1 and tag != chosen][:MAX_TAGS]
        return (chosen, *often) if chosen in self._having["tag"] else tuple(often)

    def titled(self, part: str) -> tuple[str, ...]:
        """Ids of the courses with this in their titles, as the shelf has them."""
        sought = part.strip().casefold()
        best = (self._courses[place] for place in self._orders[SORTS[0]])
        return tuple(course.id for course in best if sought and sought in course.title.casefold())

    def find(self, wish: Wish, hits: Collection[str] | None = None) -> Found:
        """``hits``: ids that the librarian found, the best first; None when nothing was asked."""
        found = None if hits is None else self._known(hits)
        left = self._left(wish, found)
        order = found if found is not None and wish.sort == SORTS[0] else self._orders[wish.sort]
        at_hand = [place for place in order if place in left]
        pages = max(1, -(-len(at_hand) // PAGE_COURSES))
        page = min(max(1, wish.page), pages)
        shown = at_hand[(page - 1) * PAGE_COURSES : page * PAGE_COURSES]
        courses = tuple(self._courses[place] for place in shown)
        return Found(courses, len(at_hand), page, pages, self._counts(wish, found))

    def count(self, wish: Wish, hits: Collection[str] | None = None) -> int:
        """How many there are."""
        return len(self._left(wish, None if hits is None else self._known(hits)))

    def _known(self, hits: Collection[str]) -> list[int]:
        # The librarian may be one catalogue behind.
        return [self._places[one] for one in hits if one in self._places]

    def _left(self, wish: Wish, found: Iterable[int] | None) -> frozenset[int]:
        left = self._everything if found is None else frozenset(found)
        for facet, value in wish.filters:
            left &= self._having[facet].get(value, frozenset())
        return left

    def _counts(self, wish: Wish, found: Sequence[int] | None) -> dict[str, dict[str, int]]:
        counts = {}
        for facet in ("level", "price"):
            left = self._left(wish.but(**{facet: ""}), found)
            having = self._having[facet]
            counts[facet] = {value: len(left & places) for value, places in having.items()}
        return counts

    @cached_property
    def _everything(self) -> frozenset[int]:
        return frozenset(range(len(self._courses)))

    def _sorted(self, key: Callable[[Course], Any]) -> tuple[int, ...]:
        return tuple(sorted(range(len(self._courses)), key=lambda place: key(self._courses[place])))


class ShelfIndexes:
    """Hands out the index of the present catalogue. Safe to share by threads."""

    def __init__(self) -> None:
        self._building = threading.Lock()
        self._index: ShelfIndex | None = None

    def of(self, catalogue: Catalogue) -> ShelfIndex:
        index = self._index
        if index is None or index.catalogue is not catalogue:
            with self._building:
                index = self._index
                if index is None or index.catalogue is not catalogue:
                    self._index = index = ShelfIndex(catalogue)
        return index


def _places_by_facet(courses: Sequence[Course]) -> dict[str, dict[str, frozenset[int]]]:
    places: dict[str, defaultdict[str, set[int]]] = {facet: defaultdict(set) for facet in FACETS}
    for place, course in enumerate(courses):
        places["level"][course.level].add(place)
        for tag in course.tags:
            places["tag"][tag].add(place)
        for name in _prices_of(course.price_fen):
            places["price"][name].add(place)
    return {
        facet: {value: frozenset(found) for value, found in values.items()}
        for facet, values in places.items()
    }


def _prices_of(price_fen: int) -> tuple[str, ...]:
    within = tuple(name for name, ceiling in CEILINGS_FEN.items() if price_fen <= ceiling)
    return ("free", *within) if price_fen == 0 else within or ("above",)


def _as_wished(course: Course) -> tuple[float, int, int, str]:
    """As the creator weighs them, the lighter first; of those without a weight the easy ones."""
    weight = inf if course.weight is None else course.weight
    return weight, LEVELS.index(course.level), course.price_fen, course.id


def _new_first(course: Course) -> tuple[float, str]:
    return -course.new_at.timestamp(), course.id


def _cheap_first(course: Course) -> tuple[int, int, str]:
    return course.price_fen, LEVELS.index(course.level), course.id


_KEYS: dict[str, Callable[[Course], Any]] = dict(
    zip(SORTS, (_as_wished, _new_first, _cheap_first), strict=True)
)
