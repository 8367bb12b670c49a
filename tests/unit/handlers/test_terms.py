"""The terms of a purchase are worded in one place, for each form that a course file may give them."""

from __future__ import annotations

import pytest

from handlers.sentences import Sentences
from handlers.terms import access_text, refund_text


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
    ("rule", "text"),
    [
        ("none", "售出后不退"),
        ("7d", "7 天内不满意可以退"),
        ("7d <1/3", "7 天内、学了不到三分之一，不满意可以退"),
        ("30d <1/2", "30 天内、学了不到一半，不满意可以退"),
        ("30d <7/20", "30 天内、学了不到7/20，不满意可以退"),
    ],
)
def test_whether_it_can_be_given_back(rule: str, text: str) -> None:
    assert refund_text(Sentences(), rule) == text
