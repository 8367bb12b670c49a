"""How much of a purchase its buyer has read: what a rule like ``7d <1/3`` is held against."""

from __future__ import annotations

from fractions import Fraction

from content.course import Course
from handlers.shop import Shop
from payments.order import Order
from payments.rights import access_of


def read_share(shop: Shop, order: Order) -> Fraction:
    """Lessons with a paid part that were opened since the payment, of all such lessons that it opened.

    What was looked at before, while only its beginning was free, is not counted against the buyer.
    """
    bought = access_of(order.opens)
    courses = [course for course in shop.shelf.catalogue().opened_together if bought.opens(course)]
    lessons = sum(lesson.has_paid for course in courses for lesson in course.lessons)
    read = sum(_read_since(shop, order, course) for course in courses)
    return Fraction(read, lessons) if lessons else Fraction(0)


def _read_since(shop: Shop, order: Order, course: Course) -> int:
    if order.paid_at is None:
        return 0
    opened = shop.progress.opened(order.openid, course.id)
    return sum(
        lesson.has_paid and lesson.slug in opened and opened[lesson.slug] >= order.paid_at
        for lesson in course.lessons
    )
