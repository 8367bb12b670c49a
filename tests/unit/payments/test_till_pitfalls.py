"""Faults that tills of this kind have had: each line of "Money" and "Access" names the tests that hold it.

The tests quote the line's number in their docstrings (``Money 3: …``), and the last test here looks that none
of the lines is without one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from infra.database import Database
from payments.tables import notifications
from tests.unit.payments.counter import CRAWLER, LIN, Books, Counter
from tests.unit.payments.test_till_kill_points import Killed, Killer

TESTS = Path(__file__).resolve().parents[2]
PITFALLS = {
    "Money 1": "two notifications at once credit twice; the redirect and the webhook confirm together",
    "Money 2": "acknowledged before it was stored, then the queue lost it: paid, not unlocked",
    "Money 3": "the amount is not compared, so 1 fen buys everything; an empty signature passes",
    "Money 4": "a late failure overwrites a success; a late 'paid' reopens a refunded order",
    "Money 5": "closed here, paid there; a failed query taken for 'not paid'",
    "Money 6": "the price changed between order and payment; one number with another amount",
    "Money 7": "floats for money; a negative total; a zero total sent to the gateway",
    "Money 8": "what an order held is oversold, or given back twice or not at all when it times out",
    "Money 9": "the gateway called inside a transaction; two administrators refund more than was paid",
    "Access 1": "refunded, still open; one of two purchases refunded takes all; a part takes everything",
    "Access 2": "expired, still open; valid 'to 31 December' ends on the 30th",
    "Access 3": "paid text leaks through an excerpt, a feed, a search result, a raw .md",
    "Access 4": "another follower's order opens by its number; a learner writes a flag of their own",
    "Access 5": "a renamed or renumbered course orphans what was bought",
}


@pytest.mark.parametrize("kill_at", range(0, 16, 3))
def test_nothing_is_acknowledged_that_was_not_stored(counter: Counter, kill_at: int) -> None:
    """Money 2: an answer without an error means that money, access and the notification are committed."""
    _, out_trade_no = counter.paid()
    killer = Killer()
    with listening(counter.db, killer):
        killer.left = kill_at
        try:
            counter.tell(out_trade_no)
        except Killed:
            assert counter.books() == Books()
            assert kept(counter) == 0
            counter.tell(out_trade_no)
    assert counter.books() == Books(ledger=9900, received=9900, grants=1)
    assert kept(counter) == 1


def kept(counter: Counter) -> int:
    with counter.db.reading() as conn:
        return conn.execute(select(func.count()).select_from(notifications)).scalar_one()


class listening:  # noqa: N801 - used like a context manager's function
    def __init__(self, db: Database, killer: Killer) -> None:
        self._on, self._killer = db.engine, killer

    def __enter__(self) -> None:
        for moment in ("before_cursor_execute", "commit"):
            event.listen(self._on, moment, self._killer.hit)

    def __exit__(self, *_: object) -> None:
        for moment in ("before_cursor_execute", "commit"):
            event.remove(self._on, moment, self._killer.hit)


@pytest.mark.parametrize("fen", [1, 9899, 9901, 0, -9900])
def test_no_other_amount_buys_it(counter: Counter, fen: int) -> None:
    """Money 3: one fen does not buy everything."""
    _, out_trade_no = counter.paid()
    with pytest.raises(Exception, match="does not match"):
        counter.tell(out_trade_no, total_fen=fen)
    assert counter.books() == Books()


@pytest.mark.parametrize("price_fen", [1, 9900, 12345678901])
def test_money_is_whole_fen_from_the_order_to_the_books(counter: Counter, price_fen: int) -> None:
    """Money 7: no sum passes through a float."""
    order, out_trade_no = counter.bought(offer=replace(CRAWLER, price_fen=price_fen))
    assert counter.gateway.accounts[out_trade_no].request.total_fen == price_fen
    file = counter.till.show(order.order_no)
    assert (file.balance_fen, file.attempts[0].received_fen) == (price_fen, price_fen)


def test_what_an_open_order_holds_is_free_once_it_times_out(counter: Counter) -> None:
    """Money 8: the one open order of a follower for a thing is the only thing that is held."""
    first = counter.order()
    assert counter.order().order_no == first.order_no
    counter.clock.advance(2 * 3600)
    counter.till.sweep()
    second = counter.order()
    counter.till.sweep()  # closing the first again would set the second free
    assert second.order_no != first.order_no and counter.order().order_no == second.order_no


def runs_out(counter: Counter) -> None:
    counter.prepared()
    counter.clock.advance(2 * 3600)
    counter.till.sweep()


CALLS: dict[str, Callable[[Counter], Any]] = {
    "prepay": lambda counter: counter.prepared(),
    "query": lambda counter: counter.till.insist(counter.prepared()[0].order_no),
    "close": runs_out,
    "refund": lambda counter: counter.refunded(counter.bought()[0].order_no),
}


@pytest.mark.parametrize("call", CALLS)
def test_no_connection_is_held_while_the_gateway_is_asked(counter: Counter, call: str) -> None:
    """Money 9: the gateway called inside a database transaction."""
    held: list[tuple[str, int]] = []
    pool: Any = counter.db.engine.pool
    counter.gateway.during_call = lambda name: held.append((name, pool.checkedout()))
    CALLS[call](counter)
    assert call in [name for name, _ in held]
    assert {count for _, count in held} == {0}


def test_one_of_two_sources_ends_alone(counter: Counter) -> None:
    """Access 1: one of two purchases refunded, access gone altogether."""
    alone, _ = counter.bought()
    both = (("course", CRAWLER.item_id), ("course", "go-web"))
    bundle = replace(CRAWLER, item_id="both", item_kind="bundle", contents=both)
    counter.bought(offer=bundle)
    counter.refunded(alone.order_no)
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.till.may_read(LIN, "go-web")


def quoted() -> Iterator[str]:
    """What the tests say that they hold."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield from re.findall(r"(?:Money|Access) \d+", ast.get_docstring(node) or "")


def test_no_pitfall_is_without_a_test() -> None:
    assert set(quoted()) == set(PITFALLS)
