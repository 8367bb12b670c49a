"""Invariant 6: killed at any statement, restarted and replayed, the till ends in the same state.

A kill before a commit is a transaction that never happened; one after it is an answer that nobody heard. Both
are made here by an error out of the database driver's hook, at each statement and at each commit in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from infra.clock import ManualClock
from infra.database import Database, metadata
from infra.errors import KebanError
from payments.tables import attempts, grants, orders, postings, refunds
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter, new_till
from tests.unit.payments.test_till_given_up import goes_back_after_all, refused


class Killed(Exception):
    """The process is gone."""


@dataclass
class Killer:
    """Ends the process at the n-th statement (or commit) after it was armed."""

    left: int | None = None

    def hit(self, *_args: Any, **_kw: Any) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Killed


Story = Callable[[Counter], None]


def settle(counter: Counter) -> None:
    counter.till.notified(*counter.gateway.payment_notice(number(counter)))


def settle_surplus(counter: Counter) -> None:
    """The same thing is owned through another order: the money goes back."""
    settle(counter)
    counter.till.sweep()


def poll(counter: Counter) -> None:
    counter.clock.advance(60)
    counter.till.refresh(counter.till.recent()[-1].order_no)


def close(counter: Counter) -> None:
    counter.clock.advance(3 * 3600)
    counter.till.sweep()


def refund(counter: Counter) -> None:
    order_no = counter.till.recent()[-1].order_no
    if not counter.till.show(order_no).refunds:
        counter.till.refund(order_no, None, "不想学了")
    counter.clock.advance(60)
    counter.till.sweep()
    for out_refund_no in counter.gateway.refunds:
        counter.gateway.refund_ends(out_refund_no)
        counter.tell_refund(out_refund_no)


def surplus_is_going_back(counter: Counter) -> None:
    one_paid_and_owned(counter)
    settle_surplus(counter)


def close_refund(counter: Counter) -> None:
    """WeChat Pay closes the automatic refund: it is to be made again, once."""
    first = next(iter(counter.gateway.refunds))
    counter.gateway.refund_ends(first, "CLOSED")
    counter.tell_refund(first)


def one_given_up(counter: Counter) -> None:
    """And gone back after all: its request was long under way."""
    _, given_up = refused(counter)
    goes_back_after_all(counter, given_up)


def finish_refund(counter: Counter) -> None:
    counter.tell_refund(next(iter(counter.gateway.refunds)))


def pay_page(counter: Counter) -> None:
    counter.till.prepay(counter.order(MEI).order_no, MEI)


def number(counter: Counter) -> str:
    return next(iter(counter.gateway.accounts))


def one_paid(counter: Counter) -> None:
    counter.paid()


def one_paid_and_owned(counter: Counter) -> None:
    counter.paid()
    counter.bought(offer=replace(CRAWLER, price_fen=7900))


def one_unpaid(counter: Counter) -> None:
    counter.prepared()


def one_bought(counter: Counter) -> None:
    counter.bought()


def nothing(_counter: Counter) -> None:
    pass


STORIES: dict[str, tuple[Story, Story]] = {
    "settle": (one_paid, settle),
    "settle a surplus": (one_paid_and_owned, settle_surplus),
    "settle by polling": (one_paid, poll),
    "close": (one_unpaid, close),
    "close what was paid": (one_paid, close),
    "refund": (one_bought, refund),
    "close a surplus's refund": (surplus_is_going_back, close_refund),
    "book a refund that was given up": (one_given_up, finish_refund),
    "order and prepay": (nothing, pay_page),
}


@pytest.mark.parametrize("story", STORIES)
def test_killed_at_any_statement_and_replayed_it_ends_the_same(story: str, tmp_path: Path) -> None:
    prepare, act = STORIES[story]
    wanted = run(tmp_path / "whole.db", prepare, act, kill_at=None)
    for kill_at in count():
        ended = run(tmp_path / f"{kill_at}.db", prepare, act, kill_at=kill_at)
        if ended is None:
            break
        assert ended == wanted, f"killed at statement {kill_at}"
    assert kill_at > 5


def run(path: Path, prepare: Story, act: Story, *, kill_at: int | None) -> list[Any] | None:
    """The final state; None when there were fewer statements than ``kill_at``."""
    with opened(path) as (counter, killer):
        prepare(counter)
        killer.left = kill_at
        was_killed = _dies(act, counter)
        killer.left = None
        if kill_at is not None and not was_killed:
            return None
        run_on(counter, act)
        return state(counter)


def run_on(counter: Counter, act: Story) -> None:
    """A new process, and what the world does by itself: repeats, and the worker."""
    restart(counter)
    for _ in range(2):
        _dies(act, counter)
        counter.clock.advance(3600)
        counter.till.sweep()


def _dies(act: Story, counter: Counter) -> bool:
    try:
        act(counter)
    except Killed:
        return True
    except KebanError:
        return False  # refused because it is done already
    return False


def restart(counter: Counter) -> None:
    """A new process: connections and objects gone, tables and gateway as they were."""
    counter.db.engine.dispose()
    counter.till = new_till(counter.db, counter.gateway, counter.clock)


@contextmanager
def opened(path: Path) -> Iterator[tuple[Counter, Killer]]:
    db, killer = Database(f"sqlite:///{path}"), Killer()
    metadata.create_all(db.engine)
    event.listen(db.engine, "before_cursor_execute", killer.hit)
    event.listen(db.engine, "commit", killer.hit)
    yield Counter.opened(db, ManualClock()), killer
    db.close()


_ATTEMPTS = select(
    attempts.c.out_trade_no,
    attempts.c.number,
    attempts.c.status,
    attempts.c.received_fen,
    attempts.c.refunded_fen,
    attempts.c.pending_fen,
    attempts.c.wrong,
)


def state(counter: Counter) -> list[Any]:
    """All that matters in the end; random numbers and moments left out."""
    with counter.db.reading() as conn:
        return [
            sorted(conn.execute(select(orders.c.openid, orders.c.total_fen, orders.c.status)).all()),
            sorted((*row[1:-1], row.wrong.replace(row.out_trade_no, "")) for row in conn.execute(_ATTEMPTS)),
            sorted(conn.execute(select(grants.c.openid, grants.c.item_id, grants.c.status)).all()),
            sorted(conn.execute(select(refunds.c.fen, refunds.c.status)).all()),
            sorted(conn.execute(select(postings.c.account, postings.c.fen)).all()),
            len(counter.receipts()),
            counter.till.may_read(LIN, CRAWLER.item_id),
        ]
