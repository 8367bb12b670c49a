"""Following and leaving."""

from __future__ import annotations

from handlers.chat import listing, mine, person, recommend
from handlers.chat.turn import Turn
from handlers.shop import Shop

_QR_PREFIX = "qrscene_"


def greet(shop: Shop, turn: Turn) -> str | None:
    """A welcome with three courses; whoever comes back is greeted with what they own."""
    new = shop.members.followed(turn.openid, scene=_scene(turn))
    if not new:
        return _welcome_back(shop, turn)
    courses = recommend.favourites(turn)[: recommend.MAX_COURSES]
    if not courses:
        return shop.say("fallback.empty_shelf")
    reasons = {course.id: course.summary for course in courses}
    listing.remember(turn, courses, "")
    shown = courses[: listing.PAGE]
    return shop.say(
        "welcome.new",
        courses=listing.items(shop, turn, shown, reasons),
        how_to_go_on=listing.how_to_go_on(shop, shown, has_more=len(courses) > listing.PAGE),
    )


def scanned(shop: Shop, turn: Turn) -> str | None:
    """A scene's code, scanned by somebody who follows already."""
    shop.members.scanned(turn.openid, scene=_scene(turn))
    return _welcome_back(shop, turn)


def goodbye(shop: Shop, turn: Turn) -> None:
    """Nobody reads an answer to this; the note stops pushes."""
    shop.members.unfollowed(turn.openid)
    person.end(turn)


def _scene(turn: Turn) -> str:
    return str(getattr(turn.message, "key", None) or "").removeprefix(_QR_PREFIX)


def _welcome_back(shop: Shop, turn: Turn) -> str:
    owned = mine.owned_lines(shop, turn)
    return shop.say("welcome.back", owned=owned) if owned else shop.say("welcome.back_empty")
