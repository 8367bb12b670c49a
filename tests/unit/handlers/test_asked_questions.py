"""What others asked: several people, the same words, nothing personal, and a course that still answers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from handlers.asked_questions import KEPT, LOOK_BACK, AskedQuestions, Question, counted
from infra.clock import ManualClock
from infra.database import Database
from infra.errors import Unavailable
from learners.event_log import Event, EventLog

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def asked(
    text: str, *openids: str, shown: tuple[str, ...] = ("a",), apart: timedelta = timedelta(days=1)
) -> list[Event]:
    """The newest first, as the log gives them."""
    return [
        Event(NOW - apart * number, openid, "ask", {"text": text, "shown": list(shown)})
        for number, openid in enumerate(openids)
    ]


def test_three_followers_make_a_question() -> None:
    assert counted(asked("爬虫要会什么", "x", "y")) == {}
    assert counted(asked("爬虫要会什么", "x", "y", "z")) == {"a": [Question("爬虫要会什么", 3)]}


def test_one_follower_who_asks_again_and_again_is_one() -> None:
    assert counted(asked("爬虫要会什么", "x", "x", "x", "y", "y")) == {}


def test_what_three_ask_in_one_evening_is_none() -> None:
    assert counted(asked("爬虫要会什么", "x", "y", "z", apart=timedelta(hours=3))) == {}
    two_days = [*asked("爬虫要会什么", "x", "y"), *asked("爬虫要会什么", "z", "w", "x")[:2]]
    assert counted(two_days) == {}


def test_who_asked_on_many_days_counts_for_the_first() -> None:
    again = asked("爬虫要会什么", "z", "y", "z", "y", "z", "x", "y", "z", apart=timedelta(hours=8))
    assert counted(again) == {}  # each began on the last of the days


@pytest.mark.parametrize(
    "text", ["爬虫课淘宝只要十块", "这个爬虫课是骗人的吗", "爬虫课加群免费领", "垃圾爬虫课怎么退钱"]
)
def test_what_leads_elsewhere_or_speaks_ill_is_never_shown(text: str) -> None:
    assert counted(asked(text, "x", "y", "z", "w")) == {}


def test_the_same_words_in_another_case_and_with_other_marks_are_the_same() -> None:
    events = [
        *asked("学 Python 难吗？", "x", "w"),
        *asked(" 学 python  难吗 ", "y"),
        *asked("学 Python 难吗", "w", "x", "z"),
    ]
    assert counted(events) == {"a": [Question("学 Python 难吗", 4)]}


@pytest.mark.parametrize(
    "text",
    [
        "我的电话是多少", "加我微信号聊聊课", "我是 13800138000 想学", "a@b.cn 想学爬虫", "订单 2024 怎么退",
        "看 https://x.y 学什么", "去 www.abc 学爬虫", "我的qq能学吗", "学啥", "很长" * 20,
    ],
)  # fmt: skip
def test_what_may_be_personal_or_is_too_short_or_long_is_never_shown(text: str) -> None:
    assert counted(asked(text, "x", "y", "z")) == {}


def test_the_questions_stand_by_the_courses_that_were_shown_the_most_asked_first() -> None:
    events = [*asked("怎么学爬虫", "x", "y", "z"), *asked("爬虫好学吗", "x", "y", "z", "w", shown=("a", "b"))]
    found = counted(events)
    assert [one.text for one in found["a"]] == ["爬虫好学吗", "怎么学爬虫"]
    assert [one.text for one in found["b"]] == ["爬虫好学吗"]


class Answering:
    """A library whose librarian finds course ``a`` for whatever speaks of 爬虫."""

    def librarian(self) -> Answering:
        return self

    def search(self, text: str, *, limit: int) -> Any:
        return SimpleNamespace(hits=[SimpleNamespace(id="a")] if "爬虫" in text else [])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def log(db: Database, clock: ManualClock) -> EventLog:
    return EventLog(db, clock)


def ask(log: EventLog, clock: ManualClock, text: str, *openids: str) -> None:
    """Each a day after the one before."""
    for openid in openids:
        clock.advance(24 * 3600)
        log.record(openid, "ask", {"text": text, "shown": ["a"]})


def questions(log: EventLog, clock: ManualClock) -> Callable[[], list[str]]:
    known = AskedQuestions(log, cast(Any, Answering()), clock)
    return lambda: [one.text for one in known.of("a")]


def test_only_what_the_course_answers_by_itself_is_shown(log: EventLog, clock: ManualClock) -> None:
    ask(log, clock, "爬虫好学吗", "x", "y", "z")
    ask(log, clock, "便宜一点的", "x", "y", "z")
    assert questions(log, clock)() == ["爬虫好学吗"]


def test_old_questions_are_forgotten(log: EventLog, clock: ManualClock) -> None:
    ask(log, clock, "爬虫好学吗", "x", "y", "z")
    log.flush()
    clock.advance(LOOK_BACK.total_seconds() + 1)
    assert questions(log, clock)() == []


def test_they_are_counted_anew_after_a_while_and_not_before(log: EventLog, clock: ManualClock) -> None:
    ask(log, clock, "爬虫好学吗", "x", "y")
    clock.advance(24 * 3600)
    look = questions(log, clock)
    assert look() == []
    log.record("z", "ask", {"text": "爬虫好学吗", "shown": ["a"]})
    assert look() == []
    clock.advance(KEPT.total_seconds())
    assert look() == ["爬虫好学吗"]


def test_without_the_log_the_page_goes_without_questions(clock: ManualClock) -> None:
    class Away:
        def of_kind(self, *_: Any, **__: Any) -> list[Event]:
            raise Unavailable("away")

    assert AskedQuestions(cast(Any, Away()), cast(Any, Answering()), clock).of("a") == ()
