"""Bundles, memberships and renewals: what is new to whom, and from when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from payments.access import ends_at
from payments.errors import AlreadyOwned
from payments.grant import Grant
from payments.offer import Offer
from payments.rights import Access
from tests.unit.payments.counter import CRAWLER, LIN, Books, Counter

DAY = 24 * 3600
GO = replace(CRAWLER, item_id="go-web", title="Go 网站", price_fen=19900)
BUNDLE = Offer(
    item_id="starter",
    title="入门套餐",
    price_fen=24900,
    refund="7d",
    item_kind="bundle",
    contents=(("course", "py-crawler"), ("course", "go-web")),
)
MEMBER = Offer(
    item_id="year",
    title="会员",
    price_fen=39900,
    access="365d",
    item_kind="membership",
    contents=(("all", "*"),),
)


def runs(counter: Counter) -> list[Grant]:
    return counter.till.grants_of(LIN)


def until(counter: Counter, item: tuple[str, str] = ("all", "*")) -> datetime:
    end = counter.till.held(LIN).ends[item]
    assert end is not None
    return end


@pytest.mark.parametrize("offers", [(CRAWLER, GO, BUNDLE), (BUNDLE, CRAWLER)])
def test_of_a_course_and_a_bundle_with_it_whatever_adds_nothing_goes_back(
    counter: Counter, offers: tuple[Offer, ...]
) -> None:
    """All were ordered before any was paid, and each was paid before anybody told us."""
    paid = [counter.paid(offer=offer) for offer in offers]
    for _, out_trade_no in paid:
        counter.tell(out_trade_no)
    assert [counter.status(order) for order, _ in paid] == ["fulfilled"] * (len(offers) - 1) + ["paid"]
    assert counter.till.owned(LIN) == Access(frozenset({"py-crawler", "go-web"}))
    useless = offers[-1].price_fen
    (refund,) = counter.till.show(paid[-1][0].order_no).refunds
    assert (refund.fen, refund.is_automatic) == (useless, True)
    assert counter.till.standing(paid[-1][0]).surplus == ""  # as it was when it was ordered
    assert counter.till.standing(counter.till.show(paid[-1][0].order_no).order).surplus == "going_back"


def test_a_bundle_that_adds_one_course_is_kept(counter: Counter) -> None:
    (course, first), (bundle, second) = counter.paid(), counter.paid(offer=BUNDLE)
    counter.tell(first)
    counter.tell(second)
    assert (counter.status(course), counter.status(bundle)) == ("fulfilled", "fulfilled")
    counter.refunded(bundle.order_no)
    assert counter.till.owned(LIN) == Access(frozenset({"py-crawler"}))


def test_a_membership_that_is_bought_again_goes_on_where_the_first_one_ends(counter: Counter) -> None:
    counter.bought(offer=MEMBER)
    end = until(counter)
    counter.clock.advance(100 * DAY)
    second, _ = counter.bought(offer=MEMBER)
    assert len(runs(counter)) == 1, "the second has yet to begin"
    assert until(counter) - end == timedelta(days=365)
    counter.clock.advance(300 * DAY)
    assert counter.till.owned(LIN).everything
    (running,) = runs(counter)
    assert (running.source, running.starts_at) == (second.source, end)
    counter.clock.advance(331 * DAY)
    assert not counter.till.owned(LIN).everything


def test_a_membership_is_not_sold_twice_on_one_day_nor_further_ahead_than_a_term(counter: Counter) -> None:
    counter.bought(offer=MEMBER)
    with pytest.raises(AlreadyOwned):
        counter.order(offer=MEMBER)
    counter.clock.advance(10 * DAY)
    counter.bought(offer=MEMBER)
    with pytest.raises(AlreadyOwned):
        counter.order(offer=MEMBER)


def test_two_orders_of_one_membership_side_by_side_are_no_renewal(counter: Counter) -> None:
    """Both were there before either was paid: the second payment was a mistake, even if it is told late."""
    (_, first) = counter.paid(offer=MEMBER)
    (dearer, second) = counter.paid(offer=replace(MEMBER, price_fen=49900))
    counter.tell(first)
    end = until(counter)
    counter.clock.advance(5 * DAY)
    counter.tell(second)
    assert until(counter) == end
    assert [one.fen for one in counter.till.show(dearer.order_no).refunds] == [49900]


def test_two_renewals_side_by_side_are_one(counter: Counter) -> None:
    counter.bought(offer=MEMBER)
    counter.clock.advance(100 * DAY)
    (_, first) = counter.paid(offer=MEMBER)
    (_, second) = counter.paid(offer=replace(MEMBER, price_fen=29900))
    counter.tell(first)
    counter.tell(second)
    assert counter.books().refunds == 1
    assert len(counter.till.held(LIN).ends) == 1


def test_when_the_first_term_is_refunded_the_second_begins_at_once_and_is_as_long(counter: Counter) -> None:
    first, _ = counter.bought(offer=MEMBER)
    counter.clock.advance(100 * DAY)
    counter.bought(offer=MEMBER)
    counter.refunded(first.order_no)
    now = counter.clock.now()
    (running,) = runs(counter)
    assert (running.starts_at, running.expires_at) == (now, now + timedelta(days=365))


def test_when_the_second_term_is_refunded_the_first_stays_as_it_is(counter: Counter) -> None:
    counter.bought(offer=MEMBER)
    end = until(counter)
    counter.clock.advance(100 * DAY)
    second, _ = counter.bought(offer=MEMBER)
    counter.refunded(second.order_no)
    assert until(counter) == end and counter.till.owned(LIN).everything


def test_a_member_may_buy_a_course_for_ever_but_not_for_less_than_they_have(counter: Counter) -> None:
    counter.bought(offer=MEMBER)
    with pytest.raises(AlreadyOwned):
        counter.order(offer=replace(CRAWLER, access="30d"))
    counter.bought()
    assert counter.till.owned(LIN).courses == {"py-crawler"}


def test_of_a_tags_membership_and_a_shorter_term_of_one_course_the_longest_end_wins(counter: Counter) -> None:
    tagged = replace(MEMBER, item_id="crawler-year", contents=(("tag", "爬虫"),))
    counter.bought(offer=replace(CRAWLER, access="30d"))
    counter.bought(offer=tagged)
    end = ends_at("30d", counter.clock.now())
    held = counter.till.held(LIN)
    assert not held.lasts(("course", "py-crawler"), ends_at("31d", counter.clock.now()))
    assert held.lasts(("course", "py-crawler"), ends_at("365d", counter.clock.now()), ["Python", "爬虫"])
    assert not held.lasts(("course", "py-crawler"), None, ["爬虫"]), "a year is not for ever"
    assert held.covers([("course", "py-crawler")], "60d", counter.clock.now(), {"py-crawler": ("爬虫",)})
    assert not held.covers([("course", "go-web")], "60d", counter.clock.now(), {"go-web": ("Go",)})
    counter.clock.advance(40 * DAY)
    assert end is not None and end < counter.clock.now()
    assert counter.till.owned(LIN) == Access(tags=frozenset({"爬虫"}))


def test_a_course_for_some_days_is_renewed_from_its_end(counter: Counter) -> None:
    month = replace(CRAWLER, access="30d")
    counter.bought(offer=month)
    end = until(counter, ("course", "py-crawler"))
    counter.clock.advance(20 * DAY)
    counter.bought(offer=month)
    assert until(counter, ("course", "py-crawler")) - end == timedelta(days=30)


def test_who_has_it_for_ever_has_nothing_to_renew(counter: Counter) -> None:
    counter.bought()
    with pytest.raises(AlreadyOwned):
        counter.order(offer=replace(CRAWLER, access="365d"))


def test_each_promise_counts_from_its_order(counter: Counter) -> None:
    """An order of yesterday for 30 days is covered by 30 days from today."""
    counter.order(offer=replace(CRAWLER, access="30d"))
    _, late = counter.paid(offer=replace(CRAWLER, access="30d", price_fen=5000))
    counter.clock.advance(DAY)
    counter.bought(offer=replace(CRAWLER, access="30d", price_fen=6000))
    counter.tell(late)
    assert counter.books() == Books(ledger=11000, received=11000, pending=5000, refunds=1, grants=1)
