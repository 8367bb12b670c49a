"""However often, wherever and in whatever order a message is delivered: one effect, one answer.

Two doors stand for two processes: they share the store and nothing else. A robot answers with the text and
the one that it remembers, so its answers tell whether each message saw what the one before it left.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.deadline import Budget
from bot.line import Line
from bot.notes import Note, Notes
from bot.webhook import Webhook
from bot.wire import WireRequest
from infra.clock import ManualClock
from infra.keyvalue import KeyValueStore
from infra.keyvalue_sqlite import SqliteStore
from tests.unit.bot.pretend_wechat import OPENID, Echo, PretendWeChat, account

FOLLOWERS = ("oAnna" + "a" * 23, "oBert" + "b" * 23)


@dataclass(frozen=True)
class Delivery:
    follower: str
    text: str
    door: int
    request: WireRequest


def deliveries(wechat: PretendWeChat, counts: list[list[int]], shuffle: random.Random) -> list[Delivery]:
    """``counts``: of each follower, how often each message is delivered."""
    made = []
    for follower, of_one in zip(FOLLOWERS, counts, strict=True):
        for number, times in enumerate(of_one):
            text = f"第{number}句"
            request = wechat.text(text, openid=follower)
            made += [Delivery(follower, text, shuffle.randrange(2), request) for _ in range(times)]
    shuffle.shuffle(made)
    return made


COUNTS = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=2, max_size=2)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(counts=COUNTS, seed=st.integers(0, 2**32))
def test_k_deliveries_in_any_order_to_two_processes_have_one_effect(
    store: KeyValueStore, clock: ManualClock, counts: list[list[int]], seed: int
) -> None:
    clock.advance(1)  # other messages than those of the example before
    robots, line = [Echo(), Echo()], Line(store, now_s=lambda: clock.now().timestamp())
    doors = [Webhook(account(), robot, store, clock, late=lambda *_: None, line=line) for robot in robots]
    wechat = PretendWeChat(clock)
    for follower in FOLLOWERS:
        store.delete(f"talk:{follower}")
    sent = deliveries(wechat, counts, random.Random(seed))

    def deliver(one: Delivery) -> str:
        return wechat.said(doors[one.door].receive(one.request))

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(deliver, sent))

    expected = Counter({f"第{number}句": 0 for of_one in counts for number, _ in enumerate(of_one)})
    for of_one in counts:
        expected.update(f"第{number}句" for number, _ in enumerate(of_one))
    assert Counter(text for robot in robots for text in robot.handled) == expected

    for follower in FOLLOWERS:
        answers = {
            (one.text, answer) for one, answer in zip(sent, said, strict=True) if one.follower == follower
        }
        texts = {text for text, _ in answers}
        assert len(answers) == len(texts), "repeats of one message were answered differently"
        # One after the other: each saw another one's end, and only the first saw nothing.
        seen = [match.group(1) for _, answer in answers if (match := re.search("上次：(.+)", answer))]
        assert len(seen) == len(set(seen)) == len(texts) - 1


# Workers that die, and wires that are given up

Fate = Literal["lives", "dies in the handler", "dies before it sends", "dies after all"]
FATES: tuple[Fate, ...] = ("dies in the handler", "dies before it sends", "dies after all")
MESSAGES = st.lists(
    st.tuples(st.lists(st.sampled_from(FATES), max_size=3), st.booleans()), min_size=1, max_size=4
)


class Death(BaseException):
    """The process ends here: no handler of errors sees it."""


@dataclass
class World:
    """Each delivery comes to a process of its own; time moves by what they wait."""

    store: KeyValueStore
    clock: ManualClock
    wechat: PretendWeChat
    handled: list[str]
    told: list[str]

    def deliver(self, request: WireRequest, fate: Fate, *, in_time: bool) -> bool:
        """Whether WeChat got an answer."""
        dies: dict[str, Callable[..., None]] = {fate: _die}
        robot = Echo(dies.get("dies in the handler", _live))
        robot.handled = self.handled

        def late(_openid: str, text: str) -> None:
            dies.get("dies before it sends", _live)()
            self.told.append(text)

        door = Webhook(
            account(),
            robot,
            self.store,
            self.clock,
            late=late,
            line=Line(self.store, pause=self.clock.advance, now_s=self.now_s),
            notes=Mortal() if fate == "dies after all" else None,
            budget=Budget(60.0 if in_time else 0.0),
            pause=self.clock.advance,
        )
        try:
            response = door.receive(request)
        except Death:
            return False
        self.told.append(self.wechat.said(response))
        return True

    def now_s(self) -> float:
        return self.clock.now().timestamp()

    def count(self, text: str) -> int:
        return sum(told.count(f"你说：{text}") for told in self.told)


class Mortal(Notes):
    """The last thing that happens to a message is its line in the log."""

    def take(self, _note: Note) -> None:
        raise Death


def _die(*_: object) -> None:
    raise Death


def _live(*_: object) -> None:
    """Somebody else's."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=MESSAGES)
def test_whenever_workers_die_and_whichever_wires_are_given_up_each_message_is_told_once(
    tmp_path_factory: pytest.TempPathFactory, messages: list[tuple[list[Fate], bool]]
) -> None:
    clock = ManualClock()
    store = SqliteStore(tmp_path_factory.mktemp("kv") / "kv.db", now_s=lambda: clock.now().timestamp())
    world = World(store, clock, PretendWeChat(clock), [], [])
    texts = [f"第{number}句。" for number, _ in enumerate(messages)]
    for text, (fates, in_time) in zip(texts, messages, strict=True):
        request = world.wechat.text(text)
        # WeChat asks again until it is answered.
        for fate in [*fates, "lives"]:
            if world.deliver(request, fate, in_time=in_time):
                break
            clock.advance(5)
    clock.advance(120)
    for text in ("然后呢", "还有呢"):
        assert world.deliver(world.wechat.text(text), "lives", in_time=True)
    assert [world.count(text) for text in texts] == [1] * len(texts), world.told
    assert world.handled == [*texts, "然后呢", "还有呢"]
    assert store.get(f"line:{OPENID}") is None
    store.close()
