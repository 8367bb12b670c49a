"""Buying, the same in the chat and on the pages: from a course on the shelf to an order at the till."""

from __future__ import annotations

from content.course import Course
from handlers.owning import owns
from handlers.shop import Shop
from infra.errors import Conflict, NotFound
from payments.offer import Offer
from payments.order import Order


class NotOnSale(NotFound):
    """The course was taken off the shelf."""

    say = "course.gone"


class NotOpen(Conflict):
    """WeChat Pay is not configured: an order could never be paid, so none is made."""

    say = "buy.not_open"


def buy(shop: Shop, openid: str, course: Course) -> Order:
    """An order for this course at today's price; a course that is free comes back opened.

    Raises NotOnSale, NotOpen, or what `payments.till.Till.order` raises.
    """
    if not course.listed:
        raise NotOnSale(f"course {course.id} is withdrawn")
    if course.price_fen and not shop.selling and not owns(shop, openid, course):
        raise NotOpen("WeChat Pay is not configured", hint="fill in the section [pay] of config.toml")
    order = shop.till.order(openid, offer_of(course))
    shop.members.record(openid, "order", {"course": course.id, "order_no": order.order_no})
    return order


def offer_of(course: Course) -> Offer:
    """Today's price and terms, to be frozen in an order."""
    return Offer(
        item_id=course.id,
        title=course.title,
        price_fen=course.price_fen,
        access=course.access,
        refund=course.refund,
    )
