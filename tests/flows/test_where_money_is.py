"""What a follower, and an operator's figures, are told about money that is on its way.

No worker runs in this town: whatever a story begins stays as it is until the story goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import isnan
from threading import Event
from typing import Any

import pytest
import requests

from tests.flows.courses import CRAWLER, write_courses
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town
from tests.waiting import until


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("money")
    with open_town(folder, platform_keys, write_courses(folder / "courses"), consume=False) as opened:
        yield opened


# The worker is woken


@pytest.mark.parametrize("words", ["{}", "我付了没开通"])
def test_a_question_in_the_chat_that_finds_money_wakes_the_worker(
    town: Town, anna: Follower, words: str
) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    town.faults(drop=1)
    assert anna.pay(order_no)["status"] == "success"
    town.rooms.queue.flush()
    assert "已开通" in anna.say(words.format(order_no))
    until(town.rooms.queue.pending_count, "the worker to be woken")


# Figures


def needing_care(town: Town) -> float:
    figures = requests.get(f"{town.url}/metrics", timeout=10).text
    line = next(line for line in figures.splitlines() if line.startswith("keban_orders_needing_care "))
    return float(line.split()[1])


def test_the_figures_count_the_orders_that_an_operator_has_to_look_at(town: Town, anna: Follower) -> None:
    before = needing_care(town)
    town.faults(lie_amount=True)
    order_no = anna.log_in().order_of(CRAWLER)
    anna.pay(order_no)
    assert needing_care(town) == before + 1
    town.faults()
    assert anna.status(order_no, ask=True)["paid"]
    assert needing_care(town) == before


def test_without_an_answer_of_the_books_the_other_figures_are_told(town: Town) -> None:
    with full_checks(town):
        assert isnan(needing_care(town))
    assert needing_care(town) >= 0


@contextmanager
def full_checks(town: Town) -> Iterator[None]:
    checks, free = town.rooms.pools.checks, Event()
    for _ in range(6):
        checks.submit(free.wait, 20.0)
    try:
        yield
    finally:
        free.set()
        until(lambda: checks.busy == 0, "the places to be free again")
