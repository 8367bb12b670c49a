"""The quota of customer messages, on both stores: what opens it, what takes it, and nobody takes it twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errcode import ApiBusy, NoneLeft, Unreachable, Unsure, WindowClosed
from bot.quota import MARGIN_S, RULES, Quota, opening
from infra.clock import ManualClock
from infra.keyvalue import KeyValueStore
from infra.keyvalue_behind import WriteBehind
from infra.keyvalue_sqlite import SqliteStore

OPENID, OTHER = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n", "oZ9y8X7w6V5u4T3s2R1q0P9o8N7m"
TWO_DAYS_S = 48 * 3600


@pytest.fixture
def quota(store: KeyValueStore, clock: ManualClock) -> Quota:
    return Quota(store, clock)


def taken(quota: Quota, tries: int) -> int:
    return sum(quota.take(OPENID) is not None for _ in range(tries))


def test_who_has_never_written_gets_nothing(quota: Quota) -> None:
    assert (quota.take(OPENID), quota.left(OPENID)) == (None, 0)


@pytest.mark.parametrize("kind", ["text", "image", "voice", "location", "link"])
def test_a_message_opens_five_for_48_hours(quota: Quota, clock: ManualClock, kind: str) -> None:
    quota.opened(OPENID, kind)
    clock.advance(TWO_DAYS_S - MARGIN_S - 1)
    assert quota.left(OPENID) == 5
    assert taken(quota, 8) == 5


def test_after_48_hours_there_is_nothing(quota: Quota, clock: ManualClock) -> None:
    quota.opened(OPENID, "text")
    clock.advance(TWO_DAYS_S - MARGIN_S)
    assert taken(quota, 1) == 0


@pytest.mark.parametrize(
    "kind", ["click_event", "scan_event", "subscribe_event", "scancode_push_event", "scancode_waitmsg_event"]
)
def test_a_tap_opens_three_for_a_minute(quota: Quota, clock: ManualClock, kind: str) -> None:
    quota.opened(OPENID, kind)
    assert taken(quota, 5) == 3
    quota.opened(OPENID, kind)
    clock.advance(60 - MARGIN_S)
    assert taken(quota, 1) == 0


@pytest.mark.parametrize(
    "kind", ["view_event", "location_event", "templatesendjobfinish_event", "unknown_event"]
)
def test_other_events_open_nothing(quota: Quota, kind: str) -> None:
    quota.opened(OPENID, kind)
    assert taken(quota, 1) == 0


def test_each_message_renews_the_five(quota: Quota) -> None:
    quota.opened(OPENID, "text")
    assert taken(quota, 3) == 3
    quota.opened(OPENID, "text")
    assert taken(quota, 8) == 5


def test_a_message_that_is_delivered_again_renews_nothing(quota: Quota) -> None:
    quota.opened(OPENID, "text", message="m1")
    assert taken(quota, 3) == 3
    quota.opened(OPENID, "text", message="m1")
    assert taken(quota, 8) == 2
    quota.opened(OPENID, "text", message="m2")
    assert taken(quota, 8) == 5


def test_the_window_that_ends_first_is_used_first(quota: Quota, clock: ManualClock) -> None:
    quota.opened(OPENID, "text")
    quota.opened(OPENID, "click_event")
    assert taken(quota, 3) == 3
    clock.advance(60)
    assert quota.left(OPENID) == 5


def test_who_leaves_gets_nothing_until_they_come_back(quota: Quota) -> None:
    quota.opened(OPENID, "text")
    quota.opened(OPENID, "unsubscribe_event")
    assert taken(quota, 1) == 0
    quota.opened(OPENID, "subscribe_event")
    assert taken(quota, 5) == 3


def test_followers_do_not_share(quota: Quota) -> None:
    quota.opened(OPENID, "text")
    assert quota.take(OTHER) is None


def test_no_two_take_the_same(quota: Quota) -> None:
    quota.opened(OPENID, "text")
    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda _: quota.take(OPENID), range(40)))
    assert sum(one is not None for one in got) == 5


def test_what_did_not_go_can_be_taken_again(quota: Quota) -> None:
    quota.opened(OPENID, "text")
    first = quota.take(OPENID)
    assert first is not None
    assert taken(quota, 9) == 4
    quota.give_back(first)
    assert taken(quota, 9) == 1


def test_a_message_that_went_is_spent(quota: Quota) -> None:
    quota.opened(OPENID, "text")
    with quota.spending(OPENID):
        pass
    assert quota.left(OPENID) == 4


@pytest.mark.parametrize(
    ("fault", "left"),
    [(ApiBusy("busy"), 5), (Unsure("silent"), 4), (WindowClosed("no"), 0), (Unreachable("has left"), 0)],
)
def test_what_wechat_says_decides_what_is_left(quota: Quota, fault: Exception, left: int) -> None:
    quota.opened(OPENID, "text")
    with pytest.raises(type(fault)), quota.spending(OPENID):
        raise fault
    assert quota.left(OPENID) == left


def test_with_nothing_left_nothing_is_tried(quota: Quota) -> None:
    tried = []
    with pytest.raises(NoneLeft), quota.spending(OPENID):
        tried.append(1)
    assert tried == []


def test_a_refusal_does_not_close_what_the_follower_has_opened_since(quota: Quota) -> None:
    quota.opened(OPENID, "text")
    with pytest.raises(WindowClosed), quota.spending(OPENID):
        quota.opened(OPENID, "text")
        raise WindowClosed("out of response count limit")
    assert quota.left(OPENID) == 5


def test_what_opens_can_go_along_with_other_steps(
    quota: Quota, store: KeyValueStore, clock: ManualClock
) -> None:
    store.together(*opening(OPENID, "text", at_s=clock.now().timestamp()))
    assert quota.left(OPENID) == 5


@pytest.mark.parametrize(("delay_s", "counted_from_the_first"), [(0, True), (15, True), (300, False)])
def test_a_message_that_came_again_opens_its_window_where_it_was_sent(
    delay_s: int, counted_from_the_first: bool
) -> None:
    """Minutes are no repeat: the two clocks differ."""
    sent_s = 1_780_000_000
    (step,) = opening(OPENID, "text", at_s=sent_s + delay_s, sent_s=sent_s, message="m1")
    opened_s = float(step.value.split()[0])
    assert opened_s == (sent_s if counted_from_the_first else sent_s + delay_s)


@pytest.mark.parametrize("sent_s", [130, 10**400, -(10**400)])
def test_a_clock_of_wechats_that_is_wrong_lengthens_no_window(sent_s: int) -> None:
    (step,) = opening(OPENID, "click_event", at_s=100.0, sent_s=sent_s)
    assert (step.value.split()[0], step.ttl_s) == (b"100.000", RULES["tap"].seconds)


def test_many_followers_are_looked_up_at_once(quota: Quota, clock: ManualClock) -> None:
    quota.opened(OPENID, "text")
    quota.opened(OTHER, "click_event")
    assert quota.reachable([OPENID, OTHER, "nobody"]) == {OPENID, OTHER}
    assert taken(quota, 5) == 5
    assert quota.reachable([OPENID, OTHER]) == {OTHER}
    clock.advance(60)
    assert quota.reachable([OPENID, OTHER]) == quota.reachable([]) == set()


def test_a_process_that_writes_behind_sees_its_own_windows_at_once(
    tmp_path: Path, clock: ManualClock
) -> None:
    """The worker's sees what has been written, and both count in one place."""
    store = SqliteStore(tmp_path / "kv.db")
    behind = WriteBehind(store)
    own, workers = Quota(store, clock, windows=behind), Quota(store, clock)
    own.opened(OPENID, "text")
    assert own.take(OPENID)
    behind.flush()
    assert workers.left(OPENID) == 4
    with pytest.raises(WindowClosed), own.spending(OPENID):
        raise WindowClosed("out of response count limit")
    assert own.left(OPENID) == 0
    behind.close()
    assert workers.left(OPENID) == 0
