"""A text of many thousand lines is read in the time that its length asks for, not in that time squared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from content.check import read_folder
from content.markdown import Text
from content.markdown.headings import free_anchor
from content.paywall import cut_at_paywall
from content.problem import Findings, did_you_mean
from content.textfile import line_of
from tests.unit.content.conftest import WriteCourse

LONG_S = 5.0  # of the processor; each of these took more than twenty when it was squared


@contextmanager
def not_long() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < LONG_S


def test_many_headings_with_the_same_words_have_an_anchor_each() -> None:
    taken: dict[str, int] = {}
    with not_long():
        anchors = [free_anchor("小结", taken) for _ in range(20_000)]
    assert anchors[:3] == ["小结", "小结-2", "小结-3"]
    assert len(set(anchors)) == 20_000


def test_an_anchor_that_a_heading_spells_out_is_not_given_twice() -> None:
    taken: dict[str, int] = {}
    assert [free_anchor(title, taken) for title in ("a", "a-2", "a", "a", "a-2")] == [
        "a",
        "a-2",
        "a-3",
        "a-4",
        "a-2-2",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("x <!--members-only-->\n", "独占一行"),
        ("<!--paid-->\n", "没有起作用"),
        ("<!--members-only-->\n\n", "两次"),
    ],
)
def test_many_bad_marks_are_told_each_at_its_line(line: str, told: str) -> None:
    findings = Findings("01.md")
    with not_long():
        cut_at_paywall(line * 12_000, findings, 1)
    assert len(findings.problems) >= 11_999
    assert all(told in problem.message for problem in findings.problems)
    assert findings.problems[1].line - findings.problems[0].line == line.count("\n")


def test_many_links_to_many_headings_are_found() -> None:
    text = Text("01-a.md", "a", "A", "".join(f"# 第 {number} 步\n" for number in range(6_000)), None)
    with not_long():
        assert all(text.section(f"第 {number} 步") for number in range(6_000))
    assert text.section("第 6000 步") is None


def test_what_is_meant_is_looked_for_among_some_hundred_names_only() -> None:
    known = [f"第 {number} 步怎么做" for number in range(20_000)]
    with not_long():
        told = [did_you_mean(f"第 {number} 歩怎么做", known) for number in range(20)]
    assert "第 7 步怎么做" in told[7]


def test_the_lines_of_many_addresses_are_found() -> None:
    data = "".join(f"![](图 {number}.png)\n" for number in range(20_000)).encode()
    with not_long():
        assert [line_of(f"图 {number}.png", data) for number in range(0, 20_000, 20)][1] == 21


def test_many_tasks_are_a_list(write_course: WriteCourse) -> None:
    folder = write_course(files={"01-first.md": "---\ntitle: 一\nfree: true\n---\n" + "- [ ] a\n" * 8_000})
    with not_long():
        courses, problems = read_folder(folder.parent)
    assert courses[0].lessons[0].free_html.count("task-list-item-checkbox") == 8_000 and not problems
