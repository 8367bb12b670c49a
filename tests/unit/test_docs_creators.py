"""The creators' handbook against what the shelf reads: each key stands there, and each example is good."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import manage
from content import keys
from content.check import read_folder

ROOT = Path(__file__).resolve().parents[2]
BOOK = (ROOT / "docs" / "creators.md").read_text(encoding="utf-8")
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16
BASE = {"id": "py-crawler", "title": "课", "summary": "简介", "price": '"99.00"'}
CODE = re.compile(r"`([^`]+)`")
COMMAND = re.compile(r"^python manage\.py (content .*?)(?:  +#.*)?$", re.MULTILINE)


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    section = BOOK.partition(f"### {heading}\n")[2].partition("\n##")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def examples(heading: str) -> list[str]:
    return [code for row in rows(heading) for code in CODE.findall(row[2])]


COURSE, LESSON = "课程页 `_index.md` 的键", "一节课的键"


@pytest.mark.parametrize(("heading", "known"), [(COURSE, keys.COURSE), (COURSE, keys.OFFER)])
def test_each_key_of_a_course_is_explained_with_its_other_names(heading: str, known: keys.Keys) -> None:
    told = {code: row for row in rows(heading) for code in CODE.findall(row[0])}
    assert known.names.keys() <= told.keys()
    for key, others in known.names.items():
        assert set(others) <= set(CODE.findall(told[key][3])), key


def test_each_key_of_a_lesson_is_explained() -> None:
    told = {code for row in rows(LESSON) for code in CODE.findall(row[0])}
    assert told == set(keys.LESSON.names) - {"expiryDate"}


def test_no_key_is_explained_that_is_not_read() -> None:
    told = {code for row in rows(COURSE) for code in CODE.findall(row[0])}
    assert told == set(keys.COURSE.names)


def write(root: Path, index: dict[str, str], lesson: str = "free: true") -> None:
    folder = root / "py-crawler"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "cover.png").write_bytes(PNG)
    head = "\n".join(f"{key}: {value}" for key, value in index.items())
    (folder / "_index.md").write_text(f"---\n{head}\n---\n介绍\n", encoding="utf-8")
    (folder / "01-first.md").write_text(f"---\ntitle: 一\n{lesson}\n---\n正文\n", encoding="utf-8")


@pytest.mark.parametrize("example", [one for one in examples(COURSE) if "includes" not in one])
def test_each_example_of_a_course_is_accepted(tmp_path: Path, example: str) -> None:
    key, _, value = example.partition(": ")
    write(tmp_path, {**BASE, key: value})
    errors = [problem for problem in read_folder(tmp_path)[1] if problem.severity == "error"]
    assert errors == [] and key in keys.COURSE.names


@pytest.mark.parametrize("example", [one for one in examples(LESSON) if "title" not in one])
def test_each_example_of_a_lesson_is_accepted(tmp_path: Path, example: str) -> None:
    write(tmp_path, BASE, example)
    beside = tmp_path / "py-crawler" / "02-second.md"  # one draft alone would be a course without lessons
    beside.write_text("---\ntitle: 二\nfree: true\n---\n正文\n", encoding="utf-8")
    errors = [problem for problem in read_folder(tmp_path)[1] if problem.severity == "error"]
    assert errors == []


@pytest.mark.parametrize("command", sorted(set(COMMAND.findall(BOOK))))
def test_each_command_is_one(command: str) -> None:
    assert manage._parser().parse_args(command.split()).run
