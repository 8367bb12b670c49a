"""The shelf: all courses, by tag or by a question."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from content.course import Course
from handlers.shop import Shop
from handlers.web.base import Page
from nlp import LEVELS
from payments.rights import Access

MAX_QUESTION_CHARS = 100
MAX_TAGS = 12


@dataclass(frozen=True)
class ShelfView:
    """What the template shows."""

    courses: tuple[Course, ...]
    tags: tuple[str, ...]
    owned: Access
    offers: tuple[Course, ...] = ()


class ShelfPage(Page):
    name = "shelf"

    async def get(self) -> None:
        tag = self.get_query_argument("tag", "")[:MAX_QUESTION_CHARS]
        question = self.get_query_argument("q", "")[:MAX_QUESTION_CHARS]
        view = await self.work(look, self.shop, self.openid, tag, question)
        heading = "找课" if question else tag or "全部课程"
        self.render("shelf.html", view=view, tag=tag, question=question, heading=heading)


def _easy_first(course: Course) -> tuple[int, int, str]:
    return LEVELS.index(course.level), course.price_fen, course.id


def _cheap_first(offer: Course) -> tuple[int, str]:
    return offer.price_fen, offer.id


def look(shop: Shop, openid: str | None, tag: str, question: str) -> ShelfView:
    """The courses that a tag or a question leaves, and the tags to choose from."""
    catalogue = shop.shelf.catalogue()
    courses = tuple(sorted(catalogue.courses, key=_easy_first))
    if question:
        answer = shop.library.librarian().search(question, limit=20)
        found = (catalogue.by_id(hit.id) for hit in answer.hits or answer.nearest)
        courses = tuple(course for course in found if course is not None)
    elif tag:
        courses = tuple(course for course in courses if tag in course.tags)
    counted = Counter(name for course in catalogue.courses for name in course.tags)
    common = [name for name, count in counted.most_common(MAX_TAGS) if count > 1 and name != tag]
    # The chosen one comes first: further on it would lie outside the row that a phone shows.
    tags = (tag, *common) if tag in counted else tuple(common)
    owned = shop.till.owned(openid) if openid else Access()
    # Whoever looks for something is shown courses; the ways to buy several stand on the whole shelf.
    offers = () if question or tag else tuple(sorted(catalogue.offers, key=_cheap_first))
    return ShelfView(courses, tags, owned, offers)
