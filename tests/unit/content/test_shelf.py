"""The shelf hands out what is live, from memory, and goes on when the store does not answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from content.course import Catalogue
from content.publish import Publisher
from content.shelf import Shelf
from infra.clock import ManualClock
from infra.database import Database, metadata
from infra.errors import Unavailable

WriteCourse = Callable[..., Path]
FREE = "---\ntitle: 一\nfree: true\n---\n"
PAID = "---\ntitle: 二\n---\n<!--members-only-->\n\n"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def statements(db: Database) -> list[str]:
    """The SQL sent for reading from here on."""
    sent: list[str] = []
    with db.reading() as conn:
        reader = conn.engine
    event.listen(reader, "before_cursor_execute", lambda _c, _k, statement, *_: sent.append(statement))
    return sent


def test_an_empty_shelf_is_an_empty_catalogue(shelf: Shelf) -> None:
    assert shelf.catalogue() == Catalogue(version=0, courses=())


def test_the_store_is_asked_about_once_a_second(
    shelf: Shelf, clock: ManualClock, statements: list[str]
) -> None:
    for _ in range(50):
        shelf.catalogue()
    first = len(statements)
    clock.advance(1.1)
    shelf.catalogue()
    assert 0 < len(statements) - first <= 2


def test_after_one_change_only_that_course_is_read_anew(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf, clock: ManualClock
) -> None:
    write_course("first-one")
    write_course("second-one")
    publisher.publish(root)
    before = shelf.catalogue()
    write_course("second-one", files={"01-first.md": "---\ntitle: 新\nfree: true\n---\n新"})
    publisher.publish(root)
    clock.advance(2)
    after = shelf.catalogue()
    assert after.version > before.version
    assert after.by_id("first-one") is before.by_id("first-one")
    assert after.by_id("second-one") is not before.by_id("second-one")


def test_a_store_that_falls_silent_leaves_the_last_catalogue(
    root: Path,
    write_course: WriteCourse,
    publisher: Publisher,
    shelf: Shelf,
    clock: ManualClock,
    db: Database,
) -> None:
    write_course()
    publisher.publish(root)
    known = shelf.catalogue()
    metadata.drop_all(db.engine)
    clock.advance(2)
    assert shelf.catalogue() is known


def test_without_a_first_answer_it_says_so(tmp_path: Path, clock: ManualClock) -> None:
    db = Database(f"sqlite:///{tmp_path}/without-tables.db")
    with pytest.raises(Unavailable):
        Shelf(db, clock).catalogue()
    db.close()


def test_a_clock_set_back_does_not_freeze_the_shelf(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf, clock: ManualClock
) -> None:
    shelf.catalogue()
    clock.advance(-3600)
    write_course()
    publisher.publish(root)
    assert len(shelf.catalogue().courses) == 1


def test_many_threads_get_the_same_first_catalogue(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course()
    publisher.publish(root)
    got: list[Catalogue] = []
    threads = [threading.Thread(target=lambda: got.append(shelf.catalogue())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert all(catalogue is got[0] for catalogue in got)


def test_a_withdrawn_course_leaves_its_address_to_a_new_one(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course("py-crawler", id="first-id")
    write_course("other-one")
    publisher.publish(root)
    (root / "py-crawler" / "_index.md").unlink()
    for file in (root / "py-crawler").iterdir():
        file.unlink()
    publisher.publish(root)
    write_course("py-crawler", id="second-id")
    publisher.publish(root)
    catalogue = shelf.catalogue()
    assert getattr(catalogue.by_slug("py-crawler"), "id", None) == "second-id"
    assert catalogue.by_id("first-id") is not None


def test_pictures_come_with_their_type_and_whether_they_are_paid(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course(
        files={
            "01-first.md": f"{FREE}![a](img/free.png) ![b](img/both.png)",
            "02-second.md": f"{PAID}![a](img/paid.png) ![b](img/both.png)",
            "03-third.md": "---\ntitle: 三\n---\n![whole](img/whole.png)",
            **{
                f"img/{name}.png": PNG + name.encode() for name in ("free", "both", "paid", "whole", "unused")
            },
        }
    )
    assert [problem.severity for problem in publisher.publish(root).problems] == ["info"]
    names = ("free", "both", "paid", "whole", "unused")
    shown = {name: shelf.asset("py-crawler", f"img/{name}.png") for name in names}
    paid = {name: asset.paid if asset else None for name, asset in shown.items()}
    assert paid == {"free": False, "both": False, "paid": True, "whole": True, "unused": None}
    picture = shelf.asset("py-crawler", "img/free.png")
    assert picture is not None
    assert (picture.media_type, shelf.asset_part(picture, 0, picture.size), len(picture.sha256)) == (
        "image/png",
        PNG + b"free",
        64,
    )


@pytest.mark.parametrize("path", ["../secret", "_index.md", "01-first.md", "", "nothing.png"])
def test_only_pictures_of_the_live_version_are_handed_out(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf, path: str
) -> None:
    write_course()
    publisher.publish(root)
    assert shelf.asset("py-crawler", path) is None


def test_there_is_no_paid_part_where_there_is_none(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course()
    publisher.publish(root)
    assert shelf.paid_html("py-crawler", "first") is None
    assert shelf.paid_html("py-crawler", "nothing") is None
    assert shelf.paid_html("nothing", "second") is None


def test_a_course_knows_its_lessons_order(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course()
    publisher.publish(root)
    course = shelf.catalogue().courses[0]
    assert course.to_try(course.published_at) is course.lesson("first")
    assert (course.after("first"), course.after("second")) == (course.lesson("second"), None)
    assert (course.before("second"), course.before("first")) == (course.lesson("first"), None)
