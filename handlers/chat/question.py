"""Any question: up to three numbered courses that fit, with the reason, or an honest no."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.chat import listing
from handlers.chat.turn import Turn
from handlers.found_lists import FoundList, courses_of
from handlers.price import yuan
from handlers.shop import Shop
from nlp import Answer, Hit

MAX_FOUND = 12  # four pages; whoever wants more asks anew
MAX_QUOTED_CHARS = 40
MAX_REMEMBERED_CHARS = 120


def answer(shop: Shop, turn: Turn) -> str | None:
    """None for what is no question about courses; the next in line says so."""
    if not turn.means("ask"):
        return None
    if not turn.catalogue.courses:
        return shop.say("fallback.empty_shelf")
    found = turn.librarian.search(turn.reading, limit=MAX_FOUND)
    listed = shop.found_lists.of(found, turn.catalogue)
    if listed.courses:
        return _found(shop, turn, listed, found)
    return _near(shop, turn, found)


def about(shop: Shop, turn: Turn) -> str | None:
    """Courses for words that were not meant as a question (a title): only what surely fits, or None."""
    if not turn.means("ask"):
        return None
    found = turn.librarian.search(turn.reading, limit=MAX_FOUND)
    listed = shop.found_lists.of(found, turn.catalogue)
    return _found(shop, turn, listed, found) if listed.courses and not found.unsure else None


def _found(shop: Shop, turn: Turn, listed: FoundList, found: Answer) -> str:
    remember(shop, turn, "ask", listed.shown)
    if found.unsure:  # what is offered as a question is one for the creator, too
        remember(shop, turn, "unanswered", listed.shown)
    listing.mean(turn, listed.ids, asked(turn))
    access = turn.seems_owned
    if any(access.opens(one) or access.goes_back(one) for one in listed.courses[: listing.PAGE]):
        return _told(shop, turn, listed, found)
    if not listed.text:
        listed.text = _told(shop, turn, listed, found)
    return listed.text


def _told(shop: Shop, turn: Turn, listed: FoundList, found: Answer) -> str:
    opening = _opening(shop, len(listed.shown), found)
    reasons = _reasons(found.hits[: listing.PAGE])
    return listing.told(shop, turn, listed.courses, reasons=reasons, opening=opening)


def _opening(shop: Shop, shown: int, found: Answer) -> str:
    if found.note:
        return shop.say("list.opening_though", note=found.note)
    if found.unsure:
        return shop.say("list.opening_perhaps")
    return shop.say("list.opening_one") if shown == 1 else shop.say("list.opening_many", count=shown)


def _near(shop: Shop, turn: Turn, found: Answer) -> str:
    """Nothing fits: what comes close, or nothing at all. The creator sees either in the log."""
    remember(shop, turn, "unanswered", [hit.id for hit in found.nearest])
    courses = courses_of(turn.catalogue, found.nearest)[: listing.PAGE]
    if not courses:
        return shop.say("fallback.nothing", query=quoted(turn.text))
    limit = turn.reading.limits.max_price_fen
    lines = listing.items(shop, turn, courses, _reasons(found.nearest))
    listing.remember(turn, courses, asked(turn))
    go_on = listing.how_to_go_on(shop, courses, has_more=False)
    if limit is not None:
        return shop.say("fallback.over_budget", limit=f"¥{yuan(limit)}", courses=lines, how_to_go_on=go_on)
    if found.note:
        return shop.say("fallback.none_such", note=found.note, courses=lines, how_to_go_on=go_on)
    return shop.say("fallback.near", query=quoted(turn.text), courses=lines, how_to_go_on=go_on)


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
