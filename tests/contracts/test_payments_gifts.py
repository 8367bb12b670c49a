"""Gift codes that come together: what a follower is given twice at once is opened once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from infra.clock import ManualClock
from infra.database import Database
from payments.errors import AlreadyOwned
from payments.order import Order
from tests.contracts.test_payments_databases import at_once
from tests.unit.payments.counter import CRAWLER, Counter

ROUNDS = 6


@pytest.fixture
def counter(database: Database, clock: ManualClock) -> Counter:
    return Counter.opened(database, clock)


def bought_gift(counter: Counter, giver: str, access: str) -> tuple[Order, str]:
    """With its code."""
    order, _ = counter.bought(giver, replace(CRAWLER, is_gift=True, access=access))
    gift = counter.till.gift_of(order.order_no)
    assert gift is not None
    return order, gift.code


@pytest.mark.parametrize("access", ["forever", "30d"])
def test_of_two_codes_that_one_follower_redeems_at_once_the_second_stays_good(
    counter: Counter, access: str
) -> None:
    """Whoever redeems may never have ordered anything, so there is no order of theirs to be held."""
    for at in range(ROUNDS):
        reader = f"oReader_{at:021d}"
        codes = [bought_gift(counter, f"oGiver_{at}_{of:020d}", access)[1] for of in range(2)]
        came = at_once([partial(counter.till.redeem, reader, code) for code in codes])
        assert sum(isinstance(one, AlreadyOwned) for one in came) == 1
        gifts = [counter.till.gift(code) for code in codes]
        assert sorted(gift.status for gift in gifts if gift) == ["issued", "redeemed"]
        assert len(counter.till.grants_of(reader)) == 1


def test_who_pays_to_go_on_while_a_gift_goes_back_reads_at_once(counter: Counter) -> None:
    """The new term was to begin at the gift's end, which is now: nobody waits for nothing."""
    for at in range(ROUNDS):
        reader = f"oReader_{at:021d}"
        gift, code = bought_gift(counter, f"oGiver_{at:022d}", "30d")
        counter.till.redeem(reader, code)
        _, out_trade_no = counter.paid(reader, replace(CRAWLER, access="60d"))
        refund = counter.till.refund(gift.order_no, None, "送错了").out_refund_no
        counter.gateway.refund_ends(refund)
        paid, back = counter.gateway.payment_notice(out_trade_no), counter.gateway.refund_notice(refund)
        at_once([partial(counter.till.notified, *paid), partial(counter.till.refund_notified, *back)])
        assert counter.till.may_read(reader, CRAWLER.item_id)
