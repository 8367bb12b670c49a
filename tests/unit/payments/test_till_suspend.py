"""Who asks for the money has given the course back: it is closed at once, and open again if that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from infra.outbox import Outbox
from payments import operator
from payments.errors import RefundUnderWay
from payments.grant import Grant
from payments.offer import Offer
from payments.refund import QUICK_TRIES
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Books, Counter
from tests.unit.payments.test_till_care import days, paid_twice, refusing, taking
from tests.unit.payments.test_till_since import Book

DAY = 24 * 3600
MONTH = replace(CRAWLER, access="30d")
MEMBER = Offer("year", "会员", 39900, "365d", "7d", item_kind="membership", contents=(("tag", "爬虫"),))


def asked(counter: Counter, order_no: str, fen: int | None = None) -> str:
    """The follower wants the money back; the refund's number."""
    return counter.till.refund(order_no, fen, "不想学了", asked_by=LIN).out_refund_no


def ends(counter: Counter, out_refund_no: str, state: str) -> None:
    counter.gateway.refund_ends(out_refund_no, state)
    counter.tell_refund(out_refund_no)


def reads(counter: Counter, openid: str = LIN) -> bool:
    """As each of the ways of asking says; they never differ."""
    said = {
        counter.till.owned(openid).opens(Book()),
        counter.till.owned_lately(openid).opens(Book()),
        any(grant.opens(Book()) for grant in counter.till.grants_of(openid)),
        counter.till.held_since(openid, Book()) is not None,
    }
    assert len(said) == 1
    return said.pop()


def grant(counter: Counter, order_no: str) -> Grant:
    (found,) = counter.till.show(order_no).grants
    return found


def told(counter: Counter) -> list[str]:
    waiting = Outbox(counter.db, counter.clock).waiting()
    return [str(parcel.payload["openid"]) for parcel in waiting if parcel.topic == "open_again"]


def test_it_is_closed_from_the_request_on(counter: Counter) -> None:
    order, _ = counter.bought()
    number = asked(counter, order.order_no)
    assert not reads(counter)
    assert counter.till.owned(LIN).goes_back(Book())
    assert [one.order_no for one in counter.till.suspended(LIN)] == [order.order_no]
    ends(counter, number, "SUCCESS")
    assert not reads(counter) and not counter.till.owned(LIN).goes_back(Book())
    assert grant(counter, order.order_no).status == "revoked"
    assert told(counter) == []


@pytest.mark.parametrize("is_down", [True, False])
def test_it_is_closed_although_the_gateway_has_not_heard_of_it(counter: Counter, is_down: bool) -> None:
    order, _ = counter.bought()
    counter.gateway.down, counter.gateway.answers_are_lost = is_down, not is_down
    asked(counter, order.order_no)
    assert not reads(counter)


@pytest.mark.parametrize("state", ["CLOSED", "ABNORMAL"])
def test_a_refund_that_fails_opens_it_again_and_who_asked_is_told_once(counter: Counter, state: str) -> None:
    order, _ = counter.bought()
    number = asked(counter, order.order_no)
    ends(counter, number, state)
    assert reads(counter)
    counter.tell_refund(number)
    assert told(counter) == [LIN]
    assert counter.till.suspended(LIN) == []


def test_an_abnormal_refund_that_arrives_after_all_ends_it(counter: Counter) -> None:
    order, _ = counter.bought()
    number = asked(counter, order.order_no)
    ends(counter, number, "ABNORMAL")
    ends(counter, number, "SUCCESS")
    assert not reads(counter)
    assert counter.books() == Books(received=9900, refunded=9900, refunds=1)


def test_a_refund_that_is_given_up_opens_it_again(counter: Counter) -> None:
    order, _ = counter.bought()
    refusing(counter)
    asked(counter, order.order_no)
    days(counter, QUICK_TRIES - 2)
    assert not reads(counter)
    days(counter, 1)
    taking(counter)
    assert reads(counter) and told(counter) == [LIN]
    assert not reads_after_another_request(counter, order.order_no)


def reads_after_another_request(counter: Counter, order_no: str) -> bool:
    asked(counter, order_no)
    return reads(counter)


def test_a_lost_notification_is_made_up_for_by_asking(counter: Counter) -> None:
    order, _ = counter.bought()
    number = asked(counter, order.order_no)
    counter.gateway.refund_ends(number, "CLOSED")
    days(counter, 1)
    assert reads(counter)


def test_a_part_closes_nothing_and_parts_that_make_the_whole_do(counter: Counter) -> None:
    order, _ = counter.bought()
    asked(counter, order.order_no, 3000)
    assert reads(counter)
    counter.clock.advance(60)
    rest = asked(counter, order.order_no)
    assert not reads(counter)
    counter.clock.advance(60)
    counter.till.sweep()
    ends(counter, rest, "CLOSED")
    assert reads(counter)


def gift(counter: Counter) -> None:
    order, _ = counter.bought(MEI, replace(CRAWLER, is_gift=True))
    found = counter.till.gift_of(order.order_no)
    assert found is not None
    counter.till.redeem(LIN, found.code)


def membership(counter: Counter) -> None:
    counter.bought(offer=MEMBER)


def another_order(counter: Counter) -> None:
    counter.bought()


@pytest.mark.parametrize("other", [gift, membership, another_order])
def test_whatever_else_opens_it_keeps_it_open(counter: Counter, other: Callable[[Counter], None]) -> None:
    order, _ = counter.bought(offer=MONTH)
    other(counter)
    number = asked(counter, order.order_no)
    assert reads(counter) and not counter.till.owned(LIN).goes_back(Book())
    ends(counter, number, "SUCCESS")
    assert reads(counter)


def test_a_bundle_closes_all_that_it_opened_and_nothing_else(counter: Counter) -> None:
    contents = (("course", CRAWLER.item_id), ("course", "go-web"))
    bundle = Offer("starter", "套餐", 24900, refund="7d", item_kind="bundle", contents=contents)
    counter.bought()
    order, _ = counter.bought(offer=bundle)
    number = asked(counter, order.order_no)
    assert counter.till.owned(LIN).courses == {CRAWLER.item_id}
    ends(counter, number, "CLOSED")
    assert counter.till.owned(LIN).courses == {CRAWLER.item_id, "go-web"}


def test_a_redeemed_gift_that_the_operator_gives_back_is_closed_to_who_took_it(counter: Counter) -> None:
    order, _ = counter.bought(offer=replace(CRAWLER, is_gift=True))
    gift = counter.till.gift_of(order.order_no)
    assert gift is not None
    counter.till.redeem(MEI, gift.code)
    number = counter.till.refund(order.order_no, None, "送错了").out_refund_no
    assert not reads(counter, MEI)
    ends(counter, number, "CLOSED")
    assert reads(counter, MEI) and told(counter) == [MEI]


def test_the_same_is_not_sold_meanwhile_and_anything_else_is(counter: Counter) -> None:
    order, _ = counter.bought()
    number = asked(counter, order.order_no)
    with pytest.raises(RefundUnderWay):
        counter.order()
    counter.order(offer=replace(CRAWLER, is_gift=True))
    counter.order(offer=MEMBER)
    counter.order(MEI)
    ends(counter, number, "SUCCESS")
    counter.bought()
    assert reads(counter)


def test_an_order_that_was_there_before_can_be_paid_and_opens(counter: Counter) -> None:
    order, _ = counter.bought(offer=MONTH)
    _, other = counter.paid(offer=replace(MONTH, price_fen=5000, access="60d"))
    number = asked(counter, order.order_no)
    counter.tell(other)
    assert reads(counter)
    ends(counter, number, "SUCCESS")
    assert reads(counter)
    assert counter.books() == Books(ledger=5000, received=14900, refunded=9900, refunds=1, grants=1)


# Days


def test_days_in_which_it_was_closed_are_given_back(counter: Counter) -> None:
    order, _ = counter.bought(offer=MONTH)
    bought_at, before = counter.clock.now(), grant(counter, order.order_no).expires_at
    counter.clock.advance(10 * DAY)
    number = asked(counter, order.order_no)
    counter.clock.advance(3 * DAY)
    ends(counter, number, "CLOSED")
    after = grant(counter, order.order_no)
    assert before is not None and after.expires_at == before + timedelta(days=3)
    assert counter.till.held_since(LIN, Book()) == bought_at, "lessons that open day by day stay open"


def test_minutes_cost_nobody_a_day(counter: Counter) -> None:
    order, _ = counter.bought(offer=MONTH)
    before = grant(counter, order.order_no).expires_at
    number = asked(counter, order.order_no)
    counter.clock.advance(60)
    ends(counter, number, "CLOSED")
    after = grant(counter, order.order_no).expires_at
    assert before is not None and after == before + timedelta(days=1), "a term ends with a day"


def test_a_last_day_stays_what_it_is(counter: Counter) -> None:
    last = f"{counter.clock.now() + timedelta(days=40):%Y-%m-%d}"
    order, _ = counter.bought(offer=replace(CRAWLER, access=last))
    before = grant(counter, order.order_no).expires_at
    number = asked(counter, order.order_no)
    counter.clock.advance(3 * DAY)
    ends(counter, number, "CLOSED")
    assert grant(counter, order.order_no).expires_at == before


def test_what_was_to_begin_at_its_end_is_read_meanwhile_and_nobody_loses_a_day(counter: Counter) -> None:
    first, _ = counter.bought(offer=MONTH)
    bought_at = counter.clock.now()
    counter.clock.advance(10 * DAY)
    second, _ = counter.bought(offer=MONTH)
    until = grant(counter, second.order_no).expires_at
    number = asked(counter, first.order_no)
    assert reads(counter)
    counter.clock.advance(2 * DAY)
    ends(counter, number, "CLOSED")
    one, other = grant(counter, first.order_no), grant(counter, second.order_no)
    assert one.expires_at == other.starts_at
    assert until is not None and other.expires_at is not None
    assert until <= other.expires_at < until + timedelta(days=2)
    assert counter.till.held_since(LIN, Book()) == bought_at


def test_of_a_refund_that_succeeds_the_second_term_keeps_all_its_days(counter: Counter) -> None:
    first, _ = counter.bought(offer=MONTH)
    counter.clock.advance(10 * DAY)
    second, _ = counter.bought(offer=MONTH)
    number, now = asked(counter, first.order_no), counter.clock.now()
    counter.clock.advance(2 * DAY)
    ends(counter, number, "SUCCESS")
    left = grant(counter, second.order_no)
    assert (left.starts_at, left.expires_at) == (now, now + timedelta(days=30))


def test_terms_that_fail_to_go_back_one_by_one_follow_each_other(counter: Counter) -> None:
    orders = []
    for _ in range(2):
        orders.append(counter.bought(offer=MONTH)[0])
        counter.clock.advance(5 * DAY)
    numbers = [asked(counter, order.order_no) for order in orders]
    assert not reads(counter)
    for number in reversed(numbers):
        counter.clock.advance(DAY)
        ends(counter, number, "CLOSED")
    first, second = (grant(counter, order.order_no) for order in orders)
    assert reads(counter) and first.expires_at == second.starts_at


# Operators


def test_what_an_operator_opens_stays_open_and_what_they_end_stays_ended(counter: Counter) -> None:
    order, _ = counter.bought()
    number = asked(counter, order.order_no)
    given = ("course", CRAWLER.item_id)
    operator.give(counter.till.desk, LIN, given, "forever", reason="道歉", actor="ops")
    assert reads(counter)
    operator.take_away(counter.till.desk, LIN, item=given, reason="都收回", actor="ops")
    ends(counter, number, "CLOSED")
    assert not reads(counter)
    assert told(counter) == []


def test_another_payment_of_the_order_that_goes_back_closes_nothing(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    counter.till.sweep()
    assert counter.books().pending == 9900
    assert reads(counter)
    assert counter.till.suspended(order.openid) == []
