"""What is closed to a follower while its money goes back: the same in the chat and on the pages."""

from __future__ import annotations

from typing import NamedTuple

from content.course import Course
from handlers.shop import Shop
from payments.rights import Access


class GoingBack(NamedTuple):
    """``note``: why it is closed, empty where it is not for this reason.

    ``itself``: it was bought as such, so it is not sold again before that has an end; what a bundle or a
    membership opened can be bought by itself.
    """

    note: str = ""
    itself: bool = False


def look(shop: Shop, openid: str | None, access: Access, course: Course) -> GoingBack:
    """``access`` is the follower's; for nearly everybody nothing is looked up."""
    if openid is None or not access.goes_back(course):
        return GoingBack()
    orders = shop.till.suspended(openid)
    if any(order.item_id == course.id and not order.is_gift for order in orders):
        return GoingBack(shop.say("going_back.itself"), itself=True)
    return GoingBack(shop.say("going_back.within"))


def titles(shop: Shop, openid: str, access: Access) -> list[str]:
    """Of what was bought and goes back, newest first."""
    return [order.title for order in shop.till.suspended(openid)] if access.suspended else []


def titles_text(shop: Shop, openid: str, access: Access) -> str:
    """In one sentence; empty where nothing goes back."""
    found = titles(shop, openid, access)
    return shop.say("going_back.some", titles="".join(f"《{title}》" for title in found)) if found else ""
