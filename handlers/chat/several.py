"""``想学爬虫，另外有没有讲 git 的``: each question of a message gets its courses, numbered through."""

from __future__ import annotations

from content.course import Course
from handlers.chat import listing, question
from handlers.chat.turn import Turn
from handlers.found_lists import courses_of
from handlers.shop import Shop
from nlp import Hit, Reading


def answer(shop: Shop, turn: Turn) -> str | None:
    """None for a single question, and when there is a course for none of them."""
    readings = turn.librarian.read_all(turn.text) if turn.means("ask") else ()
    if len(readings) < 2:
        return None
    found = [turn.librarian.search(reading, limit=listing.PAGE).hits for reading in readings]
    chosen = _shared_out([courses_of(turn.catalogue, hits) for hits in found])
    courses = [course for each in chosen for course in each]
    if not courses:
        return None
    lines = _lines(shop, turn, readings, chosen, found)
    listing.remember(turn, courses, turn.text[: question.MAX_REMEMBERED_CHARS])
    return shop.say(
        "list.found",
        opening=shop.say("list.opening_several"),
        courses="\n\n".join(lines),
        how_to_go_on=listing.how_to_go_on(shop, courses, has_more=False),
    )


def _shared_out(found: list[list[Course]]) -> list[list[Course]]:
    """One page for all questions: the best of each, then the next of each as long as there is room."""
    taken: set[str] = set()
    chosen: list[list[Course]] = [[] for _ in found]
    for rank in range(listing.PAGE):
        for mine, courses in zip(chosen, found, strict=True):
            course = courses[rank] if rank < len(courses) else None
            if course and course.id not in taken and len(taken) < listing.PAGE:
                taken.add(course.id)
                mine.append(course)
    return chosen


def _lines(
    shop: Shop,
    turn: Turn,
    readings: tuple[Reading, ...],
    chosen: list[list[Course]],
    found: list[tuple[Hit, ...]],
) -> list[str]:
    lines: list[str] = []
    number = 0
    for reading, courses, hits in zip(readings, chosen, found, strict=True):
        shown = [course.id for course in courses]
        kind = "ask" if hits else "unanswered"
        shop.members.record(turn.openid, kind, {"text": reading.text, "shown": shown})
        asked = question.quoted(reading.text)
        if not courses:
            # A question that is answered above already needs no second list.
            lines += [] if hits else [shop.say("list.none_of_several", asked=asked)]
            continue
        reasons = {hit.id: hit.reason for hit in hits}
        items = [
            listing.item(shop, turn, at, course, reasons[course.id])
            for at, course in enumerate(courses, number + 1)
        ]
        number += len(courses)
        lines.append(shop.say("list.one_of_several", asked=asked, courses="\n\n".join(items)))
    return lines
