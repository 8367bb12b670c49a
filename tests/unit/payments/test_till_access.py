from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from payments.access import ends_at, has_time_left
from payments.errors import BadOffer
from payments.owned import LATELY_S, Owned
from payments.rights import Access
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter, new_till

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # 10:00 in Beijing


def test_for_ever_has_no_end() -> None:
    assert ends_at("forever", START) is None


def test_valid_to_31_december_is_valid_through_the_31st_in_beijing() -> None:
    """Access 2: tldraw#9431."""
    end = ends_at("2026-12-31", START)
    assert end == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert has_time_left("2026-12-31", datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC))
    assert not has_time_left("2026-12-31", datetime(2026, 12, 31, 16, 0, tzinfo=UTC))


def test_days_run_to_the_end_of_the_last_one() -> None:
    assert ends_at("30d", START) == datetime(2026, 2, 4, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("access", ["", "0d", "-3d", "3 days", "2026-02-30", "FOREVER", "9999999d"])
def test_a_term_that_cannot_be_read_never_opens_anything(access: str) -> None:
    with pytest.raises(BadOffer):
        ends_at(access, START)


def test_access_ends_with_its_term_without_waiting_for_a_sweep(counter: Counter) -> None:
    """Access 2: sensei#1314."""
    counter.bought(offer=replace(CRAWLER, access="30d"))
    counter.clock.advance(timedelta(days=30).total_seconds())
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    counter.clock.advance(timedelta(days=1).total_seconds())
    assert not counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.till.grants_of(LIN) == []


def test_the_sweep_marks_what_has_run_out(counter: Counter) -> None:
    order, _ = counter.bought(offer=replace(CRAWLER, access="1d"))
    counter.clock.advance(3 * 24 * 3600)
    counter.till.sweep()
    assert [grant.status for grant in counter.till.show(order.order_no).grants] == ["expired"]


def test_a_follower_whose_term_ended_can_buy_again(counter: Counter) -> None:
    counter.bought(offer=replace(CRAWLER, access="1d"))
    counter.clock.advance(3 * 24 * 3600)
    counter.bought()
    assert counter.till.may_read(LIN, CRAWLER.item_id)


def test_grants_are_ones_own(counter: Counter) -> None:
    counter.bought()
    assert [grant.item_id for grant in counter.till.grants_of(LIN)] == [CRAWLER.item_id]
    assert counter.till.grants_of(MEI) == []


def test_an_openid_in_another_case_is_another_person(counter: Counter) -> None:
    counter.bought()
    assert not counter.till.may_read(LIN.swapcase(), CRAWLER.item_id)


def test_a_list_shows_at_once_what_this_till_sold_and_later_what_another_did(counter: Counter) -> None:
    assert counter.till.owned_lately(LIN).courses == frozenset()
    counter.bought()
    assert counter.till.owned_lately(LIN).courses == {CRAWLER.item_id}
    assert counter.till.owned_lately(MEI).courses == frozenset()


def test_what_another_process_sold_is_in_the_list_seconds_later(counter: Counter) -> None:
    other = new_till(counter.db, counter.gateway, counter.clock)
    assert other.owned_lately(LIN).courses == frozenset()
    counter.bought()
    assert other.owned(LIN).courses == {CRAWLER.item_id}
    counter.clock.advance(LATELY_S)
    assert other.owned_lately(LIN).courses == {CRAWLER.item_id}


def test_who_looked_while_something_was_sold_leaves_no_old_mark_behind(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look began before the sale and ends after it."""

    def slow(owned: Owned, openid: str) -> Access:
        seen = look(owned, openid)
        monkeypatch.undo()
        counter.bought()
        return seen

    look = Owned.by
    monkeypatch.setattr(Owned, "by", slow)
    counter.till.owned_lately(LIN)
    assert counter.till.owned_lately(LIN).courses == {CRAWLER.item_id}
