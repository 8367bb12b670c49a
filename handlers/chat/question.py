"""Any question: up to three numbered courses that fit, with the reason, or an honest no."""

from __future__ import annotations

from collections.abc import Sequence

from content.course import Course
from handlers.chat import listing
from handlers.chat.turn import Turn
from handlers.price import yuan
from handlers.shop import Shop
from nlp import Answer, Hit

MAX_FOUND = 12  # four pages; whoever wants more asks anew
MAX_QUOTED_CHARS = 40
MAX_REMEMBERED_CHARS = 120
CLOSE_TO_BEST = 0.5


def answer(shop: Shop, turn: Turn) -> str | None:
    """None for what is no question about courses; the next in line says so."""
    if not turn.means("ask"):
        return None
    if not turn.catalogue.courses:
        return shop.say("fallback.empty_shelf")
    found = turn.librarian.search(turn.reading, limit=MAX_FOUND)
    courses = courses_of(turn, _worth_showing(found.hits))
    if courses:
        return _found(shop, turn, courses, found)
    return _near(shop, turn, found)


def about(shop: Shop, turn: Turn) -> str | None:
    """Courses for words that were not meant as a question (a title): only what fits, or None."""
    if not turn.means("ask"):
        return None
    found = turn.librarian.search(turn.reading, limit=MAX_FOUND)
    courses = courses_of(turn, _worth_showing(found.hits))
    return _found(shop, turn, courses, found) if courses else None


def _found(shop: Shop, turn: Turn, courses: Sequence[Course], found: Answer) -> str:
    shown = [course.id for course in courses[: listing.PAGE]]
    remember(shop, turn, "ask", shown)
    if found.unsure:  # what is offered as a question is one for the creator, too
        remember(shop, turn, "unanswered", shown)
    opening = _opening(shop, len(shown), unsure=found.unsure)
    return listing.show(shop, turn, courses, query=asked(turn), reasons=_reasons(found.hits), opening=opening)


def _opening(shop: Shop, shown: int, *, unsure: bool) -> str:
    if unsure:
        return shop.say("list.opening_perhaps")
    return shop.say("list.opening_one") if shown == 1 else shop.say("list.opening_many", count=shown)


def _near(shop: Shop, turn: Turn, found: Answer) -> str:
    """Nothing fits: what comes close, or nothing at all. The creator sees either in the log."""
    remember(shop, turn, "unanswered", [hit.id for hit in found.nearest])
    courses = courses_of(turn, found.nearest)[: listing.PAGE]
    if not courses:
        return shop.say("fallback.nothing", query=quoted(turn.text))
    limit = turn.reading.limits.max_price_fen
    lines = listing.items(shop, turn, courses, _reasons(found.nearest))
    listing.remember(turn, courses, asked(turn))
    go_on = listing.how_to_go_on(shop, courses, has_more=False)
    if limit is not None:
        return shop.say("fallback.over_budget", limit=f"¥{yuan(limit)}", courses=lines, how_to_go_on=go_on)
    return shop.say("fallback.near", query=quoted(turn.text), courses=lines, how_to_go_on=go_on)


def _worth_showing(hits: Sequence[Hit]) -> list[Hit]:
    """The first page whatever it is, and of the rest only what comes close to the best."""
    return [
        hit for at, hit in enumerate(hits) if at < listing.PAGE or hit.score >= CLOSE_TO_BEST * hits[0].score
    ]


def courses_of(turn: Turn, hits: Sequence[Hit]) -> list[Course]:
    """The courses that were found, as far as they are still on the shelf."""
    found = (turn.catalogue.by_id(hit.id) for hit in hits)
    return [course for course in found if course is not None and course.listed]


def _reasons(hits: Sequence[Hit]) -> dict[str, str]:
    return {hit.id: hit.reason for hit in hits}


def remember(shop: Shop, turn: Turn, kind: str, shown: list[str]) -> None:
    shop.members.record(turn.openid, kind, {"text": turn.text, "shown": shown})


def asked(turn: Turn) -> str:
    """What was asked, with what it goes on from: 爬虫，便宜一点的."""
    return turn.reading.text[:MAX_REMEMBERED_CHARS]


def quoted(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_QUOTED_CHARS else line[: MAX_QUOTED_CHARS - 1] + "…"
