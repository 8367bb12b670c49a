"""The garbage collector rests while something is built, and leaves alone what a service has built."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from infra import collector
from infra.collector import building, live_long


@pytest.fixture
def long_lived(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(collector._collector, "sets_aside", False)
    live_long()
    yield
    gc.unfreeze()


class Ring:
    """Goes only when the collector finds it."""

    def __init__(self) -> None:
        self.me = self


def test_nothing_is_collected_until_the_last_builder_is_through() -> None:
    with building():
        with building():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_builder_that_fails_lets_the_collector_go_on() -> None:
    with pytest.raises(ValueError), building():
        raise ValueError
    assert gc.isenabled()


def test_a_command_sets_nothing_aside() -> None:
    before = gc.get_freeze_count()
    with building():
        pass
    assert gc.get_freeze_count() == before


@pytest.mark.usefixtures("long_lived")
def test_what_a_service_has_built_is_set_aside_and_its_rubbish_is_not() -> None:
    with building():
        built = [Ring() for _ in range(10)]
        rubbish = weakref.ref(Ring())
    assert rubbish() is None
    assert gc.get_freeze_count() > 0
    assert not any(one in gc.get_objects() for one in built)


@pytest.mark.usefixtures("long_lived")
def test_what_was_set_aside_goes_when_nothing_refers_to_it() -> None:
    with building():
        built = Plain()
    watched = weakref.ref(built)
    del built
    assert watched() is None


class Plain:
    """No ring."""
