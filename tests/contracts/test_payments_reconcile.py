"""A day's bill against the books, on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from infra.clock import ManualClock
from infra.database import Database
from payments import bill_days, bill_differences
from payments.bill import BillBroken
from payments.bill_tables import bills
from payments.book import of_order
from payments.gateway import BillNotReady, GatewayUnavailable
from payments.match import REPAIRS
from payments.reconcile import EVERY_REPAIR, Reconciled, reconcile, reconcile_due
from payments.tables import grants, postings
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter
from tests.unit.payments.pretend_bill import Movement
from tests.unit.payments.test_till_close import desk

DAY = date(2026, 1, 5)
GO = replace(CRAWLER, item_id="go-web", price_fen=19900)


@pytest.fixture
def counter(database: Database, clock: ManualClock) -> Counter:
    return Counter.opened(database, clock)


def next_morning(counter: Counter) -> None:
    counter.clock.advance(86_400)


def compared(counter: Counter, day: date = DAY, *, apply: bool = False) -> Reconciled:
    return reconcile(desk(counter), day, repairs=EVERY_REPAIR if apply else ())


def kinds(done: Reconciled) -> list[str]:
    return [one.kind for one in done.left]


def test_books_that_agree_agree(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.bought(MEI, GO)
    counter.refunded(order.order_no, 3000)
    next_morning(counter)
    done = compared(counter)
    assert done.left == [] and done.totals.rows == 3
    assert (done.totals.received_fen, done.totals.refunded_fen) == (9900 + 19900, 3000)


def test_fees_are_booked_from_the_bill_and_once(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.refunded(order.order_no, 3000)
    next_morning(counter)
    for _ in range(2):
        assert compared(counter).totals.fee_fen == 59 - 18
        with counter.db.reading() as conn:
            assert of_order(conn, order.order_no) == {"wechat": 6900 - 41, "fees": 41, "sales": -6900}
    assert counter.till.show(order.order_no).balance_fen == 6900


def test_another_fee_than_the_one_that_was_booked_is_shown(counter: Counter) -> None:
    counter.bought()
    next_morning(counter)
    compared(counter)
    with counter.db.transaction() as conn:
        conn.execute(update(postings).where(postings.c.account == "fees").values(fen=1))
    assert kinds(compared(counter, apply=True)) == ["other_fee"]


def test_a_payment_that_nobody_told_us_of_is_settled_by_asking(counter: Counter) -> None:
    order, _ = counter.paid()
    next_morning(counter)
    assert kinds(compared(counter)) == ["missing_payment"]
    assert counter.status(order) == "awaiting_payment", "the bill alone opens nothing"
    done = compared(counter, apply=True)
    assert (done.left, [one.repair for one in done.repaired]) == ([], ["settle"])
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.receipts() == [order.order_no]


def test_the_bill_is_not_believed_when_the_gateway_says_otherwise(counter: Counter) -> None:
    order, out_trade_no = counter.prepared()
    forged = Movement(counter.clock.now(), "4200forged", out_trade_no, 9900)
    counter.gateway.tamper = lambda moved: [*moved, forged]
    next_morning(counter)
    done = compared(counter, apply=True)
    assert [(one.kind, one.repair) for one in done.left] == [("missing_payment", "operator")]
    assert counter.status(order) == "awaiting_payment"
    assert counter.books().received == 0


def test_a_refund_whose_end_nobody_told_us_of_is_finished_by_asking(counter: Counter) -> None:
    order, _ = counter.bought()
    out_refund_no = counter.till.refund(order.order_no, None, "不想学了").out_refund_no
    counter.gateway.refund_ends(out_refund_no)
    next_morning(counter)
    assert kinds(compared(counter)) == ["missing_refund"]
    assert compared(counter, apply=True).left == []
    assert counter.status(order) == "refunded"


def test_a_refund_by_hand_at_the_merchant_platform_is_taken_in(counter: Counter) -> None:
    order, out_trade_no = counter.bought()
    counter.gateway.refunded_by_hand(out_trade_no, 9900)
    next_morning(counter)
    assert kinds(compared(counter)) == ["foreign_refund"]
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert compared(counter, apply=True).left == []
    (refund,) = counter.till.show(order.order_no).refunds
    assert (refund.status, refund.fen, refund.asked_by) == ("success", 9900, "merchant platform")
    assert counter.status(order) == "refunded"
    assert not counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.till.show(order.order_no).balance_fen == 0


def test_a_refund_by_hand_never_passes_what_was_received(counter: Counter) -> None:
    order, out_trade_no = counter.bought()
    counter.till.refund(order.order_no, 9900, "不想学了")
    counter.gateway.refunded_by_hand(out_trade_no, 9900)
    next_morning(counter)
    done = compared(counter, apply=True)
    assert [(one.kind, one.repair) for one in done.left] == [("foreign_refund", "operator")]
    assert counter.books().refunded == 0


def test_what_was_paid_and_never_opened_is_opened_and_told(counter: Counter) -> None:
    order, _ = counter.bought()
    with counter.db.transaction() as conn:
        conn.execute(delete(grants))
    next_morning(counter)
    assert kinds(compared(counter)) == ["not_opened"]
    assert compared(counter, apply=True).left == []
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    assert counter.receipts() == [order.order_no, order.order_no]


def test_what_an_operator_took_away_is_not_opened_again(counter: Counter) -> None:
    counter.bought()
    with counter.db.transaction() as conn:
        conn.execute(update(grants).values(status="revoked", ended_at=counter.clock.now()))
    next_morning(counter)
    assert kinds(compared(counter, apply=True)) == []


def test_ours_that_the_bill_does_not_have_is_an_operators_matter(counter: Counter) -> None:
    counter.bought()
    next_morning(counter)
    counter.gateway.tamper = lambda moved: []
    assert [(one.kind, one.repair) for one in compared(counter).left] == [("missing_there", "ask")]
    done = compared(counter, apply=True)
    assert [(one.kind, one.repair) for one in done.left] == [("missing_there", "operator")]
    counter.gateway.tamper = lambda moved: moved
    assert compared(counter).left == [], "the bill was made anew"


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("other_amount", {"fen": 9901}),
        ("other_number", {"out_trade_no": "somebodyelses01"}),
        ("other_merchant", {"mch_id": "1900009999"}),
        ("unreadable", {"state": "REVOKED"}),
    ],
)
def test_a_line_that_differs_is_an_operators_matter(
    counter: Counter, kind: str, other: dict[str, str]
) -> None:
    counter.bought()
    counter.gateway.tamper = lambda moved: [replace(one, **other) for one in moved]  # type: ignore[arg-type]
    next_morning(counter)
    before = counter.books()
    left = {one.kind: one.repair for one in compared(counter, apply=True).left}
    assert left[kind] == "operator" and set(left) <= {kind, "missing_there"}
    assert counter.books() == before


def test_a_line_that_stands_there_twice_and_a_number_that_nobody_knows(counter: Counter) -> None:
    counter.bought()
    stranger = Movement(counter.clock.now(), "4200x", "anothershop01", 100)
    counter.gateway.tamper = lambda moved: [*moved, *moved, stranger, replace(stranger, out_refund_no="x1")]
    next_morning(counter)
    done = compared(counter, apply=True)
    assert sorted(kinds(done)) == ["stranger_payment", "stranger_refund", "twice"]
    assert {one.repair for one in done.left} == {"operator"}


def test_a_refund_under_way_moved_nothing_yet(counter: Counter) -> None:
    order, _ = counter.bought()
    made = counter.till.refund(order.order_no, 3000, "不想学了")
    ((_, paid),) = counter.gateway.accounts.items()
    asked = Movement(
        counter.clock.now(), paid.transaction_id, made.out_trade_no, 3000, made.out_refund_no, "PROCESSING"
    )
    counter.gateway.tamper = lambda moved: [*moved, asked] if asked.day == moved[0].day else moved[1:]
    next_morning(counter)
    assert compared(counter).left == []
    counter.gateway.refund_ends(made.out_refund_no)
    counter.tell_refund(made.out_refund_no)
    counter.gateway.movements = lambda day: []  # type: ignore[method-assign]  # it stood in the bill of the day before
    next_morning(counter)
    assert compared(counter, DAY + timedelta(days=1)).left == []


@pytest.mark.parametrize("later_s", [-2, 2])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_moment_on_the_neighbouring_day_is_no_difference(
    counter: Counter, later_s: int, backwards: bool
) -> None:
    """Whichever of the two bills is read first."""
    counter.bought(MEI)
    next_morning(counter)
    to_midnight = 14 * 3600 - (1 if later_s > 0 else -1)
    counter.clock.advance(to_midnight)
    counter.bought(offer=GO)
    counter.gateway.counts_later_by = timedelta(seconds=later_s)
    counter.clock.advance(86_400 + 12 * 3600)
    days = [DAY + timedelta(days=after) for after in range(3)]
    for _ in range(2):
        for day in reversed(days) if backwards else days:
            assert compared(counter, day).left == [], day


def test_what_waited_for_the_neighbours_bill_in_vain_is_a_difference(counter: Counter) -> None:
    counter.clock.advance(14 * 3600 - 1)
    counter.bought()
    counter.gateway.tamper = lambda moved: []
    counter.clock.advance(86_400 + 11 * 3600)
    assert compared(counter).left == []
    assert compared(counter, DAY + timedelta(days=1)).left == []
    with counter.db.reading() as conn:
        assert bill_differences.count_open(conn) == {DAY: 1}


@pytest.mark.parametrize(
    "spoilt", [lambda text: text[: len(text) // 2], lambda text: text.replace(b"99.00", b"98.00", 1)]
)
def test_a_broken_bill_is_one_error_and_changes_nothing(counter: Counter, spoilt) -> None:  # type: ignore[no-untyped-def]
    counter.paid()
    counter.bought(MEI)
    next_morning(counter)
    counter.gateway.spoil = spoilt
    with pytest.raises(BillBroken):
        compared(counter, apply=True)
    with counter.db.reading() as conn:
        assert bill_differences.count_open(conn) == {}
        assert conn.execute(select(func.count()).select_from(bills)).scalar_one() == 0
        assert conn.execute(select(func.count()).where(postings.c.account == "fees")).scalar_one() == 0


def test_a_bill_that_is_still_being_made_comes_later(counter: Counter) -> None:
    with pytest.raises(BillNotReady):
        compared(counter)


def test_what_was_dismissed_stays_so(counter: Counter) -> None:
    counter.bought()
    counter.gateway.tamper = lambda moved: [replace(one, fen=9901) for one in moved]
    next_morning(counter)
    (found,) = compared(counter).left
    with counter.db.transaction() as conn:
        assert bill_differences.end(conn, found.id, "dismissed", counter.clock.now())
    assert compared(counter).left == []
    counter.gateway.tamper = lambda moved: [replace(one, fen=9902) for one in moved]
    assert kinds(compared(counter)) == ["other_amount"], "this is another one"


def test_each_day_is_read_by_itself_after_ten_oclock_and_once(counter: Counter) -> None:
    counter.bought()
    counter.clock.advance(86_400 - 60)  # 09:59
    assert reconcile_due(desk(counter)) == 0
    counter.clock.advance(60)
    assert reconcile_due(desk(counter)) == 1
    assert reconcile_due(desk(counter)) == 0
    next_morning(counter)
    assert reconcile_due(desk(counter)) == 1
    assert days_of(counter) == {"2026-01-05": "equal", "2026-01-06": "equal"}


def test_days_that_were_missed_are_caught_up_as_far_as_wechat_keeps_bills(counter: Counter) -> None:
    counter.bought()
    counter.clock.advance(100 * 86_400)
    tried = 0
    while done := reconcile_due(desk(counter)):
        tried += done
    assert tried == 89
    assert min(days_of(counter)) == "2026-01-16"


def test_tries_have_an_end(counter: Counter) -> None:
    counter.bought()
    next_morning(counter)
    counter.gateway.down = True
    tried = 0
    for _ in range(24 * 6):
        tried += reconcile_due(desk(counter), limit=1)
        counter.clock.advance(600)
    assert 5 < tried <= bill_days.MOST_TRIES
    counter.clock.advance(10 * 86_400)
    for _ in range(bill_days.MOST_TRIES):
        reconcile_due(desk(counter), limit=1)
        counter.clock.advance(6 * 3600)
    assert days_of(counter)["2026-01-05"] == "failed"
    counter.gateway.down = False
    assert compared(counter).left == []
    assert days_of(counter)["2026-01-05"] == "equal"


def test_by_itself_it_repairs_what_a_notification_would_and_takes_nothing_away(counter: Counter) -> None:
    _, out_trade_no = counter.bought()
    order, _ = counter.paid(MEI)
    counter.gateway.refunded_by_hand(out_trade_no, 9900)
    next_morning(counter)
    assert reconcile_due(desk(counter)) == 1
    assert counter.status(order) == "fulfilled"
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    with counter.db.reading() as conn:
        assert bill_differences.count_open(conn) == {DAY: 1}


def test_a_repair_that_gets_no_answer_is_tried_another_time(counter: Counter) -> None:
    counter.paid()
    next_morning(counter)

    def goes_down(name: str) -> None:
        if name == "query":
            raise GatewayUnavailable("down")

    counter.gateway.during_call = goes_down
    assert [one.repair for one in compared(counter, apply=True).left] == ["settle"]
    counter.gateway.during_call = lambda name: None
    assert compared(counter, apply=True).left == []


def test_each_kind_has_a_repair_and_the_table_room_for_it() -> None:
    assert all(len(word) <= 24 for kind in REPAIRS.items() for word in kind)


def days_of(counter: Counter) -> dict[str, str]:
    with counter.db.reading() as conn:
        return {str(row.day): row.status for row in conn.execute(select(bills.c.day, bills.c.status))}
