"""Of the machines that watch with the same books one publishes, on each kind of database."""

from __future__ import annotations

import queue
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from content.publish import Publisher, Report
from content.shelf import Shelf
from content.watch import Watcher
from content.watch_home import RENEW_AFTER, TERM, WatchHome, elsewhere
from infra.clock import ManualClock
from infra.database import Database

PATIENCE_S = 20


def machine(db: Database, clock: ManualClock, folder: Path) -> WatchHome:
    folder.mkdir(exist_ok=True)
    return WatchHome(db, clock, folder / "courses", folder / "lock")


def test_one_machine_watches_and_the_other_hears_where(
    database: Database, clock: ManualClock, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    a, b = (machine(database, clock, tmp_path / name) for name in "ab")
    with a.turn() as is_a, b.turn() as is_b:
        assert (is_a, is_b) == (True, False)
        home = elsewhere(database, clock, tmp_path / "b" / "lock")
        assert home is not None and home.place.endswith(f":{tmp_path}/a/courses")
        assert elsewhere(database, clock, tmp_path / "a" / "lock") is None
    with b.turn() as is_b:
        assert not is_b
    told = capfd.readouterr().out
    assert told.count("content_watched_elsewhere") == 1
    assert f"{tmp_path}/a/courses" in told and "one machine only" in told


def test_a_machine_that_restarts_is_at_home_and_no_other_comes_between(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    with machine(database, clock, tmp_path / "a").turn() as is_ours:
        assert is_ours
    clock.advance(60)
    with machine(database, clock, tmp_path / "b").turn() as is_ours:
        assert not is_ours
    with machine(database, clock, tmp_path / "a").turn() as is_ours:
        assert is_ours


def test_who_is_silent_for_long_loses_its_turn_and_knows(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    a, b = (machine(database, clock, tmp_path / name) for name in "ab")
    with a.turn() as is_a:
        for _ in range(20):
            clock.advance(RENEW_AFTER.total_seconds())
            assert is_a and a.still()
        with b.turn() as is_b:
            assert not is_b
        clock.advance(TERM.total_seconds())
        assert elsewhere(database, clock, tmp_path / "b" / "lock") is None
        with b.turn() as is_b:
            assert is_b and b.still()
            assert not a.still()


def test_of_two_watchers_of_unequal_folders_the_second_leaves_the_shelf_alone(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    heard: dict[str, queue.Queue[Report]] = {"a": queue.Queue(), "b": queue.Queue()}
    asked: queue.Queue[bool] = queue.Queue()
    watchers = {}
    for name in "ab":
        home = machine(database, clock, tmp_path / name)
        course = tmp_path / name / "courses" / "one"
        course.mkdir(parents=True)
        index = f'---\nid: one\ntitle: 机器 {name}\nsummary: 简介\nprice: "0"\n---\n介绍'
        (course / "_index.md").write_text(index, encoding="utf-8")
        (course / "01-first.md").write_text("---\ntitle: 一\nfree: true\n---\n正文", encoding="utf-8")

        def turn(home: WatchHome = home) -> AbstractContextManager[bool]:
            asked.put(True)
            return home.turn()

        watchers[name] = Watcher(
            Publisher(database, clock),
            course.parent,
            on_report=heard[name].put,
            turn=turn,
            still=home.still,
            rest_after_error_s=0.05,
        )
    watchers["a"].start()
    assert heard["a"].get(timeout=PATIENCE_S).published == ("one",)
    watchers["b"].start()
    for _ in range(4):
        asked.get(timeout=PATIENCE_S)
    assert heard["b"].empty()
    assert Shelf(database, clock).catalogue().courses[0].title == "机器 a"
    for watcher in watchers.values():
        watcher.stop()
