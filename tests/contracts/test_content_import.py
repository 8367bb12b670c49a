"""One suite for every kind of source: what `content import` promises whatever the course comes from."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from content.check import read_folder
from content.importing.bring import Brought, Wish, bring
from content.written import CourseSource
from infra.errors import Conflict, Refused
from tests.elsewhere import SOURCES

every_kind = pytest.mark.parametrize("kind", list(SOURCES))


def imported(kind: str, folder: Path, *, into: str = "courses", dry: bool = False) -> Brought:
    return bring(Wish(SOURCES[kind](folder / "source"), folder / into), dry=dry)


def checked(folder: Path) -> CourseSource:
    """The course of a folder that has one, without any error."""
    courses, problems = read_folder(folder)
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    (course,) = courses
    return course


def bodies(folder: Path) -> list[str]:
    """Title and text of each lesson in order, without the comments of the front matter."""
    texts = [path.read_text() for path in sorted(folder.rglob("*.md")) if path.name != "_index.md"]
    return [
        re.sub(r"^(#|publishDate|expiryDate|free|draft).*\n", "", text, flags=re.MULTILINE) for text in texts
    ]


@every_kind
def test_what_is_imported_passes_the_check_as_a_draft(kind: str, tmp_path: Path) -> None:
    brought = imported(kind, tmp_path)
    course = checked(tmp_path / "courses")
    assert course.draft and course.id == course.folder == brought.folder.name
    assert course.price_fen == 9_900 and course.title and course.summary


@every_kind
def test_no_lesson_but_the_first_is_free(kind: str, tmp_path: Path) -> None:
    imported(kind, tmp_path)
    first, *others = checked(tmp_path / "courses").lessons
    assert first.lesson.free or first.paid_html is not None
    assert not any(source.lesson.free or source.free_text for source in others)


@every_kind
def test_the_same_source_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    first, second = imported(kind, tmp_path), imported(kind, tmp_path, into="again")
    assert first.files == second.files
    written = {path.relative_to(first.folder).as_posix(): path.read_bytes()
               for path in first.folder.rglob("*") if path.is_file()}  # fmt: skip
    assert written == first.files


@every_kind
def test_importing_what_was_imported_changes_no_text(kind: str, tmp_path: Path) -> None:
    first = imported(kind, tmp_path)
    again = bring(Wish(first.folder, tmp_path / "again"))
    assert bodies(again.folder) == bodies(first.folder)
    assert sorted(again.files) == sorted(first.files)


@every_kind
def test_each_picture_that_was_carried_is_shown(kind: str, tmp_path: Path) -> None:
    brought = imported(kind, tmp_path)
    index = brought.folder / "_index.md"
    for lesson in brought.folder.rglob("*.md"):  # a draft's pictures count as well
        lesson.write_text(lesson.read_text().replace("\ndraft: true\n", "\n"))
    index.write_text(index.read_text().replace("---\n", "---\ndraft: true\n", 1))
    shown = {asset.path for asset in checked(tmp_path / "courses").assets}
    assert shown == {path for path in brought.files if not path.endswith(".md")}
    assert len(shown) == brought.pictures


@every_kind
def test_each_loss_names_a_place_in_the_source(kind: str, tmp_path: Path) -> None:
    brought = imported(kind, tmp_path)
    for problem in brought.losses:
        path = Path(problem.path)
        known = path if path.exists() else path.parent  # a post of an export has no file of its own
        assert known.exists(), problem
        assert problem.message and problem.hint
        if path.suffix in (".md", ".html"):
            assert 1 <= problem.line <= len(path.read_text().splitlines()), problem


@every_kind
def test_nothing_is_fetched(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("an import reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert imported(kind, tmp_path).lessons


@every_kind
def test_a_dry_run_tells_the_same_and_writes_nothing(kind: str, tmp_path: Path) -> None:
    tried = imported(kind, tmp_path, dry=True)
    assert not (tmp_path / "courses").exists()
    assert imported(kind, tmp_path) == tried


@every_kind
def test_a_folder_that_is_there_is_left_alone(kind: str, tmp_path: Path) -> None:
    brought = imported(kind, tmp_path)
    before = {path: path.read_bytes() for path in brought.folder.rglob("*") if path.is_file()}
    with pytest.raises(Conflict):
        imported(kind, tmp_path)
    assert {path: path.read_bytes() for path in brought.folder.rglob("*") if path.is_file()} == before


@every_kind
def test_a_disk_that_is_full_leaves_nothing_behind(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, write, written = SOURCES[kind](tmp_path / "source"), Path.write_bytes, list[Path]()

    def full(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Refused, match="No space left"):
        bring(Wish(source, tmp_path / "courses"))
    assert list((tmp_path / "courses").iterdir()) == []
