"""However often, wherever and in whatever order a message is delivered: one effect, one answer.

Two doors stand for two processes: they share the store and nothing else. A robot answers with the text and
the one that it remembers, so its answers tell whether each message saw what the one before it left.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.line import Line
from bot.webhook import Webhook
from bot.wire import WireRequest
from infra.clock import ManualClock
from infra.keyvalue import KeyValueStore
from tests.unit.bot.pretend_wechat import Echo, PretendWeChat, account

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
