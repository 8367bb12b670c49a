"""What others asked: several people, the same words, nothing personal, and a course that still answers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from handlers.asked_questions import KEPT, LOOK_BACK, AskedQuestions, Question, counted
from infra.clock import ManualClock
from infra.database import Database
from infra.errors import Unavailable
from learners.event_log import Event, EventLog

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def asked(text: str, *openids: str, shown: tuple[str, ...] = ("a",)) -> list[Event]:
    return [Event(NOW, openid, "ask", {"text": text, "shown": list(shown)}) for openid in openids]


def test_three_followers_make_a_question() -> None:
    assert counted(asked("爬虫要会什么", "x", "y")) == {}
    assert counted(asked("爬虫要会什么", "x", "y", "z")) == {"a": [Question("爬虫要会什么", 3)]}


def test_one_follower_who_asks_again_and_again_is_one() -> None:
    assert counted(asked("爬虫要会什么", "x", "x", "x", "y", "y")) == {}


def test_the_same_words_in_another_case_and_with_other_marks_are_the_same() -> None:
    events = [
        *asked("学 Python 难吗？", "x", "w"),
        *asked(" 学 python  难吗 ", "y"),
        *asked("学 Python 难吗", "z"),
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


def ask(log: EventLog, text: str, *openids: str) -> None:
    for openid in openids:
        log.record(openid, "ask", {"text": text, "shown": ["a"]})


def questions(log: EventLog, clock: ManualClock) -> Callable[[], list[str]]:
    known = AskedQuestions(log, cast(Any, Answering()), clock)
    return lambda: [one.text for one in known.of("a")]


def test_only_what_the_course_answers_by_itself_is_shown(log: EventLog, clock: ManualClock) -> None:
    ask(log, "爬虫好学吗", "x", "y", "z")
    ask(log, "便宜一点的", "x", "y", "z")
    assert questions(log, clock)() == ["爬虫好学吗"]


def test_old_questions_are_forgotten(log: EventLog, clock: ManualClock) -> None:
    ask(log, "爬虫好学吗", "x", "y", "z")
    log.flush()
    clock.advance(LOOK_BACK.total_seconds() + 1)
    assert questions(log, clock)() == []


def test_they_are_counted_anew_after_a_while_and_not_before(log: EventLog, clock: ManualClock) -> None:
    look = questions(log, clock)
    assert look() == []
    ask(log, "爬虫好学吗", "x", "y", "z")
    assert look() == []
    clock.advance(KEPT.total_seconds())
    assert look() == ["爬虫好学吗"]


def test_without_the_log_the_page_goes_without_questions(clock: ManualClock) -> None:
    class Away:
        def of_kind(self, *_: Any, **__: Any) -> list[Event]:
            raise Unavailable("away")

    assert AskedQuestions(cast(Any, Away()), cast(Any, Answering()), clock).of("a") == ()
