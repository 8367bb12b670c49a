"""``便宜一点的`` behind a list: what costs less than its first course, and the truth when nothing does."""

from __future__ import annotations

from content.course import Course
from handlers.chat import listing, question
from handlers.chat.turn import Turn
from handlers.found_lists import CLOSE_TO_BEST, courses_of
from handlers.price import price_text
from handlers.shop import Shop


def answer(shop: Shop, turn: Turn) -> str | None:
    """None for what does not go on from a list that answered a question, or asks for something else."""
    first = _shown_first(turn) if turn.means("ask") and turn.reading.limits.cheap else None
    if first is not None and not turn.librarian.read(turn.text).limits.cheap:
        return None  # it was the message before this one that asked for less
    if first is None:
        return None
    found = turn.librarian.search(turn.reading, limit=question.MAX_FOUND)
    close = [hit for hit in found.hits if hit.score >= CLOSE_TO_BEST * found.hits[0].score]
    courses = [each for each in courses_of(turn.catalogue, close) if each.price_fen < first.price_fen]
    courses.sort(key=lambda course: course.price_fen)
    price = price_text(shop.say, first.price_fen)
    if not courses:
        key = "list.none_cheaper" if first.price_fen else "list.none_below_free"
        return shop.say(key, title=first.title, price=price)
    opening = shop.say("list.opening_cheaper", title=first.title, price=price)
    reasons = {hit.id: hit.reason for hit in found.hits}
    query = question.asked(turn)
    question.remember(shop, turn, "ask", [course.id for course in courses[: listing.PAGE]])
    return listing.show(shop, turn, courses, query=query, reasons=reasons, opening=opening)


def _shown_first(turn: Turn) -> Course | None:
    """The first course of the page that this message goes on from."""
    return turn.listed(1) if turn.goes_on else None
