"""Publishing: what becomes live, what stays, and what goes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from content import edition, tables
from content.check import read_folder
from content.publish import Publisher
from content.shelf import Shelf
from infra.clock import ManualClock
from infra.database import Database
from infra.errors import Unavailable

WriteCourse = Callable[..., Path]
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_good_course_is_published(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf, clock: ManualClock
) -> None:
    write_course()
    report = publisher.publish(root)
    assert (report.published, report.problems) == (("py-crawler",), ())
    course = shelf.catalogue().courses[0]
    assert (course.id, course.slug, course.title) == ("py-crawler", "py-crawler", "Python 爬虫从零到一")
    assert (course.price_fen, course.price_original_fen, course.level) == (9900, 19900, "beginner")
    assert (course.tags, course.teacher) == (("爬虫", "Python"), "林间")
    assert (course.access, course.refund, course.version) == ("365d", "7d", 1)
    assert course.published_at == clock.now()
    assert "学完能写自己的爬虫" in course.page_html
    first, second = course.lessons
    assert (first.free, first.has_paid, "免费正文" in shelf.free_html(course, first)) == (True, False, True)
    assert (second.free, second.has_paid, "试读正文" in shelf.free_html(course, second)) == (
        False,
        True,
        True,
    )
    assert "付费正文" in (shelf.paid_html("py-crawler", "second") or "")


def test_the_search_text_holds_what_is_free_and_nothing_paid(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course()
    publisher.publish(root)
    text = shelf.catalogue().courses[0].search_text
    for free in ("学完能写自己的爬虫", "第一课", "免费正文", "第二课", "试读正文"):
        assert free in text
    assert "付费正文" not in text


def test_nothing_is_written_when_nothing_changed(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf, db: Database
) -> None:
    write_course()
    publisher.publish(root)
    before = shelf.catalogue().version
    report = publisher.publish(root)
    assert (report.published, report.unchanged) == ((), ("py-crawler",))
    with db.reading() as conn:
        assert conn.scalar(select(tables.catalogue.c.version)) == before


def test_a_change_makes_the_next_version(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf, clock: ManualClock
) -> None:
    write_course()
    publisher.publish(root)
    shelf.catalogue()
    write_course(files={"01-first.md": "---\ntitle: 新的第一课\nfree: true\n---\n新正文"})
    assert publisher.publish(root).published == ("py-crawler",)
    clock.advance(2)
    course = shelf.catalogue().courses[0]
    assert (course.version, course.lessons[0].title) == (2, "新的第一课")


def test_a_refused_course_keeps_its_live_version_and_the_others_are_published(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course("good-one")
    write_course("bad-one")
    publisher.publish(root)
    write_course("bad-one", files={"01-first.md": "没有文件头"})
    write_course("good-one", files={"01-first.md": "---\ntitle: 新\nfree: true\n---\n新"})
    report = publisher.publish(root)
    assert (report.published, report.withdrawn, len(report.errors)) == (("good-one",), (), 1)
    assert {course.id: course.version for course in shelf.catalogue().courses} == {
        "good-one": 2,
        "bad-one": 1,
    }


def test_a_course_that_never_was_good_is_not_there(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course(files={"_index.md": "---\nid: py-crawler\n---\n"})
    report = publisher.publish(root)
    assert (report.published, report.changed) == ((), False)
    assert shelf.catalogue().courses == ()


def test_a_removed_folder_withdraws_and_buyers_still_read(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course("stays-here")
    write_course("goes-away")
    publisher.publish(root)
    shutil.rmtree(root / "goes-away")
    assert publisher.publish(root).withdrawn == ("goes-away",)
    catalogue = shelf.catalogue()
    assert [course.id for course in catalogue.courses] == ["stays-here"]
    gone = catalogue.by_id("goes-away")
    assert gone is not None
    assert not gone.listed
    assert shelf.paid_html("goes-away", "second")
    assert publisher.publish(root).withdrawn == ()


def test_a_withdrawn_course_comes_back_with_its_folder(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course("stays-here")
    write_course("py-crawler")
    publisher.publish(root)
    shutil.rmtree(root / "py-crawler")
    publisher.publish(root)
    write_course("py-crawler")
    assert publisher.publish(root).published == ("py-crawler",)
    assert len(shelf.catalogue().courses) == 2


def test_a_draft_is_checked_and_not_listed(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    folder = write_course()
    publisher.publish(root)
    index = (folder / "_index.md").read_text(encoding="utf-8")
    (folder / "_index.md").write_text(
        index.replace("refund: 7d", "refund: 7d\ndraft: true"), encoding="utf-8"
    )
    assert publisher.publish(root).withdrawn == ("py-crawler",)
    assert shelf.catalogue().courses == ()


def test_an_empty_or_missing_root_withdraws_nothing(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    folder = write_course()
    publisher.publish(root)
    shutil.rmtree(folder)
    assert publisher.publish(root).withdrawn == ()
    root.rmdir()
    report = publisher.publish(root)
    assert (report.withdrawn, len(report.errors)) == ((), 1)
    assert len(shelf.catalogue().courses) == 1


def test_a_renamed_folder_keeps_the_id_and_the_old_address(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf, clock: ManualClock
) -> None:
    """Access 5."""
    write_course("old-name", id="py-crawler")
    publisher.publish(root)
    (root / "old-name").rename(root / "new-name")
    report = publisher.publish(root)
    assert (report.published, report.withdrawn) == (("py-crawler",), ())
    course = shelf.catalogue().by_slug("old-name")
    assert course is not None
    assert (course.id, course.slug) == ("py-crawler", "new-name")


def test_a_folder_renamed_and_broken_at_once_withdraws_nothing(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course("other-one")
    write_course("old-name", id="py-crawler")
    publisher.publish(root)
    (root / "old-name").rename(root / "new-name")
    (root / "new-name" / "_index.md").write_text("---\nid: ", encoding="utf-8")
    assert publisher.publish(root).withdrawn == ()
    assert len(shelf.catalogue().courses) == 2


def test_an_id_that_changed_is_refused_and_the_old_course_stays(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course("py-crawler", id="first-id")
    publisher.publish(root)
    write_course("py-crawler", id="second-id")
    report = publisher.publish(root)
    assert (report.published, report.withdrawn, len(report.errors)) == ((), (), 1)
    assert [course.id for course in shelf.catalogue().courses] == ["first-id"]


def test_a_copy_that_kept_the_id_does_not_replace_the_original(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf
) -> None:
    write_course("py-crawler")
    publisher.publish(root)
    write_course("copied", id="py-crawler", files={"03-new.md": "---\ntitle: 三\n---\n正文"})
    report = publisher.publish(root)
    assert (report.published, report.withdrawn, len(report.errors)) == ((), (), 1)
    course = shelf.catalogue().by_id("py-crawler")
    assert course is not None
    assert course.slug == "py-crawler"


def test_a_half_written_file_breaks_nothing(
    root: Path, write_course: WriteCourse, publisher: Publisher, shelf: Shelf, clock: ManualClock
) -> None:
    """Cut at any byte, a course is either refused or published; paid text is never made free."""
    folder = write_course()
    publisher.publish(root)
    whole = (folder / "02-second.md").read_bytes()
    for length in range(len(whole)):
        (folder / "02-second.md").write_bytes(whole[:length])
        publisher.publish(root)
        clock.advance(2)
        assert "付费" not in repr(shelf.catalogue().courses)
    (folder / "02-second.md").write_bytes(whole)
    publisher.publish(root)
    assert "付费正文" in (shelf.paid_html("py-crawler", "second") or "")


def test_the_live_pointer_moves_for_one_of_two_who_saw_the_same_version(
    root: Path, write_course: WriteCourse, publisher: Publisher, db: Database, clock: ManualClock
) -> None:
    write_course()
    publisher.publish(root)
    course = read_folder(root)[0][0]
    with db.transaction() as conn:
        assert edition.claim(conn, course, 1, clock.now()) is True
    with db.transaction() as conn:
        assert edition.claim(conn, course, 1, clock.now()) is False


def test_old_versions_and_their_pictures_are_forgotten(
    root: Path, write_course: WriteCourse, publisher: Publisher, db: Database, shelf: Shelf
) -> None:
    for number in range(edition.KEPT_VERSIONS + 3):
        write_course(
            files={
                "01-first.md": f"---\ntitle: 一\nfree: true\n---\n![图](p.png) {number}",
                "p.png": PNG + bytes([number]),
            }
        )
        publisher.publish(root)
    with db.reading() as conn:
        versions = conn.scalar(select(func.count()).select_from(tables.course_version))
        pictures = conn.scalar(select(func.count()).select_from(tables.course_image))
    assert versions == pictures == edition.KEPT_VERSIONS
    assert shelf.asset("py-crawler", "p.png") is not None


def test_a_store_that_does_not_answer_is_said_so(
    root: Path, write_course: WriteCourse, tmp_path: Path
) -> None:
    write_course()
    db = Database(f"sqlite:///{tmp_path}/without-tables.db")
    with pytest.raises(Unavailable):
        Publisher(db, ManualClock()).publish(root)
    db.close()
