"""Invariant 6 with real processes: one that is killed by SIGKILL at a statement of settle, refund or close,
another that comes after it, and the same end on each kind of database.

Here at some statements of each story; `benchmarks.kills` takes all of them.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest

from infra.clock import ManualClock
from infra.database import Database
from tests.unit.payments.counter import Counter
from tests.unit.payments.other_process import OtherProcess, run_all
from tests.unit.payments.test_till_invariants import empty
from tests.unit.payments.test_till_kill_points import STORIES, run_on, state

KILLED = ("settle", "settle a surplus", "refund", "close", "close what was paid")
KILLS = 4


@pytest.mark.parametrize("story", KILLED)
def test_a_process_that_is_killed_and_replaced_ends_the_same(
    story: str, database: Database, database_url: str
) -> None:
    wanted, statements = ended(database, database_url, story, None)
    assert statements is not None
    assert statements > 3  # on PostgreSQL all that is written is one
    stride = -(-statements // KILLS)
    for kill_at in range(crc32(f"{story} {database.dialect}".encode()) % stride, statements, stride):
        after, survived = ended(database, database_url, story, kill_at)
        assert survived is None, f"{story}: it was to die at statement {kill_at}"
        assert after == wanted, f"{story}: killed at statement {kill_at}"


def ended(db: Database, url: str, name: str, kill_at: int | None) -> tuple[list[Any], int | None]:
    """The final state, and how many statements there were; None for a process that was killed."""
    prepare, act = STORIES[name]
    empty(db)
    counter = Counter.opened(db, ManualClock())
    prepare(counter)
    other = OtherProcess(url, act, counter.clock.now(), kill_at)
    run_all([other], counter.gateway)
    assert other.was_killed == (kill_at is not None and other.statements is None)
    run_on(counter, act)
    assert the_books_agree(counter)
    return state(counter), other.statements


def the_books_agree(counter: Counter) -> bool:
    books = counter.books()
    at_wechat = counter.gateway.took_fen - counter.gateway.gave_back_fen
    return books.ledger == books.received - books.refunded == at_wechat
