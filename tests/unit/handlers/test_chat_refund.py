"""``退款 1`` means an order that was offered before, and only one's own: the note is no proof of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from types import SimpleNamespace
from typing import Any, cast

import pytest

from handlers.chat.refund import answer
from handlers.chat.turn import Turn
from handlers.sentences import Sentences
from handlers.shop import Shop
from infra.clock import ManualClock
from infra.database import Database
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Books, Counter

SAY = Sentences()


@pytest.fixture
def counter(db: Database, clock: ManualClock) -> Counter:
    return Counter.opened(db, clock)


def ask(counter: Counter, openid: str, noted: str) -> str | None:
    """This follower says ``退款 1``, with this note of what was offered."""
    members = SimpleNamespace(record=lambda *_: None)
    shop: Any = SimpleNamespace(till=counter.till, clock=counter.clock, say=SAY, members=members)
    session = SimpleNamespace(notes={"refund": noted})
    turn: Any = SimpleNamespace(openid=openid, text="退款 1", session=session, means=lambda *_: True)
    return answer(cast(Shop, shop), cast(Turn, turn))


def test_ones_own_order_goes_back(counter: Counter) -> None:
    order, _ = counter.bought(LIN)
    assert order.order_no in (ask(counter, LIN, order.order_no) or "")
    assert counter.books().pending == 9900


def test_anothers_order_in_the_notes_is_refused(counter: Counter) -> None:
    order, _ = counter.bought(LIN)
    assert ask(counter, MEI, order.order_no) == SAY("refund.out_of_range")
    assert counter.books() == Books(ledger=9900, received=9900, grants=1)


def test_an_order_that_does_not_exist_is_refused(counter: Counter) -> None:
    assert ask(counter, LIN, "26010510000000000000") == SAY("refund.out_of_range")


def list_of(counter: Counter, **rooms: Any) -> str:
    """This follower says ``退款``."""
    shop: Any = SimpleNamespace(till=counter.till, clock=counter.clock, say=SAY, zone=UTC, **rooms)
    turn: Any = SimpleNamespace(
        openid=LIN,
        text="退款",
        session=SimpleNamespace(notes={}),
        means=lambda *_: True,
        reading=SimpleNamespace(asked=""),
    )
    return answer(cast(Shop, shop), cast(Turn, turn)) or ""


def test_an_old_purchase_can_be_given_back_behind_many_newer_orders(counter: Counter) -> None:
    counter.bought(offer=replace(CRAWLER, refund="365d", title="很久以前的课"))
    for at in range(6):
        counter.clock.advance(60)
        counter.bought(offer=replace(CRAWLER, item_id=f"kept-{at}", refund="none"))
    for at in range(21):
        counter.clock.advance(60)
        counter.order(offer=replace(CRAWLER, item_id=f"unpaid-{at}"))
    assert "很久以前的课" in list_of(counter)


def test_after_a_year_it_is_said_that_wechat_takes_nothing_back(counter: Counter) -> None:
    counter.bought(offer=replace(CRAWLER, refund="1000d"))
    counter.clock.advance(366 * 86_400)
    assert SAY("refund.reason_too_old") in list_of(counter)


def test_who_has_read_too_much_is_told_so_in_one_sentence(counter: Counter) -> None:
    counter.bought(offer=replace(CRAWLER, refund="7d <1/3"))
    lesson = SimpleNamespace(slug="one", has_paid=True)
    course = SimpleNamespace(id=CRAWLER.item_id, tags=(), includes=(), lessons=(lesson,))
    shelf = SimpleNamespace(catalogue=lambda: SimpleNamespace(opened_together=(course,)))
    opened = {"one": counter.clock.now()}
    progress = SimpleNamespace(opened=lambda *_: opened)
    assert "回复「退款 1」" in list_of(counter, shelf=shelf, progress=SimpleNamespace(opened=lambda *_: {}))
    assert SAY("refund.reason_read", share="三分之一", days=7) in list_of(
        counter, shelf=shelf, progress=progress
    )


def test_after_five_requests_a_day_it_is_said_to_wait(counter: Counter) -> None:
    orders = [counter.bought(offer=replace(CRAWLER, item_id=f"course-{at}"))[0] for at in range(6)]
    for order in orders[:5]:
        assert order.order_no in (ask(counter, LIN, order.order_no) or "")
    assert ask(counter, LIN, orders[5].order_no) == SAY("refund.too_often")
