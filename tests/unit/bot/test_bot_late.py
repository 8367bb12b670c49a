"""Answers on their way: each is told once, whatever fails beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.conversation import Conversations, Owed
from bot.deadline import Budget, Turn
from bot.late import MOST_OF_ONE, SENDS_S, WAITS_S, LateAnswers
from bot.letter import Letter
from bot.line import PASSED_BY_S, Line
from bot.webhook import Webhook
from infra.clock import ManualClock
from infra.errors import Unavailable
from infra.keyvalue_sqlite import SqliteStore
from infra.pool import BoundedPool
from tests.unit.bot.pretend_wechat import OPENID, Echo, PretendWeChat, account

PATIENCE_S = 10
LINE_KEY = f"line:{OPENID}"


class Sending:
    """Sends when it is let go."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.go = threading.Event()

    def __call__(self, _openid: str, text: str) -> None:
        assert self.go.wait(PATIENCE_S)
        self.sent.append(text)


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> SqliteStore:
    return SqliteStore(tmp_path / "kv.db", now_s=lambda: clock.now().timestamp())


@pytest.fixture
def sending() -> Iterator[Sending]:
    made = Sending()
    yield made
    made.go.set()


@pytest.fixture
def late(store: SqliteStore, sending: Sending, clock: ManualClock) -> LateAnswers:
    return LateAnswers(sending, Conversations(store), clock, pool=BoundedPool("late", workers=1, waiting=4))


def hand_in(late: LateAnswers, store: SqliteStore, text: str) -> None:
    """As the door does."""
    owed, talks = late.owing(text), Conversations(store)
    talk = talks.load(OPENID)
    talk.owe(owed)
    talks.save(talk)
    late.send(OPENID, owed, written=True, trace="")


def test_who_has_as_many_answers_on_their_way_as_there_is_room_for_hears_each_once(
    late: LateAnswers, store: SqliteStore, sending: Sending
) -> None:
    texts = [f"答{number}" for number in range(MOST_OF_ONE + 1)]
    for text in texts:
        hand_in(late, store, text)
    sending.go.set()
    late.close(wait=True)
    owed = [text for _, text in Conversations(store).load(OPENID).owed]
    assert sorted([*sending.sent, *owed]) == sorted(texts)


def test_what_waited_too_long_and_stands_nowhere_is_owed(
    late: LateAnswers, store: SqliteStore, sending: Sending, clock: ManualClock
) -> None:
    late.send(OPENID, late.owing("一"), written=False, trace="")
    late.send(OPENID, late.owing("二"), written=False, trace="")
    clock.advance(WAITS_S - SENDS_S + 1)
    sending.go.set()
    late.close(wait=True)
    owed = [text for _, text in Conversations(store).load(OPENID).owed]
    assert sorted([*sending.sent, *owed]) == ["一", "二"]


class Breaking(Conversations):
    def owe(self, openid: str, owed: Owed) -> None:
        raise RuntimeError("a fault of our own")


def test_a_fault_with_one_answer_does_not_keep_the_next_ones(store: SqliteStore, clock: ManualClock) -> None:
    def send(_openid: str, text: str) -> None:
        if text == "一":
            raise Unavailable("WeChat does not answer")
        sent.append(text)

    sent: list[str] = []
    pool = BoundedPool("late", workers=1, waiting=4)
    late = LateAnswers(send, Breaking(store), clock, pool=pool)
    late.send(OPENID, late.owing("一"), written=False, trace="")
    late.send(OPENID, late.owing("二"), written=False, trace="")
    late.close(wait=True)
    assert sent == ["二"] and not late.busy


class NoWayOut(Line):
    """A line whose store goes just when somebody leaves others behind."""

    def leave(self, openid: str, mark: bytes) -> None:
        raise Unavailable("the store is gone")


def test_an_answer_is_crossed_off_also_when_the_line_could_not_be_left(
    store: SqliteStore, clock: ManualClock
) -> None:
    def send(_openid: str, text: str) -> None:
        sent.append(text)

    def crowded(_message: object) -> None:
        """Somebody comes to stand behind while it is handled."""
        store.set(LINE_KEY, (store.get(LINE_KEY) or b"") + b" behind", ttl_s=60)

    sent: list[str] = []
    wechat = PretendWeChat(clock)
    door = Webhook(account(), Echo(crowded), store, clock, late=send, line=NoWayOut(store))
    letter, turn = door.gate.open(wechat.text("慢")), Turn(Budget(0))
    assert isinstance(letter, Letter) and turn.take()
    door.answer(letter, turn)
    assert sent == ["你说：慢"]
    assert Conversations(store).load(OPENID).owed == ()


def test_who_waited_long_before_it_stood_in_line_is_not_passed_by_at_once(
    store: SqliteStore, clock: ManualClock
) -> None:
    """Its turn begins where it comes to stand in line, not where the message came in."""

    def behind(_message: object) -> None:
        Line(store, pause=pause, now_s=now_s).enter(OPENID, b"behind")

    def pause(seconds: float) -> None:
        waited.append(seconds)
        clock.advance(seconds)

    def now_s() -> float:
        return clock.now().timestamp()

    waited: list[float] = []
    door = Webhook(account(), Echo(behind), store, clock, late=lambda *_: None, line=Line(store, now_s=now_s))
    letter = door.gate.open(PretendWeChat(clock).text("二"))
    assert isinstance(letter, Letter)
    clock.advance(PASSED_BY_S + 1)  # it stood behind a slow one in its own process
    door.answer(letter, Turn(Budget()))
    assert sum(waited) > PASSED_BY_S - 1
