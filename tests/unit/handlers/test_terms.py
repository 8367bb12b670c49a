"""The terms of a purchase are worded in one place, for each form that a course file may give them."""

from __future__ import annotations

import pytest

from handlers.sentences import Sentences
from handlers.terms import access_text, refund_days, refund_text


@pytest.mark.parametrize(
    ("access", "text"),
    [
        ("forever", "开通后一直能看"),
        ("365d", "开通后 365 天内能看"),
        ("2027-12-31", "能看到 2027年12月31日"),
    ],
)
def test_how_long_a_course_stays_open(access: str, text: str) -> None:
    assert access_text(Sentences(), access) == text


@pytest.mark.parametrize(
    ("rule", "text", "days"), [("none", "售出后不退", None), ("7d", "7 天内不满意可以退", 7)]
)
def test_whether_it_can_be_given_back(rule: str, text: str, days: int | None) -> None:
    assert refund_text(Sentences(), rule) == text
    assert refund_days(rule) == days
