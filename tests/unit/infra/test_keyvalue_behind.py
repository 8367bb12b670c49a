"""Memory before a store: the same answers as from the store itself, and nothing is lost when that fails."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import gatherer, keyvalue_behind
from infra.errors import Unavailable
from infra.keyvalue import Add, DeleteIf, Get, Result, Set, Step, Swap
from infra.keyvalue_behind import WriteBehind
from infra.keyvalue_sqlite import SqliteStore

PATIENCE_S = 10
NOTHING = contextlib.nullcontext()


class Inner(SqliteStore):
    """A real store that can be told to fail, and tells when it was written to."""

    failing = False

    def __init__(self, path: Path, moment: list[float] | None = None) -> None:
        at = moment or [1000.0]
        super().__init__(path, now_s=lambda: at[0])
        self.trips: list[tuple[Step, ...]] = []
        self.meanwhile: Callable[[tuple[Step, ...]], None] = lambda _steps: None
        self.written, self.refused = threading.Event(), threading.Event()

    def together(self, *steps: Step) -> list[Result]:
        if self.failing:
            self.refused.set()
            raise Unavailable("the disk is full")
        self.meanwhile(steps)
        results = super().together(*steps)
        self.trips.append(steps)
        if any(isinstance(step, Set) for step in steps):
            self.written.set()
        return results


@pytest.fixture
def moment() -> list[float]:
    return [1000.0]


@pytest.fixture
def inner(tmp_path: Path, moment: list[float]) -> Iterator[Inner]:
    store = Inner(tmp_path / "kv.db", moment)
    yield store
    store.close()


@pytest.fixture
def behind(inner: Inner, moment: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[WriteBehind]:
    """Writes only when it is told to."""
    monkeypatch.setattr(WriteBehind, "_wake", lambda _self: None)
    yield WriteBehind(inner, now_s=lambda: moment[0])


def test_what_was_written_is_known_before_it_lies_in_the_store(behind: WriteBehind, inner: Inner) -> None:
    behind.set("k", b"1", ttl_s=60)
    assert (behind.get("k"), inner.get("k")) == (b"1", None)
    behind.flush()
    assert (behind.get("k"), inner.get("k")) == (b"1", b"1")


def test_what_lay_in_the_store_before_counts(behind: WriteBehind, inner: Inner) -> None:
    inner.set("k", b"old", ttl_s=60)
    assert behind.add("k", b"mine", ttl_s=60) is False
    assert behind.swap("k", b"old", b"new", ttl_s=60) is True
    behind.flush()
    assert inner.get("k") == b"new"


def test_many_writes_are_one_trip(behind: WriteBehind, inner: Inner) -> None:
    for number in range(40):
        behind.set(f"k{number}", b"x", ttl_s=60)
    inner.trips.clear()
    behind.flush()
    assert [len(steps) for steps in inner.trips] == [40]
    behind.flush()
    assert len(inner.trips) == 1


def test_more_than_a_batch_is_several(
    behind: WriteBehind, inner: Inner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyvalue_behind, "BATCH", 10)
    for number in range(25):
        behind.set(f"k{number}", b"%d" % number, ttl_s=60)
    behind.flush()
    assert [len(steps) for steps in inner.trips if isinstance(steps[0], Set)] == [10, 10, 5]
    assert [inner.get(f"k{number}") for number in (0, 9, 10, 24)] == [b"0", b"9", b"10", b"24"]


def test_a_value_that_expires_before_it_is_written_does_not_bring_an_older_one_back(
    behind: WriteBehind, inner: Inner, moment: list[float]
) -> None:
    behind.set("k", b"old", ttl_s=600)
    behind.flush()
    behind.set("k", b"new", ttl_s=5)
    moment[0] += 6
    behind.flush()
    moment[0] += 1
    assert (behind.get("k"), inner.get("k")) == (None, None)


def test_what_the_store_does_not_take_is_kept_and_written_later(behind: WriteBehind, inner: Inner) -> None:
    behind.set("a", b"1", ttl_s=60)
    behind.set("b", b"1", ttl_s=60)
    inner.failing = True
    with pytest.raises(Unavailable):
        behind.flush()
    behind.set("b", b"2", ttl_s=60)
    assert (behind.get("a"), behind.get("b")) == (b"1", b"2")
    with pytest.raises(Unavailable):
        behind.get("unknown")
    inner.failing = False
    behind.flush()
    assert (inner.get("a"), inner.get("b")) == (b"1", b"2")


def test_what_is_just_being_written_is_known(behind: WriteBehind, inner: Inner) -> None:
    """Or a message would be answered a second time while its first answer is on its way to the disk."""
    seen: list[Result] = []

    def meanwhile(steps: tuple[Step, ...]) -> None:
        if isinstance(steps[0], Set):
            inner.meanwhile = lambda _steps: None
            seen.extend([behind.get("k"), behind.add("k", b"2", ttl_s=60)])
            behind.set("other", b"new", ttl_s=60)

    behind.set("k", b"1", ttl_s=60)
    behind.set("other", b"old", ttl_s=60)
    inner.meanwhile = meanwhile
    behind.flush()
    assert seen == [b"1", False]
    assert (inner.get("k"), inner.get("other")) == (b"1", b"new")


def test_what_is_written_anew_while_a_writing_fails_stays(behind: WriteBehind, inner: Inner) -> None:
    def meanwhile(steps: tuple[Step, ...]) -> None:
        if isinstance(steps[0], Set):
            behind.set("k", b"new", ttl_s=60)
            raise Unavailable("the disk is full")

    behind.set("k", b"old", ttl_s=60)
    inner.meanwhile = meanwhile
    with pytest.raises(Unavailable):
        behind.flush()
    inner.meanwhile = lambda _steps: None
    assert behind.get("k") == b"new"
    behind.flush()
    assert inner.get("k") == b"new"


def test_a_value_that_the_store_can_never_take_does_not_keep_the_others_back(
    behind: WriteBehind, inner: Inner
) -> None:
    def meanwhile(steps: tuple[Step, ...]) -> None:
        if any(step.key == "bad" for step in steps):
            raise OverflowError("never")

    for key in ("a", "bad", "b"):
        behind.set(key, b"1", ttl_s=60)
    inner.meanwhile = meanwhile
    behind.flush()
    inner.meanwhile = lambda _steps: None
    assert [inner.get(key) for key in ("a", "bad", "b")] == [b"1", None, b"1"]
    assert not behind._waiting


def test_there_is_an_end_to_what_may_wait(behind: WriteBehind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyvalue_behind, "MOST_WAITING", 3)
    for number in range(3):
        behind.set(f"k{number}", b"x", ttl_s=60)
    with pytest.raises(Unavailable, match="takes no writes"):
        behind.set("one-more", b"x", ttl_s=60)
    behind.flush()
    behind.set("one-more", b"x", ttl_s=60)


def test_what_was_read_is_forgotten_when_there_is_too_much_of_it(
    behind: WriteBehind, inner: Inner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyvalue_behind, "MOST_READ", 3)
    for number in range(9):
        inner.set(f"k{number}", b"%d" % number, ttl_s=60)
    for number in range(8):
        assert behind.together(Get(f"k{number}"), Get(f"k{number + 1}")) == [
            b"%d" % number,
            b"%d" % (number + 1),
        ]
    assert len(behind._read) <= 3


def test_it_writes_by_itself_and_the_rest_when_it_is_closed(inner: Inner, moment: list[float]) -> None:
    behind = WriteBehind(inner, now_s=lambda: moment[0])
    behind.set("k", b"1", ttl_s=60)
    assert inner.written.wait(PATIENCE_S)
    behind.close()
    behind.set("late", b"1", ttl_s=60)  # of a handler that outlived the service
    assert (inner.get("k"), inner.get("late")) == (b"1", b"1")


def test_after_a_failure_it_goes_on_by_itself(
    inner: Inner, moment: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatherer, "AFTER_FAILURE_S", 0.01)
    behind = WriteBehind(inner, now_s=lambda: moment[0])
    inner.failing = True
    behind.set("k", b"1", ttl_s=60)
    assert inner.refused.wait(PATIENCE_S)
    inner.failing = False
    assert inner.written.wait(PATIENCE_S)
    behind.close()


KEYS = st.sampled_from(["a", "b"])
VALUES = st.sampled_from([b"1", b"2"])
TTLS = st.sampled_from([5.0, 100.0])
STEPS = st.one_of(
    st.builds(Get, KEYS),
    st.builds(Set, KEYS, VALUES, TTLS),
    st.builds(Add, KEYS, VALUES, TTLS),
    st.builds(Swap, KEYS, st.none() | VALUES, VALUES, TTLS),
    st.builds(DeleteIf, KEYS, VALUES),
)
TRIPS = st.lists(STEPS, min_size=1, max_size=3)
# Between trips: nothing, a flush, a flush that fails, or time (longer than what was read is known for).
BETWEEN = st.sampled_from(["", "flush", "fail", "later"])


@settings(max_examples=150, deadline=None)
@given(story=st.lists(st.tuples(TRIPS, BETWEEN), max_size=12))
def test_it_answers_as_the_store_itself_would(story: list[tuple[list[Step], str]]) -> None:
    moment = [1000.0]
    with TemporaryDirectory() as folder:
        plain, inner = (Inner(Path(folder) / name, moment) for name in ("plain.db", "inner.db"))
        behind = WriteBehind(inner, now_s=lambda: moment[0])
        behind._wake = lambda: None  # type: ignore[method-assign]
        for trip, between in story:
            assert behind.together(*trip) == plain.together(*trip)
            if between == "later":
                moment[0] += 2 * keyvalue_behind.KNOWN_S
            elif between:
                inner.failing = between == "fail"
                with pytest.raises(Unavailable) if inner.failing and behind._waiting else NOTHING:
                    behind.flush()
                inner.failing = False
        behind.flush()
        moment[0] += 2 * keyvalue_behind.KNOWN_S
        assert [inner.get(key) for key in "ab"] == [plain.get(key) for key in "ab"]
        plain.close()
        inner.close()
