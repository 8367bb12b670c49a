"""``ask``: the librarian on the command line, in the very form that the contract gives."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands.librarian import documents
from tests.flows.courses import CANARY, write_courses, write_offer
from tests.process import ROOT, environment
from tests.unit.commands.conftest import Keban


def answers(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_json_holds_what_the_contract_says(keban: Keban, config: str) -> None:
    outcome = keban("--config", config, "ask", "--json", "想学爬虫")
    assert outcome.status == 0
    (answer,) = answers(outcome.out)
    assert list(answer) == ["query", "intent", "courses", "ms"]
    assert (answer["query"], answer["intent"]) == ("想学爬虫", "ask")
    assert isinstance(answer["ms"], float)
    assert [list(course) for course in answer["courses"]] == [["id", "title", "score", "reason"]] * 4
    scores = [course["score"] for course in answer["courses"]]
    assert scores == sorted(scores, reverse=True) and all(isinstance(score, float) for score in scores)
    assert all(course["reason"] for course in answer["courses"])


def test_a_bundle_is_no_course_that_one_finds(keban: Keban, config: str, tmp_path: Path) -> None:
    folder = write_courses(tmp_path / "with-a-bundle")
    write_offer(folder, "pair", "爬虫套餐", "爬虫一次配齐", "149", "[crawler-one, crawler-two]", "forever")
    outcome = keban("--config", config, "ask", "--json", "--content", str(folder), "想学爬虫")
    (answer,) = answers(outcome.out)
    assert "pair" not in [course["id"] for course in answer["courses"]] and len(answer["courses"]) == 4


def test_nothing_that_fits_is_an_empty_list(keban: Keban, config: str) -> None:
    for query in ("今天天气", "红烧肉怎么做", "", "帮助"):
        (answer,) = answers(keban("--config", config, "ask", "--json", query).out)
        assert answer["courses"] == [], query


def test_at_most_ten_courses_come(keban: Keban, config: str) -> None:
    (answer,) = answers(keban("--config", config, "ask", "--json", "Python 数据库 爬虫 Git Linux").out)
    assert len(answer["courses"]) <= 10


def test_without_a_query_each_line_of_the_input_is_one(
    keban: Keban, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("想学爬虫\n今天天气\n\n数据库慢"))
    asked = answers(keban("--config", config, "ask", "--json").out)
    assert [answer["query"] for answer in asked] == ["想学爬虫", "今天天气", "", "数据库慢"]


def test_an_answer_comes_as_soon_as_its_line_is_in(config: str) -> None:
    """For a program that asks and reads in turn."""
    command = [sys.executable, "manage.py", "--config", config, "ask", "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        for query in ("想学爬虫", "数据库"):
            process.stdin.write(f"{query}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["query"] == query
        process.stdin.close()
        assert process.wait(20) == 0


def test_another_folder_can_be_asked(keban: Keban, config: str, courses: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (courses / "git-free").rename(elsewhere / "git-free")
    (answer,) = answers(keban("--config", config, "ask", "--json", "--content", str(elsewhere), "Git").out)
    assert [course["id"] for course in answer["courses"]] == ["git-free"]


def test_a_folder_that_is_not_there_is_two_and_named(keban: Keban, config: str, tmp_path: Path) -> None:
    outcome = keban("--config", config, "ask", "--content", str(tmp_path / "none"), "Git")
    assert outcome.status == 2 and "none is no folder" in outcome.err


def test_a_broken_course_is_told_and_the_others_are_found(keban: Keban, config: str, courses: Path) -> None:
    (courses / "git-free" / "_index.md").write_text("---\ntitle: 坏了\n---\n")
    outcome = keban("--config", config, "ask", "--json", "想学爬虫")
    assert outcome.status == 0
    assert "git-free/_index.md" in outcome.err
    assert answers(outcome.out)[0]["courses"]


def test_plain_text_shows_titles_and_reasons(keban: Keban, config: str) -> None:
    assert "1. 爬虫" in keban("--config", config, "ask", "想学爬虫").out
    assert "没有合适的课" in keban("--config", config, "ask", "红烧肉怎么做").out


def test_it_needs_no_database_and_knows_nothing_that_is_paid(
    keban: Keban, config: str, tmp_path: Path
) -> None:
    outcome = keban("--config", config, "ask", "--json", "金丝雀在花园唱歌")
    assert answers(outcome.out)[0]["courses"] == []
    assert CANARY not in outcome.out
    assert not (tmp_path / "var").exists()


def test_several_queries_are_answered_one_by_one(keban: Keban, config: str) -> None:
    outcome = keban("--config", config, "ask", "--json", "想学爬虫", "今天天气")
    assert [answer["query"] for answer in answers(outcome.out)] == ["想学爬虫", "今天天气"]


def test_vectors_that_are_none_are_two_and_named(
    keban: Keban, config: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KEBAN_NLP__VECTORS", str(tmp_path / "nowhere.bin"))
    outcome = keban("--config", config, "ask", "想学爬虫")
    assert outcome.status == 2
    assert "nlp.vectors" in outcome.err and "Traceback" not in outcome.err


def test_courses_that_are_only_begun_can_be_asked_for(keban: Keban, config: str, tmp_path: Path) -> None:
    """An `_index.md` each, without lessons, with a level and an id that the shelf would not take."""
    for name, head in {
        "crawler": 'id: Crawler/1\ntitle: Python 爬虫\nprice: "99"\nlevel: 面试\ntags: [爬虫]',
        "mysql": 'id: mysql\ntitle: MySQL 慢查询\nsummary: SQL 跑得慢怎么办\nprice: "x"',
        "untitled": "id: untitled",
        "unready": "id: unready\ntitle: 爬虫草稿\ndraft: true",
    }.items():
        folder = tmp_path / "begun" / name
        folder.mkdir(parents=True)
        (folder / "_index.md").write_text(f"---\n{head}\n---\n正文讲网页。\n", encoding="utf-8")
    outcome = keban(
        "--config", config, "ask", "--json", "--content", str(tmp_path / "begun"), "爬虫", "数据库慢"
    )
    first = [answer["courses"][0]["id"] for answer in answers(outcome.out)]
    assert outcome.status == 0 and first == ["Crawler/1", "mysql"]
    assert "untitled" in outcome.err or "more: `content check`" in outcome.err
    assert len(outcome.err.splitlines()) <= 6


def test_the_creators_own_concepts_are_read_from_the_folder(keban: Keban, config: str, courses: Path) -> None:
    (courses / "_concepts").mkdir()
    (courses / "_concepts" / "a.toml").write_text('[[concept]]\nname = "Git"\nneeds = ["打酱油的办法"]')
    (courses / "_concepts" / "b.toml").write_text("坏了")
    outcome = keban("--config", config, "ask", "--json", "打酱油的办法")
    assert [course["id"] for course in answers(outcome.out)[0]["courses"]] == ["git-free"]
    assert "_concepts/b.toml:1:" in outcome.err


def test_what_a_lesson_says_before_its_day_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "dated" / "flowers"
    folder.mkdir(parents=True)
    head = '---\nid: flowers\ntitle: 养花\nsummary: 阳台上的花\nprice: "0"\n---\n介绍'
    (folder / "_index.md").write_text(head, encoding="utf-8")
    for number, day in ((1, "2020-01-01"), (2, "2090-01-01")):
        lesson = f"---\ntitle: 第{number}课\nfree: true\ndate: {day}\n---\n正文{number}"
        (folder / f"0{number}-day{number}.md").write_text(lesson, encoding="utf-8")
    (read,) = documents(folder.parent)
    assert read.body == "介绍\n第1课\n第2课\n正文1"
