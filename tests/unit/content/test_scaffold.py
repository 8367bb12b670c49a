"""`content new` writes something that the check accepts, and never over anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.check import read_folder
from content.scaffold import new_course
from content.source import COURSE_KEYS
from infra.errors import Conflict, Refused


def test_a_new_course_passes_the_check_as_a_draft(tmp_path: Path) -> None:
    written = new_course(tmp_path / "courses", "python-crawler", title='爬虫: "从零"')
    courses, problems = read_folder(tmp_path / "courses")
    assert problems == []
    assert (courses[0].id, courses[0].title, courses[0].draft) == ("python-crawler", '爬虫: "从零"', True)
    assert [lesson.paid_html is not None for lesson in courses[0].lessons] == [False, True]
    assert all(path.exists() for path in written)
    assert not list((tmp_path / "courses").glob(".*"))


def test_each_key_is_explained_in_it(tmp_path: Path) -> None:
    new_course(tmp_path, "python-crawler")
    text = (tmp_path / "python-crawler" / "_index.md").read_text(encoding="utf-8")
    assert all(f"\n{key}: " in text or f"\n# {key}: " in text for key in COURSE_KEYS if key != "slug")


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    new_course(tmp_path, "python-crawler")
    mine = tmp_path / "python-crawler" / "_index.md"
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict):
        new_course(tmp_path, "python-crawler")
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("slug", ["", "ab", "A-B-C", "../up", "a/b/c", "爬虫课程", "a" * 41, "-ab-"])
def test_a_name_that_cannot_be_an_address_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(Refused):
        new_course(tmp_path, slug)
    assert list(tmp_path.iterdir()) == []
