"""Since when a course is held: what lessons that open day by day are counted from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import update

from payments.offer import Offer
from payments.tables import grants
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter

DAY = 24 * 3600


@dataclass(frozen=True)
class Book:
    id: str = CRAWLER.item_id
    tags: tuple[str, ...] = ("爬虫",)
    includes: tuple[tuple[str, str], ...] = ()


def test_it_is_held_since_it_was_bought(counter: Counter) -> None:
    assert counter.till.held_since(LIN, Book()) is None
    counter.bought()
    bought_at = counter.clock.now()
    counter.clock.advance(5 * DAY)
    assert counter.till.held_since(LIN, Book()) == bought_at
    assert counter.till.held_since(MEI, Book()) is None
    assert counter.till.held_since(LIN, Book(id="another", tags=())) is None


def test_a_renewal_goes_on_from_the_first_day(counter: Counter) -> None:
    counter.bought(offer=replace(CRAWLER, access="10d"))
    bought_at = counter.clock.now()
    counter.clock.advance(8 * DAY)
    counter.bought(offer=replace(CRAWLER, access="20d"))
    counter.clock.advance(7 * DAY)
    counter.till.sweep()
    assert counter.till.held_since(LIN, Book()) == bought_at


def test_after_a_gap_the_days_begin_anew(counter: Counter) -> None:
    counter.bought(offer=replace(CRAWLER, access="1d"))
    counter.clock.advance(30 * DAY)
    assert counter.till.held_since(LIN, Book()) is None
    counter.bought(offer=replace(CRAWLER, access="1d"))
    assert counter.till.held_since(LIN, Book()) == counter.clock.now()


def test_what_was_given_back_counts_no_days(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.clock.advance(5 * DAY)
    with counter.till.desk.db.transaction() as conn:
        conn.execute(update(grants).where(grants.c.source == order.source).values(status="revoked"))
    assert counter.till.held_since(LIN, Book()) is None
    counter.bought()
    assert counter.till.held_since(LIN, Book()) == counter.clock.now()


def test_a_membership_of_its_tag_counts_too(counter: Counter) -> None:
    counter.bought(
        offer=Offer("crawlers", "会员", 9900, "365d", item_kind="membership", contents=(("tag", "爬虫"),))
    )
    joined_at = counter.clock.now()
    counter.clock.advance(timedelta(days=3).total_seconds())
    counter.bought()
    assert counter.till.held_since(LIN, Book()) == joined_at
    assert counter.till.held_since(LIN, Book(tags=("别的",))) == counter.clock.now()
