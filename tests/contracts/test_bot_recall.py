from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.recall import LEASE_S, Recall, StillWorking
from infra.keyvalue import Add, Get, KeyValueStore, Swap
from infra.keyvalue_sqlite import SqliteStore


def test_the_first_claim_is_the_callers(store: KeyValueStore) -> None:
    assert Recall(store).claim("seen:a", b"m0", wait_s=0).kept is None


@pytest.mark.parametrize("reply", ["<xml>你好</xml>".encode(), b""])
def test_a_kept_reply_is_given_again_to_any_process(store: KeyValueStore, reply: bytes) -> None:
    here, there = Recall(store), Recall(store)
    here.claim("seen:a", b"here", wait_s=0)
    here.keep("seen:a", reply)
    assert [recall.claim("seen:a", b"again", wait_s=0).kept for recall in (here, there)] == [reply, reply]


def test_who_lost_to_himself_has_won(store: KeyValueStore) -> None:
    """A client that repeats after a silence finds its own mark: nobody else would answer the message."""
    recall = Recall(store)
    for _ in range(2):
        assert recall.claim("seen:a", b"mine", Get("nobody"), wait_s=0).results == [None]
    with pytest.raises(StillWorking):
        recall.claim("seen:a", b"another", wait_s=0)


def test_with_a_claim_comes_what_goes_along(store: KeyValueStore) -> None:
    store.set("talk:a", b"so far", ttl_s=60)
    along = (Get("talk:a"), Add("talk:a", b"x", 60), Get("nobody"))
    assert Recall(store).claim("seen:a", b"m1", *along, wait_s=0).results == [b"so far", False, None]


def test_what_must_be_written_before_a_reply_is_written_with_it(store: KeyValueStore) -> None:
    results = Recall(store).keep(
        "seen:a", b"reply", Swap("talk:a", None, b"new", 60), Add("talk:a", b"x", 60)
    )
    assert results == [True, False]
    assert store.get("talk:a") == b"new"
    assert Recall(store).claim("seen:a", b"m2", wait_s=0).kept == b"reply"


def test_a_repeat_waits_for_the_reply(store: KeyValueStore) -> None:
    def answer(_pause_s: float) -> None:
        first.keep("seen:a", b"reply")

    first = Recall(store)
    first.claim("seen:a", b"first", wait_s=0)
    second = Recall(store, pause=answer)
    assert second.claim("seen:a", b"second", wait_s=5).kept == b"reply"


def test_a_repeat_does_not_wait_for_ever(store: KeyValueStore) -> None:
    Recall(store).claim("seen:a", b"m3", wait_s=0)
    with pytest.raises(StillWorking):
        Recall(store).claim("seen:a", b"m4", wait_s=0)


def test_a_claim_is_prolonged_by_its_owner_only(store: KeyValueStore) -> None:
    here, there = Recall(store), Recall(store)
    here.claim("seen:a", b"here", wait_s=0)
    assert here.prolong("seen:a", b"here")
    assert not there.prolong("seen:a", b"there")
    here.keep("seen:a", b"reply")
    assert not here.prolong("seen:a", b"here")
    assert there.claim("seen:a", b"there", wait_s=0).kept == b"reply"


def moving(tmp_path: Path, moments: list[float]) -> tuple[SqliteStore, Callable[[float], None]]:
    """A store whose time moves by the pauses."""
    return SqliteStore(tmp_path / "kv.db", now_s=lambda: moments[-1]), lambda s: moments.append(
        moments[-1] + s
    )


def test_the_claim_of_a_worker_that_died_is_taken_over_by_the_waiting_repeat(tmp_path: Path) -> None:
    moments = [1000.0]
    store, pause = moving(tmp_path, moments)
    Recall(store).claim("seen:a", b"m5", wait_s=0)
    assert Recall(store, pause=pause).claim("seen:a", b"other", wait_s=60).kept is None
    assert LEASE_S <= moments[-1] - moments[0] < LEASE_S + 1


def test_a_reply_is_kept_for_as_long_as_its_request_is_fresh(tmp_path: Path) -> None:
    moments = [1000.0]
    store, pause = moving(tmp_path, moments)
    recall = Recall(store)
    recall.claim("seen:a", b"first", wait_s=0)
    recall.keep("seen:a", b"reply")
    pause(1200)
    assert recall.claim("seen:a", b"again", wait_s=0).kept == b"reply"
