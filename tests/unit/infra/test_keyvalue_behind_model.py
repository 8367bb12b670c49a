"""Whatever happens in whatever order, memory before the store answers as the store alone would.

With everything that the door uses: keys known to be new, keys that nobody else writes; and with little
memory, so that it forgets all the time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from infra import keyvalue_behind, keyvalue_sqlite
from infra.errors import Unavailable
from infra.keyvalue import Add, DeleteIf, Get, Result, Set, Step, Swap
from infra.keyvalue_behind import WriteBehind
from infra.keyvalue_sqlite import SqliteStore
from infra.newest import Newest

SEEN, TALK = "seen:", "talk:"
NOW = 1_700_000_000
MOST_NEW = 4

# In any order of time: late repeats, clocks that are wrong, and a time that WeChat did not send.
MOMENTS = st.sampled_from([0, NOW - 600, *range(NOW - 1, NOW + 5), 16**10 - 1])
SEEN_KEYS = st.builds(lambda time, digest: f"{SEEN}{time:010x}:{digest}", MOMENTS, st.sampled_from("ab"))
KEYS = SEEN_KEYS | st.sampled_from([f"{TALK}{name}" for name in "abc"] + ["window:a", SEEN])
VALUES = st.sampled_from([b"1", b"2", b"great" * 10])
TTLS = st.sampled_from([0.0, 5.0, 100.0, 1260.0])
STEPS = st.one_of(
    st.builds(Get, KEYS),
    st.builds(Set, KEYS, VALUES, TTLS),
    st.builds(Add, KEYS, VALUES, TTLS),
    st.builds(Swap, KEYS, st.none() | VALUES, VALUES, TTLS),
    st.builds(DeleteIf, KEYS, VALUES),
)


class Inner(SqliteStore):
    failing = False
    reads = 0
    # What others do while the store is asked or written to; once.
    meanwhile: Callable[[], None] | None = None

    def together(self, *steps: Step) -> list[Result]:
        self.reads += any(isinstance(step, Get) for step in steps)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        if self.failing and isinstance(steps[0], Set):
            raise Unavailable("the disk is full")
        return super().together(*steps)


class Behind(RuleBasedStateMachine):
    """``plain`` is told the same as ``behind``, which stands before ``inner``."""

    @initialize()
    def open(self) -> None:
        self.folder = TemporaryDirectory()
        self.moment = [float(NOW)]
        folder = Path(self.folder.name)
        self.plain, self.inner = (Inner(folder / name, now_s=self.now) for name in ("plain.db", "inner.db"))
        self.asked: set[str] = set()
        self.start()

    def now(self) -> float:
        return self.moment[0]

    def start(self) -> None:
        newest = Newest(SEEN, self.inner.greatest(SEEN), most=MOST_NEW)
        self.behind = WriteBehind(self.inner, newest=newest, private=TALK, now_s=self.now)
        self.behind._wake = lambda: None  # type: ignore[method-assign]  # writes when it is told to

    @rule(steps=st.lists(STEPS, min_size=1, max_size=4))
    def tell(self, steps: list[Step]) -> None:
        self.asked.update(step.key for step in steps)
        assert self.behind.together(*steps) == self.plain.together(*steps)

    @rule(key=SEEN_KEYS, talk=st.sampled_from("abc"), mark=VALUES, answer=VALUES)
    def message(self, key: str, talk: str, mark: bytes, answer: bytes) -> None:
        """As the door does it: claim and read, then keep and write."""
        talk = TALK + talk
        self.tell([Add(key, b"?" + mark, 5.0), Get(talk)])
        before = self.plain.get(talk)
        self.tell(
            [Swap(talk, before, answer, 100.0), Set("window:a", mark, 100.0), Set(key, b"!" + answer, 1260.0)]
        )

    @rule()
    def flush(self) -> None:
        self.behind.flush()

    @rule(steps=st.lists(STEPS, max_size=3), fails=st.booleans())
    def flush_while_more_comes(self, steps: list[Step], fails: bool) -> None:
        self.inner.meanwhile = lambda: self.tell(steps)
        self.inner.failing = fails
        with suppress(Unavailable):
            self.behind.flush()
        self.inner.failing, self.inner.meanwhile = False, None

    @rule(seconds=st.sampled_from([2.0, 6.0, 101.0, 1300.0]))
    def wait(self, seconds: float) -> None:
        self.moment[0] += seconds

    @rule()
    def restart(self) -> None:
        """As `serve` does it, ended in order."""
        self.behind.close()
        self.start()

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def ask_again(self, data: Any) -> None:
        self.tell([Get(data.draw(st.sampled_from(sorted(self.asked))))])

    @invariant()
    def remembers_little(self) -> None:
        assert len(self.behind._known) <= keyvalue_behind.MOST_KNOWN
        assert len(self.behind._read) <= keyvalue_behind.MOST_READ + 4  # and what is asked for at once

    def teardown(self) -> None:
        if not hasattr(self, "behind"):
            return
        self.behind.close()
        for key in sorted(self.asked):
            assert self.inner.get(key) == self.plain.get(key), key
        self.plain.close()
        self.inner.close()
        self.folder.cleanup()


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyvalue_behind, "BATCH", 3)
    monkeypatch.setattr(keyvalue_behind, "MOST_READ", 5)
    monkeypatch.setattr(keyvalue_behind, "MOST_KNOWN", 2)
    monkeypatch.setattr(keyvalue_behind, "MOST_KNOWN_BYTES", 20)
    monkeypatch.setattr(keyvalue_sqlite, "_SWEEP_EVERY_WRITES", 3)
    monkeypatch.setattr(keyvalue_sqlite, "_SWEEP_ROWS", 4)


@pytest.mark.usefixtures("little_memory")
def test_it_answers_as_the_store_alone_would() -> None:
    story = settings(max_examples=40, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(Behind, settings=story)


def test_a_new_message_is_answered_without_asking_the_store(tmp_path: Path) -> None:
    inner = Inner(tmp_path / "kv.db", now_s=lambda: float(NOW))
    inner.set(f"{SEEN}{NOW:010x}:a", b"!", ttl_s=100)
    behind = WriteBehind(
        inner, newest=Newest(SEEN, inner.greatest(SEEN)), private=TALK, now_s=lambda: float(NOW)
    )
    behind._wake = lambda: None  # type: ignore[method-assign]
    behind.set(f"{TALK}a", b"so far", ttl_s=100)
    behind.flush()
    new = f"{SEEN}{NOW + 1:010x}:a"
    assert behind.together(Add(new, b"?", 5.0), Get(f"{TALK}a")) == [True, b"so far"]
    assert behind.together(Add(new, b"?", 5.0), Get(new)) == [False, b"?"]
    assert inner.reads == 0
    assert behind.together(Get(f"{SEEN}{NOW:010x}:a")) == [b"!"]
    assert inner.reads == 1
    inner.close()


@pytest.mark.parametrize("prefix", ["seen:", "talk:", "none:", "s"])
def test_the_greatest_key_is_found_whatever_lies_around_it(tmp_path: Path, prefix: str) -> None:
    store = SqliteStore(tmp_path / "kv.db", now_s=lambda: float(NOW))
    keys = ["seen:1", "seen:3", "seen:2", "seen", "seeo", "talk:", "talk:你好", "talk:😀", "window:x"]
    for key in keys:
        store.set(key, b"1", ttl_s=-1 if key == "seen:3" else 100)
    assert store.greatest(prefix) == max((key for key in keys if key.startswith(prefix)), default="")
    store.close()


def test_a_great_value_drives_out_the_small_one_that_was_known(tmp_path: Path) -> None:
    inner = Inner(tmp_path / "kv.db", now_s=lambda: float(NOW))
    behind = WriteBehind(inner, private=TALK, now_s=lambda: float(NOW))
    behind._wake = lambda: None  # type: ignore[method-assign]
    great = b"x" * (keyvalue_behind.MOST_KNOWN_BYTES + 1)
    behind.set(f"{TALK}a", b"small", ttl_s=100)
    behind.flush()
    behind.set(f"{TALK}a", b"other", ttl_s=100)
    inner.meanwhile = lambda: behind.set(f"{TALK}a", great, ttl_s=100)
    behind.flush()
    assert behind.get(f"{TALK}a") == great and not behind._known
    inner.close()
