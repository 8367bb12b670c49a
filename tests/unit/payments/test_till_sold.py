"""What sells: paid orders of courses, and none whose money went back."""

from __future__ import annotations

from dataclasses import replace

from payments.offer import Offer
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter

PANDAS = replace(CRAWLER, item_id="pandas", title="Pandas")
FREE = replace(CRAWLER, item_id="git", title="Git", price_fen=0)
CLUB = Offer("club", "会员", 9900, "365d", item_kind="membership", contents=(("tag", "爬虫"),))


def test_a_paid_course_counts_and_an_unpaid_a_free_or_another_offer_does_not(counter: Counter) -> None:
    counter.bought()
    counter.till.order(MEI, PANDAS)
    counter.till.order(LIN, FREE)
    counter.bought(offer=CLUB)
    assert counter.till.sold_lately() == {CRAWLER.item_id: 1}


def test_what_went_back_has_not_sold(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.refunded(order.order_no)
    assert not counter.till.sold_lately()
