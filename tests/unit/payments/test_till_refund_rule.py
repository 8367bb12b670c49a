"""``none``, ``7d``, ``7d <1/3``: when a buyer may give a purchase back, and how often they may ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from payments.audit_tables import audit
from payments.errors import RefundTooMuch, TooManyRequests
from payments.refund_rule import RefundRule, rule_of, why_not
from tests.unit.payments.counter import LIN, MEI, Counter

PAID_AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # ten in the morning in Beijing
LAST_MOMENT = datetime(2026, 1, 12, 15, 59, 59, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NOTHING, A_THIRD = Fraction(0), Fraction(1, 3)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("none", None),
        ("7d", RefundRule(7)),
        ("7d <1/3", RefundRule(7, A_THIRD)),
        ("7d<2/6", RefundRule(7, A_THIRD)),
        ("7d <3/3", None),
        ("7d <", None),
        ("", None),
        ("0d", None),
        ("seven days", None),
    ],
)
def test_the_forms_of_a_rule(text: str, rule: RefundRule | None) -> None:
    assert rule_of(text) == rule


def test_the_last_day_is_a_whole_day_in_beijing() -> None:
    """Access 5, for what is given back: a term of days ends at midnight, not at the hour of the purchase."""
    assert why_not("7d", PAID_AT, LAST_MOMENT, NOTHING) is None
    assert why_not("7d", PAID_AT, LAST_MOMENT + SECOND, NOTHING) == "too_late"


def test_what_is_paid_just_before_midnight_has_seven_days_more() -> None:
    paid_at = datetime(2026, 1, 5, 15, 59, tzinfo=UTC)
    assert why_not("7d", paid_at, LAST_MOMENT, NOTHING) is None


def test_a_third_is_too_much_and_less_is_not() -> None:
    assert why_not("7d <1/3", PAID_AT, PAID_AT, Fraction(33, 100)) is None
    assert why_not("7d <1/3", PAID_AT, PAID_AT, A_THIRD) == "read_too_much"


def test_how_much_was_read_matters_only_where_the_rule_says_so() -> None:
    assert why_not("7d", PAID_AT, PAID_AT, Fraction(1)) is None


def test_who_read_too_much_and_is_late_is_told_the_plainer_reason() -> None:
    assert why_not("7d <1/3", PAID_AT, LAST_MOMENT + SECOND, Fraction(1)) == "too_late"


@pytest.mark.parametrize("text", ["none", "no such rule"])
def test_what_is_not_given_back(text: str) -> None:
    assert why_not(text, PAID_AT, PAID_AT, NOTHING) == "not_given_back"


def ask(counter: Counter, order_no: str, openid: str = LIN, fen: int = 100) -> None:
    counter.till.refund(order_no, fen, "不想学了", asked_by=openid, a_day=5)


def test_five_requests_a_day_and_no_sixth(counter: Counter) -> None:
    order, _ = counter.bought()
    for _ in range(5):
        ask(counter, order.order_no)
    with pytest.raises(TooManyRequests):
        ask(counter, order.order_no)
    assert counter.books().pending == 500


def test_the_day_of_requests_ends_in_beijing_and_is_each_followers_own(counter: Counter) -> None:
    order, _ = counter.bought()
    theirs, _ = counter.bought(MEI)
    for _ in range(5):
        ask(counter, order.order_no)
    ask(counter, theirs.order_no, MEI)
    counter.clock.advance((LAST_MOMENT - timedelta(days=7) - counter.clock.now()).total_seconds())
    with pytest.raises(TooManyRequests):
        ask(counter, order.order_no)
    counter.clock.advance(1)
    ask(counter, order.order_no)


def test_each_request_says_who_asked(counter: Counter) -> None:
    order, _ = counter.bought()
    ask(counter, order.order_no)
    counter.till.refund(order.order_no, 200, "操作员退一部分")
    with counter.db.reading() as conn:
        kept = conn.execute(select(audit.c.actor, audit.c.action, audit.c.about).order_by(audit.c.id)).all()
    assert [tuple(row) for row in kept] == [
        (LIN, "refund", order.order_no),
        ("operator", "refund", order.order_no),
    ]


def test_a_request_that_is_refused_leaves_no_entry(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.till.refund(order.order_no, None, "全退")
    with pytest.raises(RefundTooMuch):
        ask(counter, order.order_no)
    with counter.db.reading() as conn:
        assert len(conn.execute(select(audit)).all()) == 1
