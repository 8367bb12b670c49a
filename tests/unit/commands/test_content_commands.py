"""The creators' tools: new, check, publish."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Keban


def break_price(courses: Path) -> None:
    index = courses / "crawler-one" / "_index.md"
    index.write_text(index.read_text().replace('price: "99.00"', "price: 99.00"))


def test_a_new_course_passes_the_check_and_stays_a_draft(keban: Keban, config: str, courses: Path) -> None:
    assert "8 门课、24 节可以发布，0 处" in keban("--config", config, "content", "check").out
    made = keban("--config", config, "content", "new", "my-first-course")
    assert made.status == 0
    assert all(word in made.out for word in ("draft: true", "一保存就发布", "content publish"))
    assert (courses / "my-first-course" / "_index.md").exists()
    checked = keban("--config", config, "content", "check")
    assert checked.status == 0, checked.err
    assert "8 门课、24 节可以发布，另有 1 门还是草稿，0 处" in checked.out
    keban("--config", config, "db", "upgrade")
    assert "发布 8 门" in keban("--config", config, "content", "publish").out


def test_a_lesson_is_added_to_a_course(keban: Keban, config: str, courses: Path) -> None:
    made = keban("--config", config, "content", "new", "crawler-one", "--lesson", "parse-fields")
    assert made.status == 0 and "04-parse-fields.md" in made.out
    assert (courses / "crawler-one" / "04-parse-fields.md").is_file()
    missing = keban("--config", config, "content", "new", "no-course", "--lesson", "parse-fields")
    assert missing.status == 1 and "content new no-course" in missing.err


@pytest.mark.parametrize("slug", ["Has Spaces", "../outside", "x", "中文", "UPPER"])
def test_a_name_that_cannot_be_an_address_is_refused_with_an_example(
    keban: Keban, config: str, courses: Path, slug: str
) -> None:
    before = sorted(courses.parent.rglob("*"))
    outcome = keban("--config", config, "content", "new", slug)
    assert outcome.status == 1
    assert slug in outcome.err and "python-crawler" in outcome.err
    assert sorted(courses.parent.rglob("*")) == before


def test_a_folder_that_is_there_is_not_written_over(keban: Keban, config: str, courses: Path) -> None:
    before = (courses / "git-free" / "_index.md").read_text()
    outcome = keban("--config", config, "content", "new", "git-free")
    assert outcome.status == 1 and "git-free" in outcome.err
    assert (courses / "git-free" / "_index.md").read_text() == before


def test_the_check_names_file_line_and_fix(keban: Keban, config: str, courses: Path) -> None:
    break_price(courses)
    outcome = keban("--config", config, "content", "check")
    assert outcome.status == 1
    assert outcome.err.startswith("crawler-one/_index.md:5:")
    assert '"99.00"' in outcome.err


def test_the_check_finds_everything_at_once(keban: Keban, config: str, courses: Path) -> None:
    break_price(courses)
    shutil.copytree(courses / "git-free", courses / "git-copy")
    err = keban("--config", config, "content", "check").err
    assert "crawler-one/_index.md" in err and "重复" in err


def test_publishing_before_the_tables_are_there_says_what_to_run(keban: Keban, config: str) -> None:
    outcome = keban("--config", config, "content", "publish")
    assert outcome.status == 2 and "db upgrade" in outcome.err


def test_publishing_tells_what_changed(keban: Keban, config: str, courses: Path) -> None:
    keban("--config", config, "db", "upgrade")
    assert "发布 8 门，没有变化 0 门，下架 0 门" in keban("--config", config, "content", "publish").out
    assert "发布 0 门，没有变化 8 门" in keban("--config", config, "content", "publish").out


def test_publishing_a_broken_course_is_one_and_publishes_the_others(
    keban: Keban, config: str, courses: Path
) -> None:
    keban("--config", config, "db", "upgrade")
    break_price(courses)
    outcome = keban("--config", config, "content", "publish")
    assert outcome.status == 1
    assert "发布 7 门" in outcome.out and "拒绝 1 个文件" in outcome.out
    assert "crawler-one/_index.md:5" in outcome.err


def test_a_folder_that_is_not_there_is_told(keban: Keban, config: str, courses: Path, tmp_path: Path) -> None:
    courses.rename(tmp_path / "moved")
    outcome = keban("--config", config, "content", "check")
    assert outcome.status == 1 and str(courses) in outcome.err


def write_concepts(courses: Path, text: str) -> None:
    (courses / "_concepts").mkdir(exist_ok=True)
    (courses / "_concepts" / "mine.toml").write_text(text, encoding="utf-8")


SOUP = '[[concept]]\nname = "煲汤"\nneeds = ["想喝热的"]\nnear = ["Python", "天书"]\n'


def test_the_check_reads_the_creators_concepts_too(keban: Keban, config: str, courses: Path) -> None:
    write_concepts(courses, SOUP)
    outcome = keban("--config", config, "content", "check")
    assert outcome.status == 0
    assert "另有 1 个自己的概念，1 处" in outcome.out
    assert outcome.err.startswith("_concepts/mine.toml:4: 提醒：near 里的「天书」没有这个概念")
    write_concepts(courses, SOUP + "typos = 5")
    break_price(courses)
    outcome = keban("--config", config, "content", "check")
    assert outcome.status == 1
    assert "_concepts/mine.toml:5: typos 里只能是文字" in outcome.err
    assert "crawler-one/_index.md:5:" in outcome.err


def test_publishing_tells_which_concepts_are_new(keban: Keban, config: str, courses: Path) -> None:
    keban("--config", config, "db", "upgrade")
    write_concepts(courses, SOUP)
    outcome = keban("--config", config, "content", "publish")
    assert "自己的概念更新了：mine.toml" in outcome.out
    assert "天书" in outcome.err and "Python" not in outcome.err
    assert "自己的概念" not in keban("--config", config, "content", "publish").out
