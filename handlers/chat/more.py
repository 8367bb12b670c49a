"""``更多``: the next page of the last list."""

from __future__ import annotations

from dataclasses import replace

from bot.reply import link
from handlers.chat import listing, mine, orders, paging, question
from handlers.chat.turn import Turn
from handlers.shop import Shop

_OTHER_LISTS = {"orders": orders.show, "mine": mine.show}


def answer(shop: Shop, turn: Turn) -> str | None:
    """The next page; the numbers start from 1 again, as they are printed."""
    if not turn.means("more"):
        return None
    name, start = paging.place(turn)
    if name in _OTHER_LISTS:
        return _OTHER_LISTS[name](shop, turn, start)
    before = turn.session.listing
    if not before.ids:
        return shop.say("list.no_list")
    offset = before.offset + listing.PAGE
    following = [turn.catalogue.by_id(course_id) for course_id in before.ids[offset:]]
    courses = [course for course in following if course is not None and course.listed]
    if not courses:
        return _at_the_end(shop, before.query)
    # What was withdrawn meanwhile leaves the list, so that the numbers stay true.
    turn.session.listing = replace(
        before, ids=(*before.ids[:offset], *(course.id for course in courses)), offset=offset
    )
    shown = courses[: listing.PAGE]
    reasons = _reasons(turn, before.query)
    return shop.say(
        "list.found",
        opening=shop.say("list.opening_more", count=len(shown)),
        courses=listing.items(shop, turn, shown, reasons),
        how_to_go_on=listing.how_to_go_on(shop, shown, has_more=len(courses) > listing.PAGE),
    )


def _at_the_end(shop: Shop, query: str) -> str:
    """No dead end: from here one can ask in other words, or look around on the shelf."""
    shelf = link(f"{shop.base_url}/courses", shop.say("list.shelf_label"))
    return shop.say("list.no_more" if query else "list.no_more_recommended", shelf=shelf)


def _reasons(turn: Turn, query: str) -> dict[str, str]:
    """The reasons are made again from the question; keeping them would make the state large."""
    if not query:
        return {}
    return {hit.id: hit.reason for hit in turn.librarian.search(query, limit=question.MAX_FOUND).hits}
