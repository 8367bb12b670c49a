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
def counter(db: Database, clock: ManualClock) -> Counter:
    return Counter.opened(db, clock)


@pytest.fixture
def shop(counter: Counter, db: Database, clock: ManualClock) -> Shop:
    courses = (
        course("py-crawler", intro=False, one=True, two=True, three=True),
        course("go-web", first=True),
        course("other", never=True),
    )
    shelf = SimpleNamespace(catalogue=lambda: SimpleNamespace(opened_together=courses))
    return cast(Shop, SimpleNamespace(shelf=shelf, progress=Progress(db, clock), till=counter.till))


@pytest.fixture
def order(counter: Counter, clock: ManualClock) -> Order:
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


def test_what_was_read_for_money_that_went_back_counts_when_it_is_bought_again(
    counter: Counter, shop: Shop, order: Order
) -> None:
    """Else a course could be read third by third, for nothing."""
    shop.progress.read(LIN, "py-crawler", "one")
    counter.refunded(order.order_no)
    counter.clock.advance(60)
    again = counter.till.get(counter.bought(offer=CRAWLER)[0].order_no)
    assert again is not None
    assert read_share(shop, again) == Fraction(1, 3)
    counter.refunded(again.order_no)
    other, _ = counter.bought(offer=replace(CRAWLER, item_id="go-web"))
    found = counter.till.get(other.order_no)
    assert found is not None and read_share(shop, found) == 0


def test_what_was_read_in_a_term_before_does_not_count_against_the_next(
    counter: Counter, shop: Shop, order: Order
) -> None:
    shop.progress.read(LIN, "py-crawler", "one")
    counter.clock.advance(60)
    renewed = replace(order, order_no="2601051000ABCDEFGH", paid_at=counter.clock.now())
    assert read_share(shop, renewed) == 0


def test_of_a_bundle_all_courses_count_and_no_others(shop: Shop, order: Order) -> None:
    both = replace(order, contents=(("course", "py-crawler"), ("course", "go-web")))
    shop.progress.read(LIN, "go-web", "first")
    shop.progress.read(LIN, "other", "never")
    assert read_share(shop, both) == Fraction(1, 4)


def test_of_what_has_no_paid_lesson_nothing_can_be_read(shop: Shop, order: Order) -> None:
    assert read_share(shop, replace(order, item_id="gone")) == 0
