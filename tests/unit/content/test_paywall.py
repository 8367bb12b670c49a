"""Where the paid part begins, and what counts as the mark."""

from __future__ import annotations

import pytest

from content.check import read_folder
from content.paywall import cut_at_more, cut_at_paywall, refuse_paywall
from content.problem import Findings
from tests.unit.content.conftest import INDEX, WriteCourse

MARK = "<!--members-only-->"


def cut(body: str, *, free: bool = False) -> tuple[str, str | None, list[str]]:
    findings = Findings("x.md")
    parts = cut_at_paywall(body, findings, 10, free=free)
    return parts.above, parts.below, [f"{p.line} {p.severity}" for p in findings.problems]


@pytest.mark.parametrize("mark", [MARK, "<!-- members-only -->", "<!--Members-Only-->", f"  {MARK}  "])
def test_the_mark_on_its_own_line_cuts(mark: str) -> None:
    assert cut(f"free\n{mark}\npaid") == ("free", "paid", [])


def test_without_a_mark_nothing_is_cut() -> None:
    assert cut("free") == ("free", None, [])


@pytest.mark.parametrize(
    "body",
    [
        f"a\n\n```html\n{MARK}\n```\nb",
        f"a\n\n~~~\n{MARK}\n~~~\nb",
        f"a\n\n    {MARK}\n\nb",
        f"- a\n\n  {MARK}\n\nb",
        f"> {MARK}\n\nb",
        f"<div>\n{MARK}\n</div>\n",
        f"text {MARK}\nb",
        f"{MARK} text\nb",
        f"<!-- note\n{MARK}\nb",
        f"[^1]: note\n\n    {MARK}\n",
    ],
)
def test_a_mark_anywhere_else_is_an_error_and_cuts_nothing(body: str) -> None:
    above, below, problems = cut(body)
    assert (above, below) == (body, None)
    assert len(problems) == 1
    assert problems[0].endswith("error")


def test_a_second_mark_is_an_error_at_its_line() -> None:
    _, below, problems = cut(f"a\n\n{MARK}\n\nb\n\n{MARK}\n\nc")
    assert problems == ["16 error"]
    assert below is not None


def test_a_mark_in_code_is_an_error_beside_a_good_one() -> None:
    above, _, problems = cut(f"a\n\n{MARK}\n\n```\n{MARK}\n```\n")
    assert (above, problems) == ("a\n", ["15 error"])


def test_a_mark_that_is_talked_about_is_no_mark() -> None:
    assert cut(f"写一行 `{MARK}` 就行")[2] == []


NEARLY = [
    "<!--member-only-->",
    "<!-- members only -->",
    "<!--paywall-->",
    "<!——members-only——>",
    "<!–-members-only–>",
    "&lt;!--members-only--&gt;",
    "<！-- members-only -->",
    "＜!--members-only--＞",
    "<!--membersonly-->",
    "<!-- 付费内容 -->",
]


@pytest.mark.parametrize("nearly", NEARLY)
def test_a_mark_misspelt_is_a_warning_where_all_is_paid_and_an_error_where_all_is_free(nearly: str) -> None:
    assert cut(f"a\n\n{nearly}\n\nb")[1:] == (None, ["12 warning"])
    assert cut(f"a\n\n{nearly}\n\nb", free=True)[1:] == (None, ["12 error"])
    findings = Findings("_index.md")
    refuse_paywall(f"a\n\n{nearly}\n\nb", findings, 1)
    assert [(p.line, p.severity) for p in findings.problems] == [(3, "error")]


@pytest.mark.parametrize(
    "said", ["```html\n<!-- paid -->\n```", "写 `<!--paid-->` 就行", "<!-- 付费的人很多 -->"]
)
def test_what_is_code_or_another_comment_is_no_misspelt_mark(said: str) -> None:
    assert cut(said, free=True)[2] == []


@pytest.mark.parametrize(("key", "trial"), [("free: true\n", ""), ("", "trial: 1\n")])
def test_a_lesson_with_a_misspelt_mark_is_not_published_free(
    write_course: WriteCourse, key: str, trial: str
) -> None:
    lesson = f"---\ntitle: 一\n{key}---\n试读\n\n<!——members-only——>\n\n付费\n"
    index = INDEX.format(id="py").replace("level:", f"{trial}level:")
    folder = write_course(files={"_index.md": index, "01-first.md": lesson})
    courses, problems = read_folder(folder.parent)
    assert courses == []
    assert [(p.line, p.severity) for p in problems if "分界线" in p.message] == [(7 if key else 6, "error")]


def test_a_course_page_has_no_paid_part() -> None:
    findings = Findings("_index.md")
    refuse_paywall(f"a\n{MARK}\n", findings, 5)
    assert [(p.line, p.severity) for p in findings.problems] == [(6, "error")]


def test_more_ends_the_lead() -> None:
    assert cut_at_more("lead\n\n<!--more-->\n\nrest").above == "lead\n"
    assert cut_at_more("```\n<!--more-->\n```").below is None
