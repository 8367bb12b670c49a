"""Gift codes: one code an order, one redeemer a code, and no money lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.outbox import Outbox
from payments.errors import (
    AlreadyOwned,
    BadOffer,
    GiftNotFound,
    GiftRedeemed,
    GiftUsed,
    GiftVoid,
    TermOver,
)
from payments.gift import code_in
from payments.offer import Offer
from payments.refund import QUICK_TRIES
from payments.rights import Access
from tests.unit.payments.counter import CRAWLER, FREE, LIN, MEI, Books, Counter
from tests.unit.payments.test_till_care import days, refusing, taking

GIFT = replace(CRAWLER, is_gift=True)
WEI = "oWei_follower_0000000000003c"


def given(counter: Counter) -> tuple[str, str]:
    """A gift that Lin has paid for: the order's number and the code."""
    order, _ = counter.bought(offer=GIFT)
    return order.order_no, code_of(counter, order.order_no)


def code_of(counter: Counter, order_no: str) -> str:
    gift = counter.till.gift_of(order_no)
    assert gift is not None
    return gift.code


def status(counter: Counter, order_no: str) -> str:
    gift = counter.till.gift_of(order_no)
    assert gift is not None
    return gift.status


def told(counter: Counter) -> list[tuple[str, str]]:
    waiting = Outbox(counter.db, counter.clock).waiting()
    return [(parcel.topic, str(parcel.payload["openid"])) for parcel in waiting]


def test_a_paid_gift_is_one_code_and_opens_nothing_for_its_buyer(counter: Counter) -> None:
    order, out_trade_no = counter.bought(offer=GIFT)
    counter.tell(out_trade_no)
    assert counter.status(order) == "fulfilled"
    assert counter.till.owned(LIN) == Access()
    assert len(code_of(counter, order.order_no)) == 16
    assert told(counter) == [("gift_bought", LIN)]


def test_no_parcel_and_no_log_holds_the_code(counter: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    _, code = given(counter)
    counter.till.redeem(MEI, code)
    waiting = Outbox(counter.db, counter.clock).waiting()
    assert code not in repr(waiting)
    said = capsys.readouterr()
    assert code not in said.out + said.err


def test_a_code_is_redeemed_once_and_both_are_told(counter: Counter) -> None:
    order_no, code = given(counter)
    assert counter.till.redeem(MEI, code).order_no == order_no
    assert counter.till.redeem(MEI, code).order_no == order_no, "a second tap is the same"
    with pytest.raises(GiftUsed):
        counter.till.redeem(WEI, code)
    assert counter.till.owned(MEI) == Access(frozenset({"py-crawler"}))
    assert counter.till.owned(WEI) == counter.till.owned(LIN) == Access()
    assert told(counter)[1:] == [("gift_redeemed", LIN), ("gift_received", MEI)]
    assert counter.books().grants == 1


def test_who_owns_it_already_keeps_the_code_for_another(counter: Counter) -> None:
    order_no, code = given(counter)
    counter.bought(MEI)
    with pytest.raises(AlreadyOwned):
        counter.till.redeem(MEI, code)
    assert status(counter, order_no) == "issued"
    counter.till.redeem(WEI, code)


def test_who_has_it_by_a_tag_for_as_long_keeps_the_code_for_another(counter: Counter) -> None:
    order, _ = counter.bought(offer=replace(GIFT, access="30d"))
    code, tags = code_of(counter, order.order_no), {CRAWLER.item_id: ("Python", "爬虫")}
    year = Offer("crawlers", "会员", 19900, "365d", item_kind="membership", contents=(("tag", "爬虫"),))
    counter.bought(MEI, year)
    with pytest.raises(AlreadyOwned):
        counter.till.redeem(MEI, code, tags)
    assert status(counter, order.order_no) == "issued"
    for_ever = given(counter)[1]
    counter.till.redeem(MEI, for_ever, tags)  # for longer than the membership


def test_a_gift_and_the_redeemers_own_payment_do_not_both_count(counter: Counter) -> None:
    _, code = given(counter)
    _, own = counter.paid(MEI)
    counter.till.redeem(MEI, code)
    counter.tell(own)
    assert counter.books() == Books(ledger=19800, received=19800, pending=9900, refunds=1, grants=1)


def test_several_gifts_of_one_course_are_several_codes(counter: Counter) -> None:
    (_, first), (_, second) = given(counter), given(counter)
    assert first != second
    counter.till.redeem(MEI, first)
    counter.till.redeem(WEI, second)
    assert counter.books().grants == 2


def test_a_gift_and_the_same_course_for_oneself_are_two_orders(counter: Counter) -> None:
    mine, gift = counter.order(), counter.order(offer=GIFT)
    assert mine.order_no != gift.order_no and gift.is_gift
    counter.bought()
    counter.bought(offer=GIFT)  # what one has can be given all the same


def test_a_refund_of_a_gift_claims_its_code_first(counter: Counter) -> None:
    order_no, code = given(counter)
    out_refund_no = counter.till.refund(order_no, None, "不送了", asked_by=LIN).out_refund_no
    assert status(counter, order_no) == "void"
    with pytest.raises(GiftVoid):
        counter.till.redeem(MEI, code)
    counter.gateway.refund_ends(out_refund_no)
    counter.tell_refund(out_refund_no)
    assert status(counter, order_no) == "void"
    assert counter.books() == Books(ledger=0, received=9900, refunded=9900, refunds=1)


def test_a_refund_that_fails_makes_the_code_good_again(counter: Counter) -> None:
    order_no, code = given(counter)
    refusing(counter)
    counter.till.refund(order_no, None, "不送了", asked_by=LIN)
    assert status(counter, order_no) == "void"
    days(counter, QUICK_TRIES)
    taking(counter)
    assert status(counter, order_no) == "issued"
    counter.till.redeem(MEI, code)
    assert counter.till.owned(MEI).courses == {"py-crawler"}


def test_a_part_that_goes_back_leaves_the_code(counter: Counter) -> None:
    order_no, code = given(counter)
    counter.refunded(order_no, 1000)
    assert status(counter, order_no) == "issued"
    assert order_no not in counter.till.needing_care(), "a code is something for the money"
    counter.till.redeem(MEI, code)


def test_a_redeemed_gift_is_the_operators_to_refund_and_ends_the_access(counter: Counter) -> None:
    order_no, code = given(counter)
    counter.till.redeem(MEI, code)
    with pytest.raises(GiftRedeemed):
        counter.till.refund(order_no, None, "不想送了", asked_by=LIN)
    assert counter.books().refunds == 0
    counter.refunded(order_no)
    assert counter.till.owned(MEI) == Access()
    assert status(counter, order_no) == "redeemed"


def test_a_gift_whose_last_day_has_passed_is_not_redeemed(counter: Counter) -> None:
    last_day = f"{counter.clock.now():%Y-%m-%d}"
    order, _ = counter.bought(offer=replace(GIFT, access=last_day))
    counter.clock.advance(3 * 24 * 3600)
    with pytest.raises(TermOver):
        counter.till.redeem(MEI, code_of(counter, order.order_no))
    assert status(counter, order.order_no) == "issued"


def test_days_of_a_gift_count_from_the_redeeming(counter: Counter) -> None:
    order, _ = counter.bought(offer=replace(GIFT, access="30d"))
    counter.clock.advance(100 * 24 * 3600)
    counter.till.redeem(MEI, code_of(counter, order.order_no))
    assert counter.till.owned(MEI).courses == {"py-crawler"}


def test_what_is_free_cannot_be_given(counter: Counter) -> None:
    with pytest.raises(BadOffer):
        counter.order(offer=replace(FREE, is_gift=True))


@pytest.mark.parametrize("code", ["", "ABCD", "A" * 16, "' OR 1=1 --", "A" * 500, "ÄBCDEFGHIJKLMNP2"])
def test_what_is_no_code_opens_nothing(counter: Counter, code: str) -> None:
    given(counter)
    with pytest.raises(GiftNotFound):
        counter.till.redeem(MEI, code)


@pytest.mark.parametrize("typed", ["abcd-efgh-2345-mnop", " ABCD EFGH 2345 MNOP ", "ABCDEFGH2345MN0P"])
def test_a_code_is_understood_however_it_was_typed(typed: str) -> None:
    assert code_in(typed) == "ABCDEFGH2345MNOP"


def test_a_code_is_never_a_word(counter: Counter) -> None:
    assert all(not given(counter)[1].isalpha() for _ in range(40))
