"""The shelf: all courses, by a question, a tag, a level and a price, in any mixture; twenty a page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter

from content.course import Course
from handlers.shop import Shop
from handlers.web.base import Page
from handlers.web.share import as_card, shelf_card
from handlers.web.shelf_index import PRICES, SORTS, Found, ShelfIndex, ShelfIndexes, Wish
from nlp import LEVELS
from payments.rights import Access

MAX_QUESTION_CHARS = 100
MAX_FOUND = 60  # of a question; what comes later has next to nothing to do with it
MAX_PAGE = 10_000
PRICE_NAMES = {
    "free": "shelf.price_free",
    "50": "shelf.price_fifty",
    "100": "shelf.price_hundred",
    "200": "shelf.price_two_hundred",
    "above": "shelf.price_above",
}
SORT_NAMES = {"best": "shelf.sort_best", "new": "shelf.sort_new", "price": "shelf.sort_price"}


@dataclass(frozen=True)
class WayOut:
    """What to leave out when nothing was found, and how many courses there are then. ``only``: all else."""

    facet: str
    value: str
    address: str
    count: int
    only: bool = False


@dataclass(frozen=True)
class ShelfView:
    """What the template shows. ``reasons``: why a course was found, by id. ``near``: nothing fits, and these
    only come close.
    """

    wish: Wish
    found: Found
    tags: tuple[str, ...]
    owned: Access
    offers: tuple[Course, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    near: bool = False
    ways_out: tuple[WayOut, ...] = ()


class ShelfPage(Page):
    name = "shelf"

    async def get(self) -> None:
        view = await self.work(look, self.shop, self.room.indexes, self.openid, self._wish())
        card = as_card(self, shelf_card(self.shop))
        self.render("shelf.html", view=view, levels=LEVELS, prices=PRICE_NAMES, sorts=SORT_NAMES, **card)

    def _wish(self) -> Wish:
        """What the address says; what it says wrongly is left out."""
        page = self._asked("page")
        return Wish(
            question=self._asked("q"),
            tag=self._asked("tag"),
            level=_one_of(LEVELS, self._asked("level"), ""),
            price=_one_of(PRICES, self._asked("price"), ""),
            sort=_one_of(SORTS, self._asked("sort"), SORTS[0]),
            page=min(int(page), MAX_PAGE) if page.isascii() and page.isdigit() else 1,
        )

    def _asked(self, name: str) -> str:
        return self.get_query_argument(name, "")[:MAX_QUESTION_CHARS]


def _one_of(known: tuple[str, ...], asked: str, otherwise: str) -> str:
    return asked if asked in known else otherwise


def _cheap_first(offer: Course) -> tuple[int, str]:
    return offer.price_fen, offer.id


def look(shop: Shop, indexes: ShelfIndexes, openid: str | None, wish: Wish) -> ShelfView:
    """The courses that a wish leaves, and what else there is to choose."""
    index = indexes.of(shop.shelf.catalogue())
    reasons, near = _search(shop, index, wish.question) if wish.question else (None, False)
    found = index.find(wish, reasons)
    owned = shop.till.owned(openid) if openid else Access()
    # Whoever looks for something is shown courses; the ways to buy several stand on the whole shelf.
    offers = sorted(index.catalogue.offers, key=_cheap_first) if wish.is_plain and found.page == 1 else ()
    return ShelfView(
        replace(wish, page=found.page),
        found,
        index.common_tags(wish.tag),
        owned,
        tuple(offers),
        # A reason is made when it is read: only of those that are shown.
        {course.id: reasons[course.id]() for course in found.courses} if reasons else {},
        near,
        () if found.count else _ways_out(index, wish, reasons),
    )


def _search(shop: Shop, index: ShelfIndex, question: str) -> tuple[dict[str, Callable[[], str]], bool]:
    """What makes the reason by course id, the best course first; and whether these only come close.

    Part of a title is typed here by who knows the course already; the librarian reads whole questions.
    """
    answer = shop.library.librarian().search(question, limit=MAX_FOUND)
    titled = index.titled(question) if not answer.hits else ()
    if titled:
        return dict.fromkeys(titled, str), False
    hits = answer.hits or answer.nearest
    return {hit.id: partial(attrgetter("reason"), hit) for hit in hits}, not answer.hits


def _ways_out(index: ShelfIndex, wish: Wish, hits: Collection[str] | None) -> tuple[WayOut, ...]:
    """One filter less, else one filter alone: only where that leads to something."""
    less = [_way(index, facet, value, wish.but(**{facet: ""}), hits) for facet, value in wish.filters]
    if wish.question and wish.filters:
        less.append(_way(index, "question", wish.question, wish.but(question=""), None))
    if any(way.count for way in less):
        return tuple(way for way in less if way.count)
    alone = [
        _way(index, facet, value, Wish().but(**{facet: value}), None, only=True)
        for facet, value in wish.filters
    ]
    return tuple(way for way in alone if way.count)


def _way(
    index: ShelfIndex, facet: str, value: str, wish: Wish, hits: Collection[str] | None, *, only: bool = False
) -> WayOut:
    return WayOut(facet, value, wish.address(), index.count(wish, hits), only)
