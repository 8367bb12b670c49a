"""Gift codes that come together: what a follower is given twice at once is opened once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from infra.clock import ManualClock
from infra.database import Database
from payments.errors import AlreadyOwned
from tests.contracts.test_payments_databases import at_once
from tests.unit.payments.counter import CRAWLER, Counter

ROUNDS = 6


@pytest.fixture
def counter(database: Database, clock: ManualClock) -> Counter:
    return Counter.opened(database, clock)


def gift_code(counter: Counter, giver: str, access: str) -> str:
    order, _ = counter.bought(giver, replace(CRAWLER, is_gift=True, access=access))
    gift = counter.till.gift_of(order.order_no)
    assert gift is not None
    return gift.code


@pytest.mark.parametrize("access", ["forever", "30d"])
def test_of_two_codes_that_one_follower_redeems_at_once_the_second_stays_good(
    counter: Counter, access: str
) -> None:
    """Whoever redeems may never have ordered anything, so there is no order of theirs to be held."""
    for at in range(ROUNDS):
        reader = f"oReader_{at:021d}"
        codes = [gift_code(counter, f"oGiver_{at}_{of:020d}", access) for of in range(2)]
        came = at_once([partial(counter.till.redeem, reader, code) for code in codes])
        assert sum(isinstance(one, AlreadyOwned) for one in came) == 1
        gifts = [counter.till.gift(code) for code in codes]
        assert sorted(gift.status for gift in gifts if gift) == ["issued", "redeemed"]
        assert len(counter.till.grants_of(reader)) == 1
