"""From a course on the shelf to an offer at the till."""

from __future__ import annotations

from content.course import Course
from payments.offer import Offer


def offer_of(course: Course) -> Offer:
    """Today's price and terms, to be frozen in an order."""
    return Offer(
        item_id=course.id,
        title=course.title,
        price_fen=course.price_fen,
        access=course.access,
        refund=course.refund,
    )
