"""Whether the service is well is asked by load balancers, and by anybody: many at once change nothing."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from math import isnan
from pathlib import Path
from typing import Any

import pytest
import requests

from handlers.web.health import CHECK_TIMEOUT_S
from handlers.web.metrics import KEPT_S
from infra.database import Database
from infra.errors import Unavailable
from infra.outbox import Outbox, Standing
from tests.flows.courses import CRAWLER, write_courses
from tests.flows.town import Town, open_town
from tests.waiting import until

ASKERS = 16


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_many_who_ask_at_once_share_one_check(
    tmp_path: Path, platform_keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    begun = threading.Event()
    asked: list[str] = []
    ping = Database.ping

    def slow(db: Database) -> None:
        asked.append("ping")
        begun.set()
        threading.Event().wait(0.3)  # a database that takes its time
        ping(db)

    monkeypatch.setattr(Database, "ping", slow)
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses")) as town:

        def ask(where: str) -> int:
            return requests.get(f"{town.url}{where}", timeout=10).status_code

        with ThreadPoolExecutor(ASKERS + 1) as pool:
            first = pool.submit(ask, "/readyz")
            assert begun.wait(10)
            others = [pool.submit(ask, path) for _ in range(ASKERS)]
            assert {one.result() for one in [first, *others]} == {200}
    assert len(asked) <= 2


def figure(town: Town, name: str) -> float:
    figures = requests.get(f"{town.url}/metrics", timeout=10).text
    line = next(line for line in figures.splitlines() if line.startswith(f"{name} "))
    return float(line.split()[1])


def test_the_figures_tell_how_long_parcels_and_jobs_have_waited(
    tmp_path: Path, platform_keys: dict[str, Any]
) -> None:
    courses = write_courses(tmp_path / "courses")
    with open_town(tmp_path, platform_keys, courses, consume=False) as town:
        assert (figure(town, "keban_outbox_waiting"), figure(town, "keban_outbox_age_seconds")) == (0, 0)
        anna = town.new_follower().log_in()
        anna.pay(anna.order_of(CRAWLER))
        until(lambda: figure(town, "keban_outbox_waiting") == 1, "the receipt in the figures")
        until(lambda: figure(town, "keban_outbox_age_seconds") > 0, "a receipt that has waited")
        until(lambda: figure(town, "keban_queue_waiting") >= 1, "the nudge in the figures")
        until(lambda: figure(town, "keban_queue_age_seconds") > 0, "a nudge that has waited")


def test_figures_that_must_be_looked_up_are_looked_up_once_in_a_while(
    tmp_path: Path, platform_keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    standing = Outbox.standing

    def counted(outbox: Outbox) -> Standing:
        asked.append("standing")
        return standing(outbox)

    monkeypatch.setattr(Outbox, "standing", counted)
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses")) as town:
        began = time.monotonic()
        for _ in range(20):
            figure(town, "keban_outbox_waiting")
        looks = (time.monotonic() - began) / KEPT_S + 1
    assert 1 <= len(asked) <= looks


def test_a_store_that_hangs_costs_its_own_figures_and_not_the_others(
    tmp_path: Path, platform_keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()

    def hangs(_outbox: Outbox) -> Standing:
        free.wait(10)
        raise Unavailable("it was cut in the end")

    monkeypatch.setattr(Outbox, "standing", hangs)
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses")) as town:
        began = time.monotonic()
        assert isnan(figure(town, "keban_outbox_age_seconds"))
        assert time.monotonic() - began < CHECK_TIMEOUT_S + 2
        assert figure(town, "keban_queue_waiting") >= 0
        assert requests.get(f"{town.url}/readyz", timeout=10).status_code == 200
        free.set()
