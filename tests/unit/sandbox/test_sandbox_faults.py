from __future__ import annotations

import re

import pytest

from sandbox import faults as module
from sandbox.faults import KNOWN, Faults, UnknownFault


def test_a_number_is_used_up_and_true_is_not() -> None:
    faults = Faults()
    faults.replace({"drop": 2, "refuse": True})
    assert [faults.take("drop") for _ in range(3)] == [True, True, False]
    assert [faults.take("refuse") for _ in range(3)] == [True, True, True]
    assert faults.shown() == {"refuse": True}


def test_an_empty_object_resets() -> None:
    faults = Faults()
    faults.replace({"drop": True})
    faults.replace({})
    assert not faults.take("drop")


def test_codes_come_one_after_the_other() -> None:
    faults = Faults()
    faults.replace({"refuse_code": [45009, -1], "token_refuse_code": 40164})
    assert [faults.code("refuse_code") for _ in range(3)] == [45009, -1, 0]
    assert [faults.code("token_refuse_code") for _ in range(2)] == [40164, 0]


@pytest.mark.parametrize("name", ["lie", "lie_about_the_amount"])
def test_the_contracts_own_words_for_a_lie_are_understood(name: str) -> None:
    faults = Faults()
    faults.replace({name: 1})
    assert faults.take("lie_amount")


def test_seconds_stay() -> None:
    faults = Faults()
    faults.replace({"delay": 1.5})
    assert (faults.seconds("delay_s"), faults.seconds("delay_s")) == (1.5, 1.5)


@pytest.mark.parametrize(
    "wanted",
    [{"nope": 1}, {"drop": "yes"}, {"drop": -1}, {"delay_s": 601}, {"delay_s": True}, {"refuse_code": "x"}],
)
def test_what_means_nothing_is_refused_and_changes_nothing(wanted: dict[str, object]) -> None:
    faults = Faults()
    faults.replace({"refuse": 1})
    with pytest.raises(UnknownFault):
        faults.replace({"drop": 1, **wanted})
    assert faults.shown() == {"refuse": 1}


def test_the_docstring_tells_of_every_fault() -> None:
    told = set(re.findall(r"^``(\w+)``", module.__doc__ or "", re.MULTILINE))
    assert told == set(KNOWN)
