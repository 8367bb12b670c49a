"""Saving publishes. The watcher tells through its callback; no test sleeps."""

from __future__ import annotations

import queue
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import pytest

from content.problem import Problem
from content.publish import Publisher, Report
from content.shelf import Shelf
from content.watch import Watcher
from infra.clock import ManualClock
from infra.database import Database, metadata
from infra.files import hold_file

WriteCourse = Callable[..., Path]
PATIENCE_S = 20


@pytest.fixture
def reports() -> queue.Queue[Report]:
    return queue.Queue()


@pytest.fixture
def watcher(publisher: Publisher, root: Path, reports: queue.Queue[Report]) -> Iterator[Watcher]:
    watching = Watcher(publisher, root, on_report=reports.put, rest_after_error_s=0.05)
    yield watching
    watching.stop()


def until(reports: queue.Queue[Report], wanted: Callable[[Report], bool]) -> Report:
    while True:
        report = reports.get(timeout=PATIENCE_S)
        if wanted(report):
            return report


def test_what_is_there_at_the_start_is_published(
    watcher: Watcher, write_course: WriteCourse, reports: queue.Queue[Report]
) -> None:
    write_course()
    watcher.start()
    assert until(reports, lambda report: report.changed).published == ("py-crawler",)


def test_saving_publishes_and_a_bad_file_is_told_without_ending_the_watch(
    watcher: Watcher, write_course: WriteCourse, reports: queue.Queue[Report], shelf: Shelf
) -> None:
    write_course("py-crawler")
    watcher.start()
    until(reports, lambda report: report.changed)
    write_course("py-crawler", files={"01-first.md": "坏了"})
    assert until(reports, lambda report: bool(report.errors)).published == ()
    write_course("py-crawler", files={"01-first.md": "---\ntitle: 好了\nfree: true\n---\n正文"})
    until(reports, lambda report: report.changed)
    assert shelf.catalogue().courses[0].lessons[0].title == "好了"


def test_a_problem_is_told_once_for_as_long_as_it_stands(
    publisher: Publisher, root: Path, tmp_path: Path, write_course: WriteCourse, reports: queue.Queue[Report]
) -> None:
    told: list[Problem] = []
    watching = Watcher(publisher, root, on_report=reports.put, tell=told.extend)

    def save(course: str, text: str) -> None:
        (tmp_path / "saved").write_text(text, encoding="utf-8")
        (tmp_path / "saved").replace(root / course / "01-first.md")

    def refused(*courses: str) -> Callable[[Report], bool]:
        return lambda report: {Path(one.path).parent.name for one in report.errors} == {*courses}

    good = "---\ntitle: 一\nfree: true\n---\n正文"
    for course in ("one", "two", "six"):
        write_course(f"{course}-course")
    watching.start()
    until(reports, lambda report: report.changed)
    save("one-course", "坏了")
    until(reports, refused("one-course"))
    save("two-course", "也坏了")
    until(reports, refused("one-course", "two-course"))
    save("six-course", good)
    until(reports, lambda report: report.published == ("six-course",))
    save("one-course", good)
    until(reports, refused("two-course"))
    save("one-course", "又坏了")
    until(reports, refused("one-course", "two-course"))
    watching.stop()
    errors = [Path(one.path).parent.name for one in told if one.severity == "error"]
    assert errors == ["one-course", "two-course", "one-course"]


def test_a_new_folder_is_published(
    watcher: Watcher, write_course: WriteCourse, reports: queue.Queue[Report]
) -> None:
    write_course("first-one")
    watcher.start()
    until(reports, lambda report: report.changed)
    write_course("second-one")
    until(reports, lambda report: "second-one" in report.published)


def test_a_root_that_comes_late_is_found(
    watcher: Watcher, root: Path, write_course: WriteCourse, reports: queue.Queue[Report]
) -> None:
    root.rmdir()
    watcher.start()
    until(reports, lambda report: bool(report.errors))
    write_course()
    until(reports, lambda report: report.changed)


def test_a_store_that_comes_late_gets_everything(
    tmp_path: Path, root: Path, write_course: WriteCourse, reports: queue.Queue[Report]
) -> None:
    write_course()
    db = Database(f"sqlite:///{tmp_path}/late.db")
    watching = Watcher(Publisher(db, ManualClock()), root, on_report=reports.put, rest_after_error_s=0.05)
    watching.start()
    metadata.create_all(db.engine)
    until(reports, lambda report: report.changed)
    watching.stop()
    db.close()


def test_stopping_ends_the_thread(watcher: Watcher, root: Path) -> None:
    watcher.start()
    assert watcher.running
    watcher.stop()
    assert not watcher.running


def test_stopping_without_a_start_is_nothing(watcher: Watcher) -> None:
    watcher.stop()


def test_a_removed_folder_is_withdrawn(
    watcher: Watcher, root: Path, write_course: WriteCourse, reports: queue.Queue[Report]
) -> None:
    write_course("first-one")
    write_course("second-one")
    watcher.start()
    until(reports, lambda report: report.changed)
    shutil.rmtree(root / "second-one")
    until(reports, lambda report: report.withdrawn == ("second-one",))


def test_saving_concepts_publishes_them(
    watcher: Watcher, write_course: WriteCourse, root: Path, reports: queue.Queue[Report], shelf: Shelf
) -> None:
    write_course("py-crawler")
    watcher.start()
    until(reports, lambda report: report.changed)
    (root / "_concepts").mkdir()
    (root / "_concepts" / "mine.toml").write_text('[[concept]]\nname = "煲汤"', encoding="utf-8")
    assert until(reports, lambda report: report.changed).concepts == ("mine.toml",)
    assert [concept.name for concept in shelf.catalogue().concepts] == ["煲汤"]


def test_who_has_lost_the_turn_asks_for_it_anew_before_it_publishes(publisher: Publisher, root: Path) -> None:
    asked: queue.Queue[bool] = queue.Queue()

    def turn() -> AbstractContextManager[bool]:
        asked.put(True)
        return nullcontext(True)

    watching = Watcher(publisher, root, turn=turn, still=lambda: False, rest_after_error_s=0.01)
    watching.start()
    for _ in range(3):
        asked.get(timeout=PATIENCE_S)
    watching.stop()


def test_of_two_watchers_with_one_lock_one_watches_and_the_other_goes_on_after_it(
    db: Database, root: Path, tmp_path: Path, write_course: WriteCourse
) -> None:
    write_course("first-one")
    heard: queue.Queue[int] = queue.Queue()

    def watcher(number: int) -> Watcher:
        return Watcher(
            Publisher(db, ManualClock()),
            root,
            on_report=lambda _report: heard.put(number),
            turn=partial(hold_file, tmp_path / "lock", alone=True),
            rest_after_error_s=0.05,
        )

    first, second = watcher(1), watcher(2)
    first.start()
    assert heard.get(timeout=PATIENCE_S) == 1
    second.start()
    write_course("second-one")
    assert heard.get(timeout=PATIENCE_S) == 1
    first.stop()
    write_course("third-one")
    assert heard.get(timeout=PATIENCE_S) == 2
    second.stop()
    assert heard.empty()
