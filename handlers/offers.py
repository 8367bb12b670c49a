"""Bundles and memberships against what a follower has, the same in the chat and on the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from content.course import Course
from handlers.buying import adds_nothing, contents_of
from handlers.price import price_text
from handlers.shop import Shop
from payments.rights import Access


@dataclass(frozen=True)
class OfferState:
    """``courses``: what is on the shelf of its contents; ``owned``: those that are open to the follower.

    ``until``: the end (exclusive) of what is to be bought, where it runs and ends: of a membership, or of a
    course that was bought for some days. ``nothing_new``: buying would add nothing.
    """

    offer: Course
    courses: tuple[Course, ...]
    owned: tuple[Course, ...]
    until: datetime | None
    nothing_new: bool

    @property
    def missing(self) -> int:
        return len(self.courses) - len(self.owned)


def state_of(shop: Shop, openid: str | None, offer: Course) -> OfferState:
    """Of a bundle or a membership; of a course, as an offer of one."""
    catalogue = shop.shelf.catalogue()
    courses = catalogue.contents_of(offer) if offer.is_offer else (offer,)
    if openid is None:
        return OfferState(offer, courses, (), None, nothing_new=False)
    access, held = shop.till.owned(openid), shop.till.held(openid)
    items = contents_of(offer, catalogue)
    return OfferState(
        offer,
        courses,
        _open(access, courses),
        held.ends.get(items[0]) if len(items) == 1 else None,
        nothing_new=adds_nothing(shop, held, offer),
    )


def what_text(shop: Shop, offer: Course) -> str:
    """What an offer holds, in a few words."""
    count = len(shop.shelf.catalogue().contents_of(offer))
    if not offer.is_membership:
        return shop.say("offers.what_bundle", count=count)
    kind, name = offer.includes[0]
    if kind == "tag":
        return shop.say("offers.what_tag", tag=name, count=count)
    return shop.say("offers.what_all", count=count)


def note_text(shop: Shop, openid: str | None, offer: Course) -> str:
    """What its buyer should know before paying: what they have of it already; empty for nothing."""
    state = state_of(shop, openid, offer)
    if state.until is not None:
        say = "offers.runs" if state.nothing_new else "offers.goes_on"
        return shop.say(say, day=last_day_text(shop, state.until))
    if not offer.is_offer or offer.is_membership or not state.owned:
        return ""
    if not state.missing:
        return shop.say("offers.all_open")
    titles = "".join(f"《{course.title}》" for course in state.owned)
    note = shop.say("offers.partly", titles=titles, count=state.missing)
    apart_fen = sum(course.price_fen for course in state.courses if course not in state.owned)
    if apart_fen >= offer.price_fen:
        return note
    return note + shop.say("offers.cheaper_apart", price=price_text(shop.say, apart_fen))


def last_day_text(shop: Shop, until: datetime) -> str:
    """``until`` is the first moment after the last day."""
    last = until.astimezone(shop.zone).date()
    if until.astimezone(shop.zone).time() == datetime.min.time():
        last -= timedelta(days=1)
    return shop.say("offers.day", year=last.year, month=last.month, day=last.day)


def _open(access: Access, courses: tuple[Course, ...]) -> tuple[Course, ...]:
    return tuple(course for course in courses if access.opens(course))
