"""Never "surely new" for what was written; and mostly so for what is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.newest import Newest

TIMES = st.integers(0, 30).map(lambda time: f"seen:{time:010x}:aa")
KEYS = TIMES | st.sampled_from(["seen:", "seen", "talk:a", "window:z", "", "seen:ffffffffff:aa"])


@given(
    before=st.sets(TIMES, max_size=4),
    story=st.lists(st.tuples(st.booleans(), KEYS), max_size=40),
    most=st.integers(1, 6),
)
def test_what_was_written_is_never_taken_for_new(
    before: set[str], story: list[tuple[bool, str]], most: int
) -> None:
    newest, written = Newest("seen:", max(before, default=""), most=most), set(before)
    for writes, key in story:
        if writes:
            newest.written(key)
            written.add(key)
        assert not any(newest.never_written(each) for each in written)
        assert not newest.never_written("talk:never")
        assert len(newest._keys) <= most


@pytest.mark.parametrize("most", [1, 2, 3, 100])
def test_of_messages_as_they_come_each_is_known_to_be_new(most: int) -> None:
    newest = Newest("seen:", "seen:0000000001:ff", most=most)
    for time in range(2, 300):
        key = f"seen:{time:010x}:00"
        assert newest.never_written(key)
        newest.written(key)
        newest.written(key)  # its reply
        assert not newest.never_written(key)
        assert newest.never_written(f"seen:{time:010x}:01")


def test_what_is_older_than_what_it_remembers_is_asked_for() -> None:
    newest = Newest("seen:", most=4)
    for time in range(8):
        newest.written(f"seen:{time}")
    assert not any(newest.never_written(f"seen:{time}:x") for time in range(3))
    assert newest.never_written("seen:7:x")


def test_keys_of_other_kinds_take_no_room() -> None:
    newest = Newest("seen:", most=2)
    for number in range(10):
        newest.written(f"talk:{number}")
    assert not newest._keys and newest._known_from == ""
