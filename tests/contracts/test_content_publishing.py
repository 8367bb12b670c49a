"""The shelf means the same on SQLite, PostgreSQL and MySQL/MariaDB."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from content.assets import MAX_MEDIA_BYTES
from content.publish import Publisher, Report
from content.shelf import Shelf
from infra.clock import ManualClock
from infra.database import Database

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4_000  # about 1 MB, past a plain MySQL BLOB
LONG = "很长的正文🙂" * 12_000  # past a plain MySQL TEXT


def write(root: Path, slug: str, words: str = "正文") -> None:
    folder = root / slug
    folder.mkdir(parents=True, exist_ok=True)
    index = f'---\nid: {slug}\ntitle: 标题🙂\nsummary: 简介\nprice: "19.99"\ntags: [爬虫, Emoji🙂]\n---\n介绍'
    (folder / "_index.md").write_text(index, encoding="utf-8")
    (folder / "01-first.md").write_text(
        f"---\ntitle: 一\nfree: true\n---\n{words}\n\n![图](图.png)", encoding="utf-8"
    )
    (folder / "02-second.md").write_text(
        f"---\ntitle: 二\n---\n试读\n\n<!--members-only-->\n\n付费{words}", encoding="utf-8"
    )
    (folder / "图.png").write_bytes(PNG)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "courses"


def test_what_is_published_comes_back_whole(database: Database, clock: ManualClock, root: Path) -> None:
    write(root, "py-crawler", LONG)
    assert Publisher(database, clock).publish(root).published == ("py-crawler",)
    shelf = Shelf(database, clock)
    course = shelf.catalogue().courses[0]
    assert (course.title, course.tags, course.price_fen) == ("标题🙂", ("爬虫", "Emoji🙂"), 1999)
    assert course.published_at == clock.now()
    assert LONG in shelf.free_html(course, course.lessons[0])
    assert f"付费{LONG}" in (shelf.paid_html("py-crawler", "second") or "")
    picture = shelf.asset("py-crawler", "图.png")
    assert picture is not None
    assert shelf.asset_part(picture, 0, picture.size) == PNG


def test_the_longest_sound_that_is_let_in_can_be_kept(
    database: Database, clock: ManualClock, root: Path
) -> None:
    write(root, "py-crawler", "![录音](a.mp3)")
    sound = b"ID3\x04" + bytes(range(256)) * (MAX_MEDIA_BYTES // 256 - 1)
    (root / "py-crawler" / "a.mp3").write_bytes(sound)
    assert Publisher(database, clock).publish(root).published == ("py-crawler",)
    kept = Shelf(database, clock).asset("py-crawler", "a.mp3")
    assert kept is not None and kept.size == len(sound)


def test_versions_withdrawal_and_return(database: Database, clock: ManualClock, root: Path) -> None:
    publisher, shelf = Publisher(database, clock), Shelf(database, clock)
    write(root, "py-crawler")
    write(root, "py-other")
    publisher.publish(root)
    assert publisher.publish(root).unchanged == ("py-crawler", "py-other")
    write(root, "py-crawler", "新的")
    assert publisher.publish(root).published == ("py-crawler",)
    shutil.rmtree(root / "py-crawler")
    assert publisher.publish(root).withdrawn == ("py-crawler",)
    catalogue = shelf.catalogue()
    assert [course.id for course in catalogue.courses] == ["py-other"]
    assert [course.id for course in catalogue.withdrawn] == ["py-crawler"]
    assert "付费新的" in (shelf.paid_html("py-crawler", "second") or "")
    write(root, "py-crawler", "新的")
    assert publisher.publish(root).published == ("py-crawler",)
    clock.advance(2)
    assert {course.id: course.version for course in shelf.catalogue().courses} == {
        "py-crawler": 3,
        "py-other": 1,
    }


def test_the_catalogue_number_counts_the_changes(database: Database, clock: ManualClock, root: Path) -> None:
    write(root, "py-crawler")
    Publisher(database, clock).publish(root)
    assert Shelf(database, clock).catalogue().version == 1
    write(root, "py-crawler", "新的")
    Publisher(database, clock).publish(root)
    assert Shelf(database, clock).catalogue().version == 2


def test_nodes_that_publish_at_once_publish_each_course_once(
    database: Database, clock: ManualClock, root: Path
) -> None:
    slugs = [f"course-{number}" for number in range(4)]
    for slug in slugs:
        write(root, slug)
    start, reports = threading.Barrier(4), list[Report]()

    def node() -> None:
        publisher = Publisher(database, clock)
        start.wait()
        reports.append(publisher.publish(root))

    threads = [threading.Thread(target=node) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    published = sorted(slug for report in reports for slug in report.published)
    assert len(reports) == 4
    assert published == slugs
    assert {course.version for course in Shelf(database, clock).catalogue().courses} == {1}


def write_concepts(root: Path, words: str = "炖汤🍲", name: str = "厨房.toml") -> Path:
    path = root / "_concepts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[[concept]]\nname = "煲汤"\nalso = ["{words}"]\nneeds = ["想喝热的"]', encoding="utf-8")
    return path


def concepts_on(database: Database) -> list[tuple[str, ...]]:
    """As a node sees them that has just started."""
    return [concept.names for concept in Shelf(database, ManualClock()).catalogue().concepts]


def test_the_creators_concepts_travel_with_the_courses(
    database: Database, clock: ManualClock, root: Path
) -> None:
    publisher, shelf = Publisher(database, clock), Shelf(database, clock)
    write(root, "py-crawler")
    path = write_concepts(root)
    assert publisher.publish(root).concepts == ("厨房.toml",)
    assert concepts_on(database) == [("煲汤", "炖汤🍲")]
    before = shelf.catalogue().version
    assert publisher.publish(root).changed is False
    write_concepts(root, "熬汤")
    write_concepts(root, "老火汤", "more.toml")
    assert publisher.publish(root).concepts == ("more.toml", "厨房.toml")
    clock.advance(2)
    assert shelf.catalogue().version == before + 2
    assert concepts_on(database) == [("煲汤", "老火汤"), ("煲汤", "熬汤")]
    path.unlink()
    assert publisher.publish(root).concepts == ("厨房.toml",)
    assert concepts_on(database) == [("煲汤", "老火汤")]


def test_a_refused_file_keeps_the_concepts_that_are_live(
    database: Database, clock: ManualClock, root: Path
) -> None:
    publisher = Publisher(database, clock)
    write(root, "py-crawler")
    path = write_concepts(root)
    publisher.publish(root)
    path.write_text('[[concept]]\nname = "煲汤"\nalso = "熬汤"', encoding="utf-8")
    report = publisher.publish(root)
    assert (report.concepts, [problem.line for problem in report.errors]) == ((), [3])
    assert concepts_on(database) == [("煲汤", "炖汤🍲")]


def test_a_folder_out_of_reach_is_not_taken_for_deleted(
    database: Database, clock: ManualClock, root: Path
) -> None:
    publisher = Publisher(database, clock)
    write(root, "py-crawler")
    write_concepts(root)
    publisher.publish(root)
    root.rename(root.with_name("elsewhere"))
    publisher.publish(root)
    root.mkdir()
    publisher.publish(root)
    assert concepts_on(database) == [("煲汤", "炖汤🍲")]


def test_nodes_that_publish_concepts_at_once_publish_each_file_once(
    database: Database, clock: ManualClock, root: Path
) -> None:
    write(root, "py-crawler")
    Publisher(database, clock).publish(root)
    names = [f"{number}.toml" for number in range(4)]
    for name in names:
        write_concepts(root, name=name)
    start, reports = threading.Barrier(4), list[Report]()

    def node() -> None:
        publisher = Publisher(database, clock)
        start.wait()
        reports.append(publisher.publish(root))

    threads = [threading.Thread(target=node) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for report in reports for name in report.concepts) == names
    assert Shelf(database, clock).catalogue().version == 1 + len(names)


def test_a_node_that_was_down_catches_up(database: Database, clock: ManualClock, root: Path) -> None:
    """It knew the first version of one course; meanwhile all moved, and one came and went."""
    here = Publisher(database, clock)
    elsewhere = Database(database.url)
    try:
        shelf, there = Shelf(elsewhere, clock), Publisher(elsewhere, clock)
        write(root, "py-crawler")
        there.publish(root)
        assert shelf.catalogue().courses[0].version == 1
        for text in ("第二版", "第三版"):
            write(root, "py-crawler", text)
            write(root, "short-lived", text)
            here.publish(root)
        shutil.rmtree(root / "short-lived")
        here.publish(root)
        clock.advance(2)
        caught_up = shelf.catalogue()
        assert [(one.id, one.version) for one in caught_up.courses] == [("py-crawler", 3)]
        assert [one.id for one in caught_up.withdrawn] == ["short-lived"]
        assert "第三版" in shelf.free_html(caught_up.courses[0], caught_up.courses[0].lessons[0])
        assert not there.publish(root).changed
    finally:
        elsewhere.close()
