"""``content check``: what it finds of a whole folder, against what is live, and how it says so."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from commands import telling
from content.problem import Problem
from tests.flows.courses import PNG
from tests.flows.town import Town
from tests.unit.commands.conftest import Keban

LINE = re.compile(r"^\S+:\d+: .+ → .+$", re.MULTILINE)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def published(keban: Keban, config: str, courses: Path) -> Path:
    assert keban("--config", config, "db", "upgrade").status == 0
    assert keban("--config", config, "content", "publish").status == 0
    return courses


def check(keban: Keban, config: str, *more: str) -> str:
    outcome = keban("--config", config, "content", "check", *more)
    return outcome.out + outcome.err


def test_each_line_names_place_fault_and_mending_sorted_by_file(
    keban: Keban, config: str, courses: Path
) -> None:
    change(courses / "mysql-one" / "_index.md", "teacher:", "teachr:")
    change(courses / "crawler-one" / "_index.md", 'price: "99.00"', "price: 99.00")
    change(courses / "crawler-one" / "01-start.md", "free: true", "free: yes please")
    outcome = keban("--config", config, "content", "check")
    lines = outcome.err.splitlines()
    assert [line.partition(":")[0] for line in lines] == sorted(line.partition(":")[0] for line in lines)
    assert len(LINE.findall(outcome.err)) == len(lines) >= 3
    assert "mysql-one/_index.md:8: 提醒：" in outcome.err
    assert re.search(r"\d+ 处要看一看（2 处错误、\d+ 处提醒）", outcome.out)


def test_a_day_that_is_long_past_is_told(keban: Keban, config: str, courses: Path) -> None:
    change(courses / "mysql-one" / "_index.md", "access: ", "access: 2001-01-01 # ")
    outcome = keban("--config", config, "content", "check")
    assert outcome.status == 0 and re.search(
        r"mysql-one/_index\.md:\d+: 提醒：期限只到 2001-01-01", outcome.err
    )


def test_one_course_is_checked_alone_by_folder_and_by_file(keban: Keban, config: str, courses: Path) -> None:
    for slug in ("crawler-one", "mysql-one"):
        change(courses / slug / "_index.md", "teacher:", "teachr:")
    for where in (courses / "mysql-one", courses / "mysql-one" / "pictures" / "free.png"):
        told = check(keban, config, str(where))
        assert "mysql-one/_index.md" in told and "crawler-one" not in told
        assert "1 门课、3 节" in told


def test_a_course_elsewhere_is_checked_where_it_is(
    keban: Keban, config: str, courses: Path, tmp_path: Path
) -> None:
    shutil.move(courses / "mysql-one", tmp_path / "mine")
    change(tmp_path / "mine" / "_index.md", "price:", "prise:")
    told = check(keban, config, str(tmp_path / "mine" / "01-start.md"))
    assert "缺少 price" in told and "0 门课" in told


@pytest.mark.parametrize("where", ["nowhere", "."])
def test_what_is_no_course_is_told(
    keban: Keban, config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = keban("--config", config, "content", "check", where)
    assert (outcome.status == 1 and "content new" in outcome.err) or "python-crawler" in outcome.err


def test_json_is_an_object_a_line_and_nothing_else(keban: Keban, config: str, courses: Path) -> None:
    change(courses / "crawler-one" / "_index.md", 'price: "99.00"', "price: 99.00")
    (courses / "mysql-one" / "spare.png").write_bytes(PNG)
    outcome = keban("--config", config, "content", "check", "--json")
    told = [json.loads(line) for line in outcome.out.splitlines()]
    assert outcome.status == 1 and outcome.err == ""
    assert [sorted(one) for one in told] == [["hint", "line", "message", "path", "severity"]] * len(told)
    assert {(one["severity"], one["line"]) for one in told} == {("error", 5), ("info", 1)}
    assert all(Path(one["path"]).is_file() for one in told)


def test_a_check_needs_no_database_and_makes_none(keban: Keban, config: str, courses: Path) -> None:
    database = courses.parent / "var" / "keban.db"
    assert keban("--config", config, "content", "check").status == 0
    assert not database.exists()


@pytest.mark.parametrize(
    ("price", "is_told"), [("49.49", True), ("49.50", False), ("148.50", False), ("149", True), ("0", True)]
)
def test_a_price_that_moves_by_more_than_half_is_told(
    keban: Keban, config: str, published: Path, price: str, is_told: bool
) -> None:
    change(published / "crawler-one" / "_index.md", 'price: "99.00"', f'price: "{price}"')
    told = check(keban, config)
    assert ("crawler-one/_index.md:5: 提醒：价格从 ¥99" in told) == is_told


def test_an_id_that_changed_is_an_error(keban: Keban, config: str, published: Path) -> None:
    change(published / "crawler-one" / "_index.md", "id: crawler-one", "id: crawler-uno")
    assert "crawler-one/_index.md:2: id 变了" in check(keban, config)


def test_an_address_of_another_course_is_told(keban: Keban, config: str, published: Path) -> None:
    change(published / "crawler-one" / "_index.md", "level:", "slug: crawler-new\nlevel:")
    keban("--config", config, "content", "publish")
    change(published / "mysql-one" / "_index.md", "level:", "aliases: [crawler-one]\nlevel:")
    assert "mysql-one/_index.md:6: 提醒：网址 crawler-one 以前是课程 crawler-one 的" in check(keban, config)


@pytest.mark.parametrize("claim", ["slug: mysql-one", "aliases: [mysql-one]"])
def test_an_address_that_two_claim_is_an_error(keban: Keban, config: str, courses: Path, claim: str) -> None:
    change(courses / "crawler-one" / "_index.md", "level:", f"{claim}\nlevel:")
    outcome = keban("--config", config, "content", "check")
    assert outcome.status == 1 and "mysql-one" in outcome.err and "crawler-one/_index.md" in outcome.err


def test_a_lesson_that_buyers_have_is_missed(town: Town, keban: Keban) -> None:
    words = ("--config", str(town.config), "content", "check")
    town.new_follower().log_in().buy("MySQL 索引小课")
    lesson = town.courses / "mysql-one" / "02-work.md"
    text = lesson.read_text(encoding="utf-8")
    try:
        lesson.rename(lesson.with_name("02-labour.md"))
        told = keban(*words).err
        assert "《第二课 动手做》（work）不见了，有 1 位买过" in told and "aliases: [work]" in told
        renamed = text.replace("title:", "aliases: [work]\ntitle:", 1)
        lesson.with_name("02-labour.md").write_text(renamed, encoding="utf-8")
        assert "不见了" not in keban(*words).err
    finally:
        lesson.with_name("02-labour.md").unlink()
        lesson.write_text(text, encoding="utf-8")


def test_a_lesson_that_nobody_bought_may_go(keban: Keban, config: str, published: Path) -> None:
    (published / "crawler-one" / "02-work.md").unlink()
    assert "不见了" not in check(keban, config)


def test_pictures_that_are_big_or_spare_are_told(keban: Keban, config: str, courses: Path) -> None:
    pictures = courses / "crawler-one" / "pictures"
    (pictures / "free.png").write_bytes(PNG + bytes(700 * 1024))
    (pictures / "spare.png").write_bytes(PNG)
    told = check(keban, config)
    assert "pictures/free.png:1: 提醒：图片有 0.7 MiB" in told
    assert "pictures/spare.png:1: 顺便一说：" in told and "paid.png" not in told


@pytest.mark.parametrize(
    ("course", "lesson", "word"),
    [
        ("access: 3d\ndrip: 3d", "", "却要等 3 天"),
        ("access: 2027-01-01\npublishDate: 2027-01-02", "", "还没有上架"),
        ("access: 2027-01-01", "publishDate: 2027-01-02", "还没有公布"),
        ("publishDate: 2027-01-02\nexpiryDate: 2027-01-01", "", "不晚于"),
    ],
)
def test_times_that_contradict_are_errors(
    keban: Keban, config: str, courses: Path, course: str, lesson: str, word: str
) -> None:
    index = courses / "crawler-one" / "_index.md"
    change(index, "access: forever", course if "access" in course else f"access: forever\n{course}")
    if lesson:
        change(courses / "crawler-one" / "03-end.md", "title:", f"{lesson}\ntitle:")
    outcome = keban("--config", config, "content", "check")
    assert outcome.status == 1 and word in outcome.err


def test_ghosts_paid_course_without_a_price_is_doubted(keban: Keban, config: str, courses: Path) -> None:
    change(courses / "git-free" / "_index.md", "level:", "visibility: paid\nlevel:")
    assert "写的是付费，价格却是 0" in check(keban, config)


@pytest.mark.parametrize(("no_color", "painted"), [("", True), ("1", False)])
def test_a_terminal_gets_colours_unless_it_wants_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_color: str, painted: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    telling.tell([Problem("/c/a.md", 1, "错", "改", "error")], Path("/c"))
    assert ("\033[31m" in capsys.readouterr().err) == painted
