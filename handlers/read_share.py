"""How much of a purchase its buyer has read: what a rule like ``7d <1/3`` is held against."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from content.course import Course
from handlers.shop import Shop
from payments.order import Order
from payments.rights import access_of
from payments.standing import Standing


def read_share(shop: Shop, order: Order) -> Fraction:
    """Lessons with a paid part that were opened since the payment, of all such lessons that it opened.

    What was looked at before, while only its beginning was free, is not counted against the buyer. What they
    read for money that went back is: else a course could be bought, read and given back third by third.
    """
    bought = access_of(order.opens)
    courses = [course for course in shop.shelf.catalogue().opened_together if bought.opens(course)]
    lessons = sum(lesson.has_paid for course in courses for lesson in course.lessons)
    paid = [order, *_given_back(shop, order.openid)]
    read = sum(_read_since(shop, order.openid, course, _first_paid(paid, course)) for course in courses)
    return Fraction(read, lessons) if lessons else Fraction(0)


def _given_back(shop: Shop, openid: str) -> list[Order]:
    """Or on its way back: what was read for it stays read."""
    bought = shop.till.purchases_of(openid)
    standings = shop.till.standings(bought)
    return [
        order for order in bought if order.status == "refunded" or _is_all_going(standings[order.order_no])
    ]


def _is_all_going(standing: Standing) -> bool:
    return standing.pending_fen > 0 and not standing.refundable_fen


def _first_paid(orders: Sequence[Order], course: Course) -> datetime | None:
    """Of those orders that opened the course."""
    opening = (order.paid_at for order in orders if access_of(order.opens).opens(course))
    return min(filter(None, opening), default=None)


def _read_since(shop: Shop, openid: str, course: Course, since: datetime | None) -> int:
    if since is None:
        return 0
    opened = shop.progress.opened(openid, course.id)
    return sum(
        lesson.has_paid and lesson.slug in opened and opened[lesson.slug] >= since
        for lesson in course.lessons
    )
