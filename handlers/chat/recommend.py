"""``推荐``: where to begin; ``有新课吗``, ``哪门卖得最好``, ``最便宜的是哪门``: the shelf, or the last list,
in the order asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from content.course import Course
from handlers.chat import listing
from handlers.chat.turn import Turn
from handlers.found_lists import courses_of
from handlers.owning import owned_ids
from handlers.shop import Shop
from nlp import LEVELS, Answer, Limits

MAX_COURSES = 12
FEW_SALES = 5  # below, what sells best is chance


def answer(shop: Shop, turn: Turn) -> str | None:
    return show(shop, turn) if turn.means("recommend") else None


def show(shop: Shop, turn: Turn) -> str:
    """A first list for somebody who has no question yet; what they own is left out."""
    in_order = _ORDERS.get(turn.reading.asked) if turn.text else None
    if in_order is not None:
        return in_order(shop, turn)
    if turn.text and turn.reading.limits != Limits():
        return _within(shop, turn)
    return _first(shop, turn, favourites(turn), "list.opening_recommend")


def _first(shop: Shop, turn: Turn, ranked: Sequence[Course], opening: str) -> str:
    """The first of a ranking; what they own is left out."""
    access = turn.seems_owned
    courses = [course for course in ranked if not (access.opens(course) or access.goes_back(course))]
    if not courses:
        return shop.say("list.none_recommended" if turn.catalogue.courses else "fallback.empty_shelf")
    return listing.show(shop, turn, courses[:MAX_COURSES], query="", reasons={}, opening=shop.say(opening))


def _newest(shop: Shop, turn: Turn) -> str:
    ranked = sorted(turn.catalogue.courses, key=lambda course: (-course.new_at.timestamp(), course.id))
    return _first(shop, turn, ranked, "list.opening_newest")


def _popular(shop: Shop, turn: Turn) -> str:
    """By what was bought of late; a shop that has just opened says so."""
    sold = shop.till.sold_lately()
    ranked = [course for course in favourites(turn) if sold[course.id]]
    if sum(sold[course.id] for course in ranked) < FEW_SALES:
        return _first(shop, turn, favourites(turn), "list.opening_few_sold")
    ranked.sort(key=lambda course: -sold[course.id])
    return _first(shop, turn, ranked, "list.opening_popular")


def _most(opening: str, key: Callable[[Course], int]) -> Callable[[Shop, Turn], str]:
    """The last list by its prices, lengths or levels; the whole shelf when there was no list."""

    def answer(shop: Shop, turn: Turn) -> str:
        found = _listed(turn)
        ranked = sorted(found or favourites(turn), key=key)
        if not ranked:
            return shop.say("fallback.empty_shelf")
        told = shop.say("list.of_these" if found else "list.of_all", opening=shop.say(opening))
        query = turn.session.listing.query if found and turn.session.listing else ""
        return listing.show(shop, turn, ranked[:MAX_COURSES], query=query, reasons={}, opening=told)

    return answer


def _listed(turn: Turn) -> list[Course]:
    """The courses of the last answer, where there is a choice. A list that answered no question is the
    shelf's."""
    last = turn.session.listing
    courses = [turn.catalogue.by_id(each) for each in last.ids] if last and last.query else []
    found = [course for course in courses if course is not None]
    return found if len(found) > 1 else []


_ORDERS: dict[str, Callable[[Shop, Turn], str]] = {
    "newest": _newest,
    "popular": _popular,
    "cheapest": _most("list.cheapest", lambda course: course.price_fen),
    "dearest": _most("list.dearest", lambda course: -course.price_fen),
    "shortest": _most("list.shortest", lambda course: course.minutes),
    "longest": _most("list.longest", lambda course: -course.minutes),
    "easiest": _most("list.easiest", lambda course: LEVELS.index(course.level)),
    "hardest": _most("list.hardest", lambda course: -LEVELS.index(course.level)),
}


def _within(shop: Shop, turn: Turn) -> str:
    """``200 以内``, ``免费的课``, ``最贵的课``: no topic, but a price, a level or an order."""
    mine = owned_ids(turn.seems_owned, turn.catalogue)
    answer = turn.librarian.search(turn.reading, limit=MAX_COURSES, exclude=mine)
    limits = turn.reading.limits
    # A price that nothing keeps to is a no; for a language or a form there is something instead.
    found = answer.hits or (answer.nearest if limits.language or limits.form else ())
    courses = courses_of(turn.catalogue, found)
    if not courses:
        return shop.say("list.none_within" if turn.catalogue.courses else "fallback.empty_shelf")
    reasons = {hit.id: hit.reason for hit in found}
    opening = _opening(shop, limits, answer)
    return listing.show(shop, turn, courses, query=turn.text, reasons=reasons, opening=opening)


def _opening(shop: Shop, limits: Limits, answer: Answer) -> str:
    if not answer.hits:
        return shop.say("list.opening_none_within", note=answer.note)
    if limits.cheap or limits.dear:
        return shop.say("list.opening_cheap" if limits.cheap else "list.opening_dear")
    return shop.say("list.opening_within")


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
