from __future__ import annotations

from payments.tables import orders
from payments.transitions import ATTEMPT, ORDER, REFUND, TRANSITIONS, move, sources
from tests.unit.payments.counter import Counter


def reachable(state: str) -> set[str]:
    found: set[str] = set()
    waiting = [state]
    while waiting:
        for target in ORDER[waiting.pop()] - found:
            found.add(target)
            waiting.append(target)
    return found


def test_each_arrow_leads_to_a_state_of_its_table() -> None:
    for arrows in TRANSITIONS.values():
        assert {target for targets in arrows.values() for target in targets} <= set(arrows)


def test_no_event_moves_paid_money_back() -> None:
    """litemall#271."""
    for state in ("paid", "fulfilled", "partially_refunded", "refunded"):
        assert not reachable(state) & {"created", "awaiting_payment", "closing", "closed"}
    assert not ORDER["refunded"]
    assert not ATTEMPT["success"]
    assert not REFUND["success"]


def test_success_can_be_learned_in_every_other_state_of_an_attempt() -> None:
    assert set(ATTEMPT) - {"success"} == {state for state in ATTEMPT if "success" in ATTEMPT[state]}


def test_a_success_of_a_refund_can_be_learned_in_every_other_state() -> None:
    """Ours of giving it up as well: the money is gone whatever we thought."""
    assert set(REFUND) - {"success"} == {state for state in REFUND if "success" in REFUND[state]}
    assert REFUND["closed"] == {"success"}


def test_a_move_says_whether_it_won(counter: Counter) -> None:
    order = counter.order()
    now = counter.clock.now()
    with counter.db.transaction() as conn:
        assert move(conn, orders, order.order_no, "closing", now)
        assert not move(conn, orders, order.order_no, "closing", now)
        assert not move(conn, orders, order.order_no, "fulfilled", now)
    assert counter.status(order) == "closing"


def test_sources_are_read_from_the_table() -> None:
    assert set(sources(orders, "closing")) == {"created", "awaiting_payment"}
