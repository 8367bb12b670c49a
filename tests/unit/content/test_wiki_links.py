"""`[[…]]`: to lessons, headings, files and other courses, by the names that people use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from content.check import read_folder
from content.markdown import Text
from tests.unit.content.rendering import rendered

NEXT = Text("01-start/03-next.md", "next", "下一课", "## 第一节\n\n文\n\n## 第二节\n\n文", "## 付费节\n\n文")
OTHER = Text("02-more/01-next.md", "next-again", "再来一课", "文", None)
HERE = Text("01-start/02-here.md", "here", "这一课", "## 开头\n\n文", None)
TEXTS = (HERE, NEXT, OTHER)


@pytest.mark.parametrize(
    "name", ["03-next", "next", "03-next.md", "下一课", "01-start/03-next", "./03-next", " 03-NEXT "]
)
def test_a_lesson_is_found_by_what_people_call_it(name: str) -> None:
    shown, problems = rendered(f"见[[{name}]]。", texts=TEXTS)
    assert shown.html == '<p>见<a href="/courses/py/next">下一课</a>。</p>\n'
    assert problems == []


def test_of_two_with_the_same_name_the_one_beside_is_meant() -> None:
    assert "/courses/py/next-again" in rendered("[[next]]", texts=TEXTS, path="02-more/02-x.md")[0].html
    assert '/courses/py/next"' in rendered("[[next]]", texts=TEXTS)[0].html


def test_other_words_may_be_shown_even_in_a_table() -> None:
    html = rendered("[[next|往下]]\n\n| a |\n|---|\n| [[next\\|表里]] |", texts=TEXTS)[0].html
    assert ">往下</a>" in html and ">表里</a>" in html


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("next#第二节", "/courses/py/next#t-%E7%AC%AC%E4%BA%8C%E8%8A%82", "第二节"),
        ("next#付费节", "/courses/py/next#t-%E4%BB%98%E8%B4%B9%E8%8A%82", "付费节"),
        ("#开头", "#t-%E5%BC%80%E5%A4%B4", "开头"),
    ],
)
def test_a_heading_is_found_by_its_words(name: str, address: str, words: str) -> None:
    shown, problems = rendered(f"[[{name}]]", texts=TEXTS)
    assert f'<a href="{address}">{words}</a>' in shown.html
    assert problems == []


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("一\n二 [[03-nxt]]", "03-next"),
        ("一\n二 [[next#第而节]]", "第"),
        ("一\n二 [[next#付费]]", "检查"),
        ("一\n二 [[哪里都没有]]", "检查名字"),
        ("一\n二 [[next#^abc]]", "标题"),
    ],
)
def test_what_is_not_found_keeps_its_words_and_is_told_at_its_line(source: str, hint: str) -> None:
    shown, problems = rendered(source, texts=TEXTS, first_line=7)
    assert [(one.line, one.severity) for one in problems] == [(8, "warning")]
    assert hint in problems[0].hint
    assert "[[" not in shown.html


def test_a_hint_never_names_a_heading_that_is_paid_for() -> None:
    problems = rendered("[[next#付费结]]", texts=TEXTS)[1]
    assert "付费节" not in str(problems[0])


def test_a_file_of_the_course_can_be_linked_to() -> None:
    assert '<a href="/courses/py/assets/talk.mp3">听</a>' in rendered("[[talk.mp3|听]]")[0].html


@pytest.mark.parametrize("source", ["`[[next]]`", "```\n[[next]]\n```", r"\[[next]]", "[[]]", "[[a\nb]]"])
def test_code_and_brackets_are_no_links(source: str) -> None:
    assert "<a " not in rendered(source, texts=TEXTS)[0].html


@pytest.mark.parametrize(
    "name", ["<script>", '"onclick="x', "javascript:alert(1)", "../../etc/passwd", "//evil.example"]
)
def test_a_hostile_name_leads_nowhere(name: str) -> None:
    html = rendered(f"[[{name}]] ![[{name}]]", texts=TEXTS)[0].html
    assert "<a " not in html and "<script" not in html


INDEX = '---\nid: {id}\ntitle: {title}\nsummary: 简介\nprice: "9.00"\n{more}---\n## 目标\n\n{body}\n'
PAGES = {
    "one": ("one-one", "第一门"),
    "two": ("two-two", "第二门"),
    "sketch": ("sketch-one", "草稿"),
    "ghost": ("ghost-one", "也是草稿"),
    "inner": ("inner-one", "内部课"),
}
MORE = {
    "two": "url: /posts/second/\n",
    "sketch": "draft: true\n",
    "ghost": "status: draft\n",
    "inner": "visibility: members\n",
}


def write_courses(root: Path, body: str) -> None:
    for name, (id_, title) in PAGES.items():
        more = MORE.get(name, "")
        (root / name).mkdir(parents=True)
        page = INDEX.format(id=id_, title=title, more=more, body=body if name == "one" else "文")
        (root / name / "_index.md").write_text(page, encoding="utf-8")
        for number in (1, 2):
            free = "free: true\n" if number == 1 else ""
            (root / name / f"0{number}-l{number}.md").write_text(
                f"---\ntitle: 课{number}\n{free}---\n文", "utf-8"
            )


def test_another_course_is_linked_by_its_folder_and_shown_by_its_title(root: Path) -> None:
    write_courses(root, "先学 [[two]]，看 [[two#目标|它的目标]]")
    courses, problems = read_folder(root)
    html = next(course.page_html for course in courses if course.id == "one-one")
    assert '<a href="/courses/second">第二门</a>' in html
    assert '<a href="/courses/second#t-%E7%9B%AE%E6%A0%87">它的目标</a>' in html
    assert problems == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("[[twoo]]", "two"),
        ("[[sketch]]", "发布"),
        ("[[ghost]]", "发布"),
        ("[[inner]]", "unlisted"),
        ("[[two#没有]]", "检查"),
        ("[[one]]", "检查"),
        ("[[..]]", "检查"),
    ],
)
def test_a_link_to_no_course_is_told_at_its_line(root: Path, body: str, word: str) -> None:
    write_courses(root, body)
    _, problems = read_folder(root)
    assert [(one.line, one.severity) for one in problems] == [(9, "warning")]
    assert word in problems[0].hint


def test_a_folder_that_is_a_link_out_is_no_course(root: Path, tmp_path: Path) -> None:
    write_courses(root, "[[outside]]")
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "_index.md").write_text(INDEX.format(id="x-x", title="秘密", more="", body=""), "utf-8")
    (root / "outside").symlink_to(secret)
    _, problems = read_folder(root)
    assert any("不存在" in one.message for one in problems)
    assert "秘密" not in "".join(map(str, problems))


def test_lines_of_findings_count_from_the_top_of_the_file_in_both_parts(
    root: Path, write_course: Callable[..., Path]
) -> None:
    body = "---\ntitle: 二\n---\n试读 [[无一]]\n\n<!--members-only-->\n\n付费\n[[无二]]\n"
    write_course(files={"02-second.md": body})
    _, problems = read_folder(root)
    assert [one.line for one in problems] == [4, 9]


@pytest.mark.parametrize(
    ("link", "is_found"),
    [
        ("[a](#付费的节)", True),
        ("[a](#试读的节)", True),
        ("[a](#%E8%AF%95%E8%AF%BB%E7%9A%84%E8%8A%82)", True),
        ("[a](#没有)", False),
        ("[a](01-first.md#开头)", True),
        ("[a](01-first.md#没有)", False),
        ('<a id="here"></a> [a](#here)', True),
        ("脚注[^1]\n\n[^1]: 注", True),
    ],
)
def test_an_address_within_a_text_leads_to_a_heading_of_either_part(
    root: Path, write_course: Callable[..., Path], link: str, is_found: bool
) -> None:
    body = f"---\ntitle: 二\n---\n## 试读的节\n\n{link}\n\n<!--members-only-->\n\n## 付费的节\n\n文\n"
    write_course(
        files={"01-first.md": "---\ntitle: 一\nfree: true\n---\n## 开头\n\n文", "02-second.md": body}
    )
    _, problems = read_folder(root)
    assert [one.line for one in problems] == ([] if is_found else [6])
    assert all("付费的节" not in one.hint for one in problems)
