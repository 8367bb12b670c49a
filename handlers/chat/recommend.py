"""``推荐``: where to begin."""

from __future__ import annotations

from content.course import Course
from handlers.chat import listing
from handlers.chat.turn import Turn
from handlers.found_lists import courses_of
from handlers.owning import owned_ids
from handlers.shop import Shop
from nlp import LEVELS, Limits

MAX_COURSES = 12


def answer(shop: Shop, turn: Turn) -> str | None:
    return show(shop, turn) if turn.means("recommend") else None


def show(shop: Shop, turn: Turn) -> str:
    """A first list for somebody who has no question yet; what they own is left out."""
    if turn.text and turn.reading.limits != Limits():
        return _within(shop, turn)
    courses = [course for course in favourites(turn) if not turn.seems_owned.opens(course)]
    if not courses:
        return shop.say("list.none_recommended" if turn.catalogue.courses else "fallback.empty_shelf")
    opening = shop.say("list.opening_recommend")
    return listing.show(shop, turn, courses[:MAX_COURSES], query="", reasons={}, opening=opening)


def _within(shop: Shop, turn: Turn) -> str:
    """``200 以内``, ``免费的课``, ``最贵的课``: no topic, but a price, a level or an order."""
    mine = owned_ids(turn.seems_owned, turn.catalogue)
    found = turn.librarian.search(turn.reading, limit=MAX_COURSES, exclude=mine).hits
    courses = courses_of(turn.catalogue, found)
    if not courses:
        return shop.say("list.none_within" if turn.catalogue.courses else "fallback.empty_shelf")
    limits, reasons = turn.reading.limits, {hit.id: hit.reason for hit in found}
    opening = shop.say(
        "list.opening_cheap"
        if limits.cheap
        else "list.opening_dear"
        if limits.dear
        else "list.opening_within"
    )
    return listing.show(shop, turn, courses, query=turn.text, reasons=reasons, opening=opening)


def favourites(turn: Turn) -> list[Course]:
    """Beginners' courses first, a free one at the head, and no two about the same thing in a row.

    Sales are not looked at yet: an order by honest rules beats one by a handful of purchases.
    """
    ranked = sorted(
        turn.catalogue.courses,
        key=lambda course: (
            LEVELS.index(course.level),
            course.price_fen > 0,
            -len(course.lessons),
            course.id,
        ),
    )
    return _varied(ranked)


def _varied(ranked: list[Course]) -> list[Course]:
    """Courses whose first tag was not seen yet come before the others, each group in its order."""
    seen: set[str] = set()
    fresh: list[Course] = []
    rest: list[Course] = []
    for course in ranked:
        topic = course.tags[0].casefold() if course.tags else course.id
        (rest if topic in seen else fresh).append(course)
        seen.add(topic)
    return fresh + rest
