"""The librarian in step with the shelf, and the one way from a course to what the librarian reads."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from content.check import read_folder
from content.course import LEVEL_NAMES
from content.publish import Publisher
from content.shelf import Shelf
from handlers.library import Library, document_of
from infra.clock import ManualClock
from infra.database import Database
from infra.metrics import COURSES, REGISTRY
from nlp import LEVELS, Concept, Document, Librarian
from tests.flows.courses import write_courses
from tests.waiting import until


def build(documents: Iterable[Document], concepts: Sequence[Concept], _before: Librarian | None) -> Librarian:
    return Librarian.build(documents, concepts=concepts)


def publish_a_change(db: Database, clock: ManualClock, courses: Path) -> None:
    index = courses / "git-free" / "_index.md"
    index.write_text(index.read_text(encoding="utf-8").replace("用 Git 管好代码", "多人协作不打架"))
    Publisher(db, clock).publish(courses)
    clock.advance(2)


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    return write_courses(tmp_path / "courses")


@pytest.fixture
def shelf(db: Database, clock: ManualClock, courses: Path) -> Shelf:
    Publisher(db, clock).publish(courses)
    return Shelf(db, clock)


def test_a_course_reads_the_same_from_its_folder_and_from_the_shelf(shelf: Shelf, courses: Path) -> None:
    written, problems = read_folder(courses)
    assert not problems
    in_folder = {document_of(course) for course in written}
    assert in_folder == {document_of(course) for course in shelf.catalogue().courses}


def test_the_librarian_is_kept_until_the_catalogue_moves(
    shelf: Shelf, db: Database, clock: ManualClock, courses: Path
) -> None:
    library = Library(shelf, build)
    before = library.librarian()
    assert library.librarian() is before
    publish_a_change(db, clock, courses)
    library.librarian()
    until(lambda: library.librarian() is not before, "the new librarian")


def test_the_search_follows_the_clock_without_a_publishing(
    shelf: Shelf, db: Database, clock: ManualClock, courses: Path
) -> None:
    index = courses / "git-free" / "_index.md"
    about = index.read_text(encoding="utf-8")
    index.write_text(about.replace("level:", "publishDate: 2026-02-01\nexpiryDate: 2026-02-02\nlevel:", 1))
    Publisher(db, clock).publish(courses)
    library = Library(Shelf(db, clock), build)

    def is_found() -> bool:
        return "git-free" in library.librarian()

    assert not is_found()
    clock.advance(28 * 24 * 3600)
    until(is_found, "the course whose day has come")
    clock.advance(2 * 24 * 3600)
    until(lambda: not is_found(), "the course whose time is over to be gone")


def test_nobody_builds_in_a_followers_turn(
    shelf: Shelf, db: Database, clock: ManualClock, courses: Path
) -> None:
    built_by: list[str] = []
    go_on = threading.Event()

    def slow(
        documents: Iterable[Document], _concepts: Sequence[Concept], before: Librarian | None
    ) -> Librarian:
        if before is not None:
            built_by.append(threading.current_thread().name)
            go_on.wait(20)
        return Librarian.build(documents, previous=before)

    library = Library(shelf, slow)
    before = library.librarian()
    publish_a_change(db, clock, courses)
    assert library.librarian() is before  # the build is held up, and goes on beside
    assert library.librarian() is before
    go_on.set()
    until(lambda: library.librarian() is not before, "the new librarian")
    assert built_by == ["librarian"]


def test_a_build_that_fails_leaves_the_librarian_and_is_not_tried_again(
    shelf: Shelf, db: Database, clock: ManualClock, courses: Path
) -> None:
    tried: list[int] = []

    def failing(
        documents: Iterable[Document], _concepts: Sequence[Concept], before: Librarian | None
    ) -> Librarian:
        documents = list(documents)
        tried.append(len(documents))
        if before is not None:
            raise OSError("no more room")
        return Librarian.build(documents)

    library = Library(shelf, failing)
    before = library.librarian()
    publish_a_change(db, clock, courses)
    library.librarian()
    until(lambda: len(tried) == 2, "the build")
    until(lambda: "librarian" not in {thread.name for thread in threading.enumerate()}, "its end")
    assert library.librarian() is before
    assert len(tried) == 2


def test_how_many_courses_are_on_sale_is_the_shelfs_figure_alone(shelf: Shelf) -> None:
    shelf.catalogue()
    assert REGISTRY.get_sample_value("keban_courses") == 8
    COURSES.set(99)
    Library(shelf, build).librarian()
    assert REGISTRY.get_sample_value("keban_courses") == 99


def test_the_librarian_and_the_shelf_know_the_same_levels() -> None:
    assert tuple(LEVEL_NAMES) == LEVELS


def test_concepts_that_are_saved_are_searched(
    shelf: Shelf, db: Database, clock: ManualClock, courses: Path
) -> None:
    def found() -> list[str]:
        """By a node that has just started."""
        return [hit.id for hit in Library(shelf, build).librarian().search("打酱油的办法").hits]

    assert found() == []
    mine = courses / "_concepts" / "mine.toml"
    mine.parent.mkdir()
    mine.write_text('[[concept]]\nname = "Git"\nneeds = ["打酱油的办法"]', encoding="utf-8")
    Publisher(db, clock).publish(courses)
    clock.advance(2)
    assert found() == ["git-free"]
    mine.unlink()
    Publisher(db, clock).publish(courses)
    clock.advance(2)
    assert found() == []
