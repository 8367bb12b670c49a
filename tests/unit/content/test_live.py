"""The live pointers: what is known of a version is not looked up again, and never out of date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from content.live import read_live
from content.publish import Publisher
from infra.database import Database

WriteCourse = Callable[..., Path]


@pytest.fixture
def asked(db: Database) -> list[Any]:
    """The parameters of each question to the versions, as they are sent."""
    sent: list[Any] = []
    with db.reading() as conn:
        reader = conn.engine
    event.listen(
        reader,
        "before_cursor_execute",
        lambda _c, _k, statement, given, *_: sent.append(given) if "course_version" in statement else None,
    )
    return sent


def test_only_versions_that_are_not_known_are_looked_up(
    root: Path, write_course: WriteCourse, publisher: Publisher, db: Database, asked: list[Any]
) -> None:
    write_course("first-one")
    write_course("second-one")
    publisher.publish(root)
    known = read_live(db)
    write_course("second-one", files={"01-first.md": "---\ntitle: 新\nfree: true\n---\n新"})
    publisher.publish(root)
    asked.clear()
    assert read_live(db, known) == read_live(db)
    first = asked[0].values() if isinstance(asked[0], dict) else asked[0]
    assert sorted(map(str, first)) == ["2", "second-one"]


def test_what_a_new_version_says_of_itself_takes_the_place_of_what_was_known(
    root: Path, write_course: WriteCourse, publisher: Publisher, db: Database
) -> None:
    folder = write_course()
    publisher.publish(root)
    known = read_live(db)
    index = folder / "_index.md"
    index.write_text(index.read_text(encoding="utf-8").replace("[爬虫, Python]", "[采集]"), encoding="utf-8")
    publisher.publish(root)
    assert read_live(db, known)["py-crawler"].tags == ("采集",)
