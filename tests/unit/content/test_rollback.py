"""An earlier version comes back, and stays until somebody changes the folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from content import folder as folder_room
from content.edition import KEPT_VERSIONS
from content.folder import take_snapshot
from content.publish import Publisher
from content.rollback import find_course, kept_versions, roll_back
from content.shelf import Shelf
from infra.clock import ManualClock
from infra.database import Database
from infra.errors import Conflict, NotFound, Refused

WriteCourse = Callable[..., Path]
PNG = b"\x89PNG\r\n\x1a\n"


def lesson(text: str) -> str:
    return f"---\ntitle: 第二课\n---\n试读 ![图](p.png)\n\n<!--members-only-->\n\n{text}\n"


@pytest.fixture
def versions(publisher: Publisher, root: Path, write_course: WriteCourse) -> Path:
    """Two versions, each with a picture and a paid part of its own."""
    for word in (b"1", b"2"):
        folder = write_course(files={"02-second.md": lesson(f"付费 {word.decode()}"), "p.png": PNG + word})
        publisher.publish(root)
    return folder


def bring_back(db: Database, clock: ManualClock, folder: Path, version: int) -> int:
    snapshot = take_snapshot(folder)
    live = find_course(db, "py-crawler")
    return roll_back(db, clock, live, version, snapshot.bare_digest if snapshot else "")


def paid(shelf: Shelf) -> str:
    return shelf.paid_html("py-crawler", "second") or ""


def test_it_is_a_new_version_with_the_old_contents(
    versions: Path, db: Database, clock: ManualClock, shelf: Shelf
) -> None:
    assert bring_back(db, clock, versions, 1) == 3
    assert "付费 1" in paid(shelf)
    picture = shelf.asset("py-crawler", "p.png")
    assert picture is not None and shelf.asset_part(picture, 0, 99) == PNG + b"1"
    newest = kept_versions(db, "py-crawler")[0]
    assert (newest.version, newest.copy_of) == (3, 1)


def test_publishing_an_untouched_folder_does_not_undo_it(
    versions: Path, db: Database, clock: ManualClock, shelf: Shelf, publisher: Publisher, root: Path
) -> None:
    bring_back(db, clock, versions, 1)
    for again in (publisher, Publisher(db, clock)):
        assert not again.publish(root).changed
    assert "付费 1" in paid(shelf)


def test_not_even_when_all_is_rendered_anew(
    versions: Path,
    db: Database,
    clock: ManualClock,
    shelf: Shelf,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring_back(db, clock, versions, 1)
    monkeypatch.setattr(folder_room, "RENDERING", b"the next way of rendering")
    assert not Publisher(db, clock).publish(root).changed
    assert "付费 1" in paid(shelf)


def test_the_next_change_in_the_folder_is_published(
    versions: Path,
    db: Database,
    clock: ManualClock,
    shelf: Shelf,
    publisher: Publisher,
    root: Path,
    write_course: WriteCourse,
) -> None:
    bring_back(db, clock, versions, 1)
    write_course(files={"02-second.md": lesson("付费 3"), "p.png": PNG + b"3"})
    assert publisher.publish(root).published == ("py-crawler",)
    assert "付费 3" in paid(shelf)
    # And going back to what the folder was then is a change again.
    write_course(files={"02-second.md": lesson("付费 2"), "p.png": PNG + b"2"})
    assert publisher.publish(root).published == ("py-crawler",)
    assert "付费 2" in paid(shelf)


def test_a_folder_that_was_saved_but_not_published_is_held_as_it_was_then(
    versions: Path,
    db: Database,
    clock: ManualClock,
    shelf: Shelf,
    publisher: Publisher,
    root: Path,
    write_course: WriteCourse,
) -> None:
    write_course(files={"02-second.md": lesson("还没有发布的"), "p.png": PNG})
    bring_back(db, clock, versions, 1)
    assert not publisher.publish(root).changed
    assert "付费 1" in paid(shelf)


def test_an_unknown_version_and_an_unknown_course_are_told(
    versions: Path, db: Database, clock: ManualClock
) -> None:
    with pytest.raises(NotFound):
        bring_back(db, clock, versions, 9)
    with pytest.raises(NotFound):
        find_course(db, "nothing-here")


def test_a_course_is_found_by_id_folder_and_former_address(
    db: Database, publisher: Publisher, root: Path, write_course: WriteCourse
) -> None:
    write_course("old-name", id="py-crawler")
    publisher.publish(root)
    (root / "old-name").rename(root / "new-name")
    publisher.publish(root)
    assert {find_course(db, name).id for name in ("py-crawler", "new-name", "old-name")} == {"py-crawler"}


def test_a_withdrawn_course_is_not_brought_back(
    versions: Path,
    db: Database,
    clock: ManualClock,
    publisher: Publisher,
    root: Path,
    write_course: WriteCourse,
) -> None:
    write_course("other-one")
    shutil.rmtree(versions)
    publisher.publish(root)
    with pytest.raises(Refused):
        bring_back(db, clock, versions, 1)


def test_an_address_that_another_course_has_now_is_not_taken_from_it(
    db: Database, clock: ManualClock, publisher: Publisher, root: Path, write_course: WriteCourse
) -> None:
    folder = write_course("old-name", id="py-crawler")
    publisher.publish(root)
    folder.rename(root / "new-name")
    write_course("old-name", id="newcomer")
    publisher.publish(root)
    with pytest.raises(Refused):
        bring_back(db, clock, root / "new-name", 1)
    found = Shelf(db, clock).catalogue().by_slug("old-name")
    assert found is not None and found.id == "newcomer"


def test_who_comes_second_changes_nothing(versions: Path, db: Database, clock: ManualClock) -> None:
    seen = find_course(db, "py-crawler")
    roll_back(db, clock, seen, 1, "")
    with pytest.raises(Conflict):
        roll_back(db, clock, seen, 1, "")
    assert [one.version for one in kept_versions(db, "py-crawler")] == [3, 2, 1]


def test_old_versions_are_forgotten_here_too(versions: Path, db: Database, clock: ManualClock) -> None:
    for number in range(KEPT_VERSIONS):
        bring_back(db, clock, versions, 2 + number)
    assert len(kept_versions(db, "py-crawler")) == KEPT_VERSIONS
