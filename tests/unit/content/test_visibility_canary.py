"""A sentence of a paid part stands in the paid part alone, whatever Markdown is around it."""

from __future__ import annotations

import re
import tempfile
from dataclasses import astuple, replace
from html import unescape
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from content.check import read_folder
from content.publish import Publisher
from content.shelf import Shelf
from infra.clock import ManualClock
from infra.database import Database, metadata

CANARY = "CanaryOfThePaidPart"
MARK = "<!--members-only-->"

FREE_PIECES = [
    "普通的一段。",
    "用到脚注[^1] 和 [链接][ref]、[ref]、![图][ref]。",
    "> 引用",
    "- 列表\n- 列表",
    "```python\nprint(1)\n```",
    "```\n没有收尾的代码块",
    "<div>",
    "<details><summary>展开",
    "<!-- 没有收尾的注释",
    "<pre>",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "| a | b |\n|---|---|",
    "标题\n",
    "[^1]: 免费的脚注",
    '[ref]: https://example.com "免费"',
    "[^2]:",
    "[ref2]:",
    "- 列表\n\n  ",
    "    缩进代码",
    "结尾有反斜杠\\",
    "`没有收尾的行内代码",
    "**没有收尾的强调",
    '<a href="',
    "<textarea>",
    "<script>",
    "***",
    "![[03-third]]",
    "![[03-third#节]] [[03-third#节]]",
    "> [!tip]- 折叠\n> ![[03-third]]",
    "> [!quiz] 问\n> - [x] 一\n> - [ ] 二\n>\n> 解析：",
    "$没有收尾",
    "$$\n没有收尾的公式",
    "```mermaid\ngraph TD\n A --> B\n```",
    "```mermaid\ngraph TD\n A[没有收尾",
    "==没有收尾",
    '<made n="0"></made><made n="1"></made>',
    "词\n: 解释",
]
PAID_PIECES = [
    f"{CANARY}",
    f"[^1]: {CANARY}",
    f"[^1]:\n    {CANARY}",
    f'[ref]: https://example.com/{CANARY} "{CANARY}"',
    f"[ref]: /x '{CANARY}'",
    f"[ref2]: /{CANARY}",
    f"    {CANARY}",
    f"  {CANARY}",
    f"=== {CANARY}",
    f"===\n{CANARY}",
    f"| {CANARY} | x |",
    f"```\n{CANARY}\n```",
    f"-->{CANARY}",
    f"</div></pre></details>{CANARY}",
    f'">{CANARY}</a>',
    f"`{CANARY}`",
    f"**{CANARY}**",
    f"# {CANARY}",
    f'![{CANARY}](x.png "{CANARY}")',
    f'<img alt="{CANARY}">',
    f"</textarea></script>{CANARY}",
    f"> [!warning] {CANARY}\n> {CANARY}",
    f"> - [x] {CANARY}\n> - [ ] {CANARY}\n>\n> 提示：{CANARY}",
    f"> [!quiz] {CANARY}\n> - [x] {CANARY}\n> - [ ] 二\n>\n> 解析：{CANARY}",
    f"$\\text{{{CANARY}}}$",
    f"$$\n{CANARY}\n$$",
    f"```mermaid\ngraph TD\n A[{CANARY}] --> B[{CANARY}]\n```",
    f"=={CANARY}==",
    f"## 节\n\n{CANARY}",
    f"![[03-third]]\n\n{CANARY}",
    f"[[first|{CANARY}]]",
    f": {CANARY}",
    f'```python {{title="{CANARY}" linenos}}\n{CANARY}\n```',
]

free_texts = st.lists(st.sampled_from(FREE_PIECES), max_size=5)
paid_texts = st.lists(st.sampled_from(PAID_PIECES), min_size=1, max_size=4)
gaps = st.sampled_from(["\n", "\n\n"])


def write(root: Path, lesson: str) -> None:
    folder = root / "canary"
    folder.mkdir(parents=True)
    front = '---\nid: canary\ntitle: 课\nsummary: 简介\nprice: "9.00"\n---\n'
    page = "介绍 [^1] [ref]\n\n<!--more-->\n\n更多"
    (folder / "_index.md").write_text(front + page, encoding="utf-8")
    (folder / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "01-first.md").write_text("---\ntitle: 一\nfree: true\n---\n[ref] [^1]\n", encoding="utf-8")
    (folder / "02-second.md").write_text(f"---\ntitle: 二\n---\n{lesson}", encoding="utf-8")
    third = f"## 节\n\n{CANARY}\n\n> [!quiz] {CANARY}\n> - [x] {CANARY}\n> - [ ] 二\n"
    (folder / "03-third.md").write_text(f"---\ntitle: 三\n---\n{third}", encoding="utf-8")
    trial = "![[02-second]]\n\n![[03-third]]\n\n[[03-third#节]]\n\n> ![[03-third#节]]\n"
    (folder / "04-fourth.md").write_text(f"---\ntitle: 四\nfree: true\n---\n{trial}", encoding="utf-8")


def published(root: Path) -> tuple[str, str]:
    """Everything that the catalogue holds, as one text, and the paid part (both empty when refused)."""
    db = Database(f"sqlite:///{root.parent}/canary.db")
    metadata.create_all(db.engine)
    clock = ManualClock()
    Publisher(db, clock).publish(root)
    shelf = Shelf(db, clock)
    catalogue = shelf.catalogue()
    public = repr([astuple(course) for course in (*catalogue.courses, *catalogue.withdrawn)])
    paid = shelf.paid_html("canary", "second") or ""
    db.close()
    return unescape(public), paid


@settings(max_examples=60, deadline=None)
@given(free=free_texts, gap=gaps, paid=paid_texts)
@example(free=["用到脚注[^1] 和 [链接][ref]、[ref]、![图][ref]。"], gap="\n\n", paid=[f"[^1]: {CANARY}"])
@example(free=["标题\n"], gap="\n", paid=[f"===\n{CANARY}"])
@example(free=[], gap="\n", paid=[CANARY])
def test_no_construction_carries_paid_text_into_the_catalogue(
    free: list[str], gap: str, paid: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "courses", f"{gap.join(free)}{gap}{MARK}{gap}{gap.join(paid)}\n")
        public, hidden = published(Path(folder) / "courses")
    assert CANARY not in public
    assert CANARY not in re.sub(r"<[^>]*>", "", public)
    assert hidden == "" or hidden not in public


@pytest.mark.parametrize("paid", PAID_PIECES)
def test_each_pair_of_constructions_is_cut_cleanly(tmp_path: Path, paid: str) -> None:
    for number, free in enumerate(FREE_PIECES):
        root = tmp_path / str(number)
        write(root, f"{free}\n\n{MARK}\n\n{paid}\n")
        for course in read_folder(root)[0]:
            public = replace(course, lessons=tuple(replace(one, paid_html="") for one in course.lessons))
            assert CANARY not in unescape(repr(public)), free


@settings(max_examples=25, deadline=None)
@given(paid=paid_texts)
def test_a_paid_lesson_without_a_mark_is_hidden_as_a_whole(paid: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "courses", "\n\n".join([f"开头 {CANARY}", *paid]))
        public, hidden = published(Path(folder) / "courses")
    assert CANARY not in public
    assert CANARY in hidden


def test_problems_found_in_a_paid_part_do_not_quote_its_text(tmp_path: Path) -> None:
    write(tmp_path / "courses", f"试读[^1]\n\n{MARK}\n\n[^1]: {CANARY}\n\n{MARK}\n\n{CANARY}")
    courses, problems = read_folder(tmp_path / "courses")
    assert courses == []
    assert problems
    assert CANARY not in "".join(map(str, problems))


def test_a_course_that_is_refused_for_its_paid_part_gives_nothing_away(tmp_path: Path) -> None:
    picture_of_a_page = f'![{CANARY}](01-first.md "{CANARY}")'
    write(tmp_path / "courses", f"试读\n\n{MARK}\n\n{picture_of_a_page}\n")
    courses, problems = read_folder(tmp_path / "courses")
    assert courses == []
    assert "01-first.md" in str(problems[0])
    assert CANARY not in "".join(map(str, problems))
    assert published(tmp_path / "courses") == ("[]", "")
