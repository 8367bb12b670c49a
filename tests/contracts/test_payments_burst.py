"""Payments that arrive together, settled in one transaction: each of them as if it had come alone."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import event, func, select

from infra.clock import ManualClock
from infra.database import Database
from infra.errors import Unavailable
from infra.outbox import Outbox
from payments.burst import settle_plain
from payments.case import AT_ONCE
from payments.gateway import Notice, Payment
from payments.tables import notifications
from tests.contracts.test_payments_databases import at_once
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Books, Counter
from tests.unit.payments.test_till_goods import BUNDLE

FEN = CRAWLER.price_fen
PATIENCE_S = 30.0
FOLLOWERS = [f"oFollower_{at:020d}" for at in range(5)]


@pytest.fixture
def counter(database: Database, clock: ManualClock) -> Counter:
    return Counter.opened(database, clock)


def noticed(counter: Counter, out_trade_no: str, /, **lies: Any) -> Notice[Payment]:
    return counter.gateway.open_payment(*counter.gateway.payment_notice(out_trade_no, **lies))


def results(counter: Counter, notices: list[Notice[Payment]]) -> list[str | None]:
    return [one.result if one else None for one in settle_plain(counter.till.desk, notices)]


@pytest.mark.parametrize("count", [2, 5])
def test_several_payments_are_settled_in_one_transaction(counter: Counter, count: int) -> None:
    notices = [noticed(counter, counter.paid(openid)[1]) for openid in FOLLOWERS[:count]]
    seen: list[Any] = []
    event.listen(counter.db.engine, "commit", seen.append)
    assert results(counter, notices) == ["fulfilled"] * count
    assert len(seen) == 1
    assert counter.books() == Books(ledger=count * FEN, received=count * FEN, grants=count)
    assert len(counter.receipts()) == count
    assert all(counter.till.may_read(openid, CRAWLER.item_id) for openid in FOLLOWERS[:count])


def test_settled_again_together_they_change_nothing(counter: Counter) -> None:
    notices = [noticed(counter, counter.paid(openid)[1]) for openid in FOLLOWERS]
    results(counter, notices)
    before = counter.books()
    assert results(counter, notices) == [None] * len(FOLLOWERS)
    assert counter.books() == before


def test_of_one_followers_two_payments_the_second_is_looked_at_after_the_first(counter: Counter) -> None:
    """The bundle has the course in it: only one of the two that look at once may see the other's grant."""
    (_, course), (_, bundle) = counter.paid(), counter.paid(offer=BUNDLE)
    assert results(counter, [noticed(counter, bundle), noticed(counter, course)]) == ["fulfilled", None]
    counter.tell(course)
    assert counter.books().refunds == 1


def test_a_lie_among_them_is_left_to_itself(counter: Counter) -> None:
    (_, honest), (_, lying) = counter.paid(LIN), counter.paid(MEI)
    notices = [noticed(counter, lying, total_fen=1), noticed(counter, honest), noticed(counter, lying)]
    assert results(counter, notices) == [None, "fulfilled", "fulfilled"]
    assert counter.books() == Books(ledger=2 * FEN, received=2 * FEN, grants=2)


def test_one_transaction_of_wechats_is_credited_to_one_of_them(counter: Counter) -> None:
    (_, lins), (_, meis) = counter.paid(LIN), counter.paid(MEI)
    twice = noticed(counter, meis, transaction_id=f"42-{lins}")
    assert results(counter, [noticed(counter, lins), twice]) == ["fulfilled", None]
    assert not counter.till.may_read(MEI, CRAWLER.item_id)


def test_a_stranger_among_them_is_left_to_itself(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    stranger = noticed(counter, out_trade_no, out_trade_no="2601051000ABCDEFGH01", transaction_id="42-x")
    assert results(counter, [stranger, noticed(counter, out_trade_no)]) == [None, "fulfilled"]


class Broken(Exception):
    pass


def test_what_fails_together_has_written_nothing_and_is_settled_by_itself(counter: Counter) -> None:
    numbers = [counter.paid(openid)[1] for openid in FOLLOWERS]
    notices = [noticed(counter, number) for number in numbers]

    def fail(_conn: object) -> None:
        raise Broken

    event.listen(counter.db.engine, "commit", fail)
    with pytest.raises(Broken):
        results(counter, notices)
    event.remove(counter.db.engine, "commit", fail)
    assert counter.books() == Books()
    for number in numbers:
        counter.tell(number)
    assert counter.books() == Books(ledger=5 * FEN, received=5 * FEN, grants=5)


def crowded(counter: Counter, number: int, error: Exception) -> Callable[[object], None]:
    """The first who commits waits until all others stand in line; those then fail together."""
    line = counter.till._burst._waiting  # nobody else can say that they wait
    seen: list[object] = []

    def on_commit(conn: object) -> None:
        seen.append(conn)
        until_s = monotonic() + PATIENCE_S
        while len(seen) == 1 and len(line) < number - 1:
            assert monotonic() < until_s, "not all of them came"
            Event().wait(0.005)
        if len(seen) == 2:
            raise error

    return on_commit


@pytest.mark.parametrize("error", [Unavailable("gone"), ValueError("what nobody thought of")])
def test_when_they_fail_together_each_is_answered_all_the_same(counter: Counter, error: Exception) -> None:
    """Who took the others in gets no other answer than they do, and nobody waits for ever."""
    deliveries = [counter.gateway.payment_notice(counter.paid(openid)[1]) for openid in FOLLOWERS]
    event.listen(counter.db.engine, "commit", crowded(counter, len(deliveries), error))
    traces = at_once([lambda d=one: counter.till.notified(*d) for one in deliveries])  # type: ignore[misc]
    assert len(set(traces)) == len(FOLLOWERS)
    assert counter.books() == Books(ledger=5 * FEN, received=5 * FEN, grants=5)
    assert counter.till._burst._is_busy is False


def test_a_receipt_carries_the_trace_of_its_own_notification(counter: Counter) -> None:
    notices = [noticed(counter, counter.paid(openid)[1]) for openid in FOLLOWERS]
    results(counter, notices)
    traces = {parcel.trace for parcel in Outbox(counter.db, counter.clock).waiting()}
    assert len(traces) == len(FOLLOWERS)
    assert "" not in traces


def test_a_crowd_at_the_door_is_settled_to_the_last_one(counter: Counter) -> None:
    """Truths, repeats and lies at the same moment, by as many threads as the service has and more."""
    crowd = [f"oCrowd_{at:022d}" for at in range(2 * AT_ONCE)]
    numbers = [counter.paid(openid)[1] for openid in crowd]
    deliveries = [counter.gateway.payment_notice(number) for number in numbers]
    lies = [counter.gateway.payment_notice(number, total_fen=1) for number in numbers[:4]]
    told = [*lies, *deliveries, *deliveries[:6]]
    at_once([lambda d=one: counter.till.notified(*d) for one in told])  # type: ignore[misc]
    total = len(crowd) * FEN
    assert counter.books() == Books(ledger=total, received=total, grants=len(crowd))
    assert len(counter.receipts()) == len(crowd)
    with counter.db.reading() as conn:
        done = select(func.sum(notifications.c.deliveries)).where(notifications.c.status == "done")
        assert int(conn.execute(done).scalar_one()) == len(crowd) + 6
