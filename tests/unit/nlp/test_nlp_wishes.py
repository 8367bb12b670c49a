"""Limits told in words again, and what a message wants changed."""

import pytest

from nlp import wished_change, wishes
from nlp.limits import Limits, understand
from nlp.words import plain


@pytest.mark.parametrize(
    "limits",
    [
        Limits(free=True),
        Limits(cheap=True),
        Limits(dear=True),
        Limits(max_price_fen=10_000),
        Limits(max_price_fen=19_999),
        Limits(min_price_fen=5_000),
        Limits(min_price_fen=1),
        Limits(min_price_fen=1_875, max_price_fen=3_125),
        Limits(level="beginner"),
        Limits(level="intermediate"),
        Limits(level="advanced"),
        *(Limits(form=form) for form in ("text", "video", "audio", "live")),
        Limits(language="zh"),
        Limits(language="en"),
        Limits(short=True),
        Limits(max_minutes=30),
        Limits(max_minutes=1_200),
        Limits(max_minutes=1_440),
        Limits(max_minutes=9_600),
        Limits(max_minutes=45, language="en", form="video", max_price_fen=9_900, level="beginner"),
        Limits(max_minutes=45, short=True, language="zh", form="text", cheap=True, level="advanced"),
    ],
)
def test_what_is_told_is_understood_as_the_same(limits: Limits) -> None:
    assert understand(plain(f"爬虫，{wishes.told(limits)}")).limits == limits


def test_no_limits_are_told_with_nothing() -> None:
    assert wishes.told(Limits()) == ""


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("太难了", "easier"),
        ("看不懂，有没有简单点的", "easier"),
        ("太简单了", "deeper"),
        ("有更深入的吗", "deeper"),
        ("难一点的", "deeper"),
        ("太长了", "shorter"),
        ("有没有短一点的", "shorter"),
        ("我是零基础", ""),
        ("便宜点的", ""),
    ],
)
def test_a_wished_change_is_known_by_its_words(said: str, change: str) -> None:
    assert wished_change(said) == change


@pytest.mark.parametrize("said", ["我是零基础", "我什么都不会", "小白能学吗", "从没学过编程"])
def test_who_knows_nothing_yet_is_a_newcomer(said: str) -> None:
    assert wishes.newcomer(said)


@pytest.mark.parametrize("said", ["太难了", "有没有入门的", "学过一点", "想学爬虫"])
def test_what_is_said_of_a_course_makes_nobody_a_newcomer(said: str) -> None:
    assert not wishes.newcomer(said)
