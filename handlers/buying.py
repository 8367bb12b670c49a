"""Buying, the same in the chat and on the pages: from a course on the shelf to an order at the till."""

from __future__ import annotations

from content.course import Catalogue, Course
from handlers.owning import owns
from handlers.shop import Shop
from infra.errors import Conflict, NotFound
from payments.errors import AlreadyOwned
from payments.held import Held
from payments.offer import Offer
from payments.order import Order


class NotOnSale(NotFound):
    """The course was taken off the shelf."""

    say = "course.gone"


class NotOpen(Conflict):
    """WeChat Pay is not configured: an order could never be paid, so none is made."""

    say = "buy.not_open"


def buy(shop: Shop, openid: str, course: Course, *, is_gift: bool = False) -> Order:
    """An order for this course or offer at today's price; a course that is free comes back opened.

    ``is_gift``: for a code that somebody else redeems.

    Raises NotOnSale, NotOpen, or what `payments.till.Till.order` raises.
    """
    if not course.listed:
        raise NotOnSale(f"course {course.id} is withdrawn")
    if course.price_fen and not shop.selling and (is_gift or not owns(shop, openid, course)):
        raise NotOpen("WeChat Pay is not configured", hint="fill in the section [pay] of config.toml")
    offer = offer_of(course, shop.shelf.catalogue(), is_gift=is_gift)
    if course.is_offer and not offer.contents:
        raise NotOnSale(f"nothing of the offer {course.id} is on the shelf")
    if not is_gift and adds_nothing(shop, shop.till.held(openid), course):
        raise AlreadyOwned(f"{course.id} is open to this follower for as long already")
    order = shop.till.order(openid, offer)
    shop.members.record(openid, "order", {"course": course.id, "order_no": order.order_no})
    return order


def adds_nothing(shop: Shop, held: Held, course: Course) -> bool:
    """Whether all of it is open for as long as it would be: by itself, by a membership, by a tag's."""
    catalogue = shop.shelf.catalogue()
    items = contents_of(course, catalogue)
    courses = catalogue.contents_of(course) if course.is_offer else (course,)
    tags = {one.id: one.tags for one in courses}
    return bool(items) and held.covers(items, course.access, shop.clock.now(), tags)


def contents_of(course: Course, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """``(kind, id)`` of what is sold with it today: of a bundle, what is on the shelf."""
    if not course.is_offer:
        return (("course", course.id),)
    if course.is_membership:
        return course.includes
    return tuple(("course", one.id) for one in catalogue.contents_of(course))


def offer_of(course: Course, catalogue: Catalogue, *, is_gift: bool = False) -> Offer:
    """Today's price, terms and contents, to be frozen in an order."""
    return Offer(
        item_id=course.id,
        title=course.title,
        price_fen=course.price_fen,
        access=course.access,
        refund=course.refund,
        item_kind=_kind(course),
        contents=contents_of(course, catalogue) if course.is_offer else (),
        is_gift=is_gift,
    )


def _kind(course: Course) -> str:
    if not course.is_offer:
        return "course"
    return "membership" if course.is_membership else "bundle"
