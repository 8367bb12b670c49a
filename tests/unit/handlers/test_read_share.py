"""How much of a purchase was read: paid lessons only, and only since they were paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import pytest

from handlers.read_share import read_share
from handlers.shop import Shop
from infra.clock import ManualClock
from infra.database import Database
from learners.progress import Progress
from payments.order import Order
from tests.unit.payments.counter import CRAWLER, LIN, Counter


def course(course_id: str, **lessons: bool) -> Any:
    """Lessons by slug, and whether each has a paid part."""
    made = tuple(SimpleNamespace(slug=slug, has_paid=has_paid) for slug, has_paid in lessons.items())
    return SimpleNamespace(id=course_id, tags=("爬虫",), includes=(), lessons=made)


@pytest.fixture
def shop(db: Database, clock: ManualClock) -> Shop:
    courses = (
        course("py-crawler", intro=False, one=True, two=True, three=True),
        course("go-web", first=True),
        course("other", never=True),
    )
    shelf = SimpleNamespace(catalogue=lambda: SimpleNamespace(opened_together=courses))
    return cast(Shop, SimpleNamespace(shelf=shelf, progress=Progress(db, clock)))


@pytest.fixture
def order(db: Database, clock: ManualClock) -> Order:
    counter = Counter.opened(db, clock)
    clock.advance(60)
    bought, _ = counter.bought(offer=CRAWLER)
    found = counter.till.get(bought.order_no)
    assert found is not None
    clock.advance(60)
    return found


def test_paid_lessons_opened_since_count_each_once(shop: Shop, order: Order) -> None:
    assert read_share(shop, order) == 0
    for slug in ("one", "one", "two", "intro"):
        shop.progress.read(LIN, "py-crawler", slug)
    assert read_share(shop, order) == Fraction(2, 3)


def test_what_was_opened_before_it_was_paid_does_not_count(shop: Shop, order: Order) -> None:
    shop.progress.read(LIN, "py-crawler", "one")
    assert order.paid_at is not None
    later = order.paid_at + timedelta(hours=1)
    assert read_share(shop, replace(order, paid_at=later)) == 0


def test_of_a_bundle_all_courses_count_and_no_others(shop: Shop, order: Order) -> None:
    both = replace(order, contents=(("course", "py-crawler"), ("course", "go-web")))
    shop.progress.read(LIN, "go-web", "first")
    shop.progress.read(LIN, "other", "never")
    assert read_share(shop, both) == Fraction(1, 4)


def test_of_what_has_no_paid_lesson_nothing_can_be_read(shop: Shop, order: Order) -> None:
    assert read_share(shop, replace(order, item_id="gone")) == 0
