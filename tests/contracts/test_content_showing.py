"""When, where and to whom a course is shown: kept alike by each database, and obeyed by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from content import tables as t
from content.publish import Publisher
from content.shelf import Shelf
from infra.clock import ManualClock
from infra.database import Database
from infra.migrate import upgrade

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16
KEYS = """\
cover: 图/封面.png
weight: 3
publishDate: 2026-01-05 12:00
expiryDate: 2026-02-01
visibility: unlisted
aliases: [old-name, /posts/older-name/]
learn:
  - 会写爬虫🙂
  - 会存 Excel
drip: 2d
"""


def write(root: Path, slug: str, more: str = "", lesson: str = "") -> None:
    folder = root / slug
    (folder / "图").mkdir(parents=True, exist_ok=True)
    index = f'---\nid: {slug}\ntitle: 标题\nsummary: 简介\nprice: "9.90"\n{more}---\n介绍'
    (folder / "_index.md").write_text(index, encoding="utf-8")
    (folder / "01-first.md").write_text("---\ntitle: 一\nfree: true\n---\n![图](图/a.png)", encoding="utf-8")
    for number in (2, 3):
        body = "试读\n\n<!--members-only-->\n\n![图](图/b.png)付费"
        path = folder / f"0{number}-paid-{number}.md"
        path.write_text(f"---\ntitle: {number}\n{lesson}---\n{body}", encoding="utf-8")
    for name in ("a", "b", "封面"):
        (folder / "图" / f"{name}.png").write_bytes(PNG + name.encode())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "courses"


def test_what_is_written_comes_back(database: Database, clock: ManualClock, root: Path) -> None:
    write(root, "py-crawler", KEYS, "publishDate: 2026-01-20T00:00:00Z\naliases: [former]\n")
    assert Publisher(database, clock).publish(root).published == ("py-crawler",)
    clock.advance(3 * 3600)
    catalogue = Shelf(database, clock).catalogue()
    course = catalogue.unlisted[0]
    assert (course.cover, course.weight, course.visibility) == ("图/封面.png", 3, "unlisted")
    assert course.opens_at == datetime(2026, 1, 5, 4, tzinfo=UTC)
    assert course.ends_at == datetime(2026, 2, 1, 16, tzinfo=UTC)
    assert (course.aliases, course.learn) == (("old-name", "older-name"), ("会写爬虫🙂", "会存 Excel"))
    assert (course.drip_days, [lesson.opens_after_days for lesson in course.lessons]) == (2, [0, 0, 2])
    assert course.lessons[1].opens_at == datetime(2026, 1, 20, tzinfo=UTC)
    assert course.lessons[1].aliases == ("former",)
    assert catalogue.by_slug("older-name") is course


def test_pictures_know_where_they_are_shown(database: Database, clock: ManualClock, root: Path) -> None:
    write(root, "py-crawler", "cover: 图/封面.png\n")
    Publisher(database, clock).publish(root)
    shelf = Shelf(database, clock)
    found = {name: shelf.asset("py-crawler", f"图/{name}.png") for name in ("封面", "a", "b")}
    shown = {name: (asset.paid, asset.shown_in) for name, asset in found.items() if asset}
    assert shown == {
        "封面": (False, (("", False),)),
        "a": (False, (("first", False),)),
        "b": (True, (("paid-2", True), ("paid-3", True))),
    }


def test_a_course_comes_and_goes_by_the_clock_without_a_publishing(
    database: Database, clock: ManualClock, root: Path
) -> None:
    write(root, "for-ever")
    write(root, "for-a-day", "publishDate: 2026-01-06\nexpiryDate: 2026-01-06\n")
    Publisher(database, clock).publish(root)
    shelf = Shelf(database, clock)
    seen = []
    for _ in range(4):
        catalogue = shelf.catalogue()
        seen.append((len(catalogue.courses), len(catalogue.withdrawn), catalogue.moved_at))
        assert {course.id for course in catalogue.withdrawn if course.listed} == set()
        clock.advance(24 * 3600 - 6 * 3600)
    first, last = datetime(2026, 1, 5, 16, tzinfo=UTC), datetime(2026, 1, 6, 16, tzinfo=UTC)
    assert seen == [(1, 1, None), (2, 0, first), (2, 0, first), (1, 1, last)] or seen == [
        (1, 1, None),
        (2, 0, first),
        (1, 1, last),
        (1, 1, last),
    ]


def test_what_a_lesson_says_is_searched_from_its_day_on(
    database: Database, clock: ManualClock, root: Path
) -> None:
    write(root, "py-crawler")
    for name, day in (("04-past", "2025-12-01"), ("05-soon", "2026-01-20"), ("06-later", "2026-03-01")):
        head = f"---\ntitle: {name} 的标题\nfree: true\npublishDate: {day}\n---\n"
        (root / "py-crawler" / f"{name}.md").write_text(f"{head}{name} 的正文", encoding="utf-8")
    Publisher(database, clock).publish(root)
    shelf = Shelf(database, clock)
    before = shelf.catalogue()
    text = before.courses[0].search_text
    assert [f"{name} 的正文" in text for name in ("04-past", "05-soon")] == [True, False]
    assert "05-soon 的标题" in text  # the outline shows it
    for number in (2, 1):
        clock.advance(20 * 24 * 3600)
        after = shelf.catalogue()
        assert after.moved == (before.version, datetime(2026, 1, 19, 16, tzinfo=UTC))
        text = after.courses[0].search_text
        assert [f"{name} 的正文" in text for name in ("05-soon", "06-later")] == [True, False], number
    clock.advance(40 * 24 * 3600)
    assert "06-later 的正文" in shelf.catalogue().courses[0].search_text
    assert "06-later 的正文" in Shelf(database, clock).catalogue().courses[0].search_text


def test_versions_from_before_the_keys_are_read_as_they_were(
    database: Database, clock: ManualClock, root: Path
) -> None:
    write(root, "py-crawler", KEYS)
    Publisher(database, clock).publish(root)
    kept = ("published_at", "includes", *t.course_version.primary_key.columns.keys())
    with database.transaction() as conn:
        for table in (t.course_version, t.course_lesson, t.course_asset):
            empty = {c.name: None for c in table.columns if c.nullable and c.name not in kept}
            conn.execute(update(table).values(empty))
    course = Shelf(database, clock).catalogue().courses[0]
    assert (course.cover, course.weight, course.opens_at, course.ends_at) == ("", None, None, None)
    assert (course.visibility, course.aliases, course.learn, course.drip_days) == ("public", (), (), 0)
    assert {(lesson.opens_after_days, lesson.opens_at, lesson.aliases) for lesson in course.lessons} == {
        (0, None, ())
    }
    picture = Shelf(database, clock).asset("py-crawler", "图/b.png")
    assert picture is not None and (picture.paid, picture.shown_in) == (True, ())


def test_a_database_from_before_the_keys_is_brought_up_and_read(
    database_url: str, clock: ManualClock, root: Path
) -> None:
    db = Database(database_url)
    upgrade(db, "0006")
    with db.transaction() as conn:
        conn.execute(text(COURSE))
        conn.execute(text(VERSION), {"at": clock.now().replace(tzinfo=None), "empty": "[]"})
        conn.execute(text("INSERT INTO catalogue (name, version) VALUES ('live', 1)"))
    upgrade(db)
    course = Shelf(db, clock).catalogue().courses[0]
    assert (course.id, course.visibility, course.drip_days, course.learn) == ("py", "public", 0, ())
    db.close()


COURSE = (
    "INSERT INTO course (id, version, listed, folder, digest, changed_at)"
    " VALUES ('py', 1, true, 'py', 'd', '2026-01-05 10:00:00')"
)
VERSION = (
    "INSERT INTO course_version (course_id, version, slug, title, summary, price_fen, level, tags, teacher,"
    " access, refund, page_html, lead_html, search_text, published_at) VALUES ('py', 1, 'py', 'Python', 's',"
    " 990, 'beginner', :empty, '', 'forever', 'none', '', '', '', :at)"
)


def test_a_clock_that_is_set_back_puts_the_shelf_back(
    database: Database, clock: ManualClock, root: Path
) -> None:
    write(root, "later-on", "publishDate: 2026-01-06\n")
    Publisher(database, clock).publish(root)
    shelf = Shelf(database, clock)
    clock.advance(timedelta(days=2).total_seconds())
    assert len(shelf.catalogue().courses) == 1
    clock.advance(-timedelta(days=2).total_seconds())
    assert len(shelf.catalogue().courses) == 0
