"""A lesson within another: whoever may not read it there does not read it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from content.check import read_folder
from content.markdown import Text
from content.markdown.embed import MAX_DEPTH
from content.markdown.page import MAX_EMBEDS
from tests.unit.content.rendering import rendered

SOON = datetime(2027, 1, 1, tzinfo=UTC)
FREE = Text(
    "01-free.md", "free", "免费课", "## 甲\n\n甲文\n\n### 甲一\n\n细\n\n## 乙\n\n乙文[^1]\n\n[^1]: 注", None
)
MIXED = Text("02-mixed.md", "mixed", "半课", "试读文", "## 秘\n\n秘文")
PAID = Text("03-paid.md", "paid", "付费课", "", "## 密\n\n密文\n\n![图](cover.jpg)")
HERE = Text("09-here.md", "here", "这一课", "文", "付费")
TEXTS = (FREE, MIXED, PAID, HERE)


def shown_in(source: str, *, paid: bool, texts: tuple[Text, ...] = TEXTS) -> tuple[str, list[str]]:
    page, problems = rendered(source, texts=texts, path=HERE.path, paid=paid)
    return page.html, [f"{one.line} {one.severity} {one.message}" for one in problems]


@pytest.mark.parametrize("is_paid", [False, True])
def test_a_free_lesson_is_shown_with_where_it_comes_from(is_paid: bool) -> None:
    html, problems = shown_in("前\n\n![[free]]\n\n后", paid=is_paid)
    assert html.index("前") < html.index("甲文") < html.index("乙文") < html.index("后")
    assert '摘自 <a href="/courses/py/free">免费课</a>' in html
    assert problems == []


def test_a_section_ends_where_the_next_of_its_level_begins() -> None:
    html, _ = shown_in("![[free#甲]]", paid=False)
    assert "甲文" in html and "细" in html and "乙文" not in html


def test_paid_text_is_not_shown_to_everyone() -> None:
    html, problems = shown_in("![[mixed]]\n\n![[paid]]\n\n![[mixed#秘]]", paid=False)
    assert "试读文" in html
    assert "秘文" not in html and "密文" not in html and "cover.jpg" not in html
    assert html.count('class="embed-locked"') == 3
    assert [line[:9] for line in problems] == ["1 warning", "3 warning", "5 warning"]


def test_buyers_see_paid_text_within_a_paid_part() -> None:
    html, problems = shown_in("![[mixed]]\n\n![[paid#密]]", paid=True)
    assert "试读文" in html and "秘文" in html and "密文" in html
    assert "locked" not in html and problems == []


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ({"opens_after_days": 7}, {"opens_after_days": 3}),
        ({"opens_at": SOON}, {}),
        ({"opens_at": SOON + timedelta(days=1)}, {"opens_at": SOON}),
    ],
)
def test_a_lesson_that_opens_later_is_not_shown_before(
    later: dict[str, Any], earlier: dict[str, Any]
) -> None:
    hidden = (replace(PAID, **later), replace(HERE, **earlier))
    open_by_then = (replace(PAID, **earlier), replace(HERE, **later))
    assert "密文" not in shown_in("![[paid]]", paid=True, texts=hidden)[0]
    assert "密文" in shown_in("![[paid]]", paid=True, texts=open_by_then)[0]


def test_not_even_the_free_part_is_shown_before_its_day() -> None:
    late = replace(FREE, opens_at=SOON)
    html, problems = shown_in("![[free]]\n\n![[free#甲]]", paid=True, texts=(late, HERE))
    assert "甲文" not in html and html.count("embed-locked") == 2 and len(problems) == 2


def test_a_free_text_that_embeds_a_paid_one_gives_it_to_nobody_further_up() -> None:
    middle = Text("05-middle.md", "middle", "中间", "中\n\n![[paid]]", None)
    html, _ = shown_in("![[middle]]", paid=False, texts=(*TEXTS, middle))
    assert "中" in html and "密文" not in html


@pytest.mark.parametrize("is_paid", [False, True])
def test_a_circle_ends_and_is_told(is_paid: bool) -> None:
    one = Text("01-one.md", "one", "一", "一文\n\n![[two]]", None)
    two = Text("02-two.md", "two", "二", "二文\n\n![[one]]\n\n![[here]]", None)
    html, problems = shown_in("![[one]]\n\n![[here]]\n\n![[#文]]", paid=is_paid, texts=(one, two, HERE))
    assert html.count("一文") == html.count("二文") == 1
    assert sorted({line[:7] for line in problems}) == ["1 error", "3 error", "5 error"]


def test_embedding_goes_only_so_deep() -> None:
    chain = [Text(f"{n}-n.md", f"n{n}", f"第{n}", f"层{n}\n\n![[n{n + 1}]]", None) for n in range(10)]
    html, problems = shown_in("![[n0]]", paid=False, texts=(*chain, HERE))
    assert f"层{MAX_DEPTH - 1}" in html and f"层{MAX_DEPTH}" not in html
    assert len(problems) == 1 and "套得太深" in problems[0]


def test_embedding_that_multiplies_is_stopped() -> None:
    leaf = Text("01-leaf.md", "leaf", "叶", "叶文", None)
    twig = Text("02-twig.md", "twig", "枝", "\n\n".join(["![[leaf]]"] * 30), None)
    html, problems = shown_in("\n\n".join(["![[twig]]"] * 30), paid=False, texts=(leaf, twig, HERE))
    assert html.count("叶文") <= MAX_EMBEDS
    assert any("嵌入太多" in line for line in problems)


@pytest.mark.parametrize(
    ("source", "hint"),
    [("![[fre]]", "free"), ("![[free#丙]]", "检查"), ("![[none.png]]", "检查"), ("![[]]", "")],
)
def test_what_is_not_there_is_an_error_with_the_nearest_name(source: str, hint: str) -> None:
    _, problems = rendered(source, texts=TEXTS, path=HERE.path)
    assert [(one.line, one.severity) for one in problems] == ([(1, "error")] if hint else [])
    assert all(hint in one.hint for one in problems)


def test_footnotes_of_an_embedded_text_keep_apart_from_ones_own() -> None:
    html, _ = shown_in("文[^1]\n\n![[free]]\n\n[^1]: 自己的注", paid=False)
    ids = [part.partition('"')[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids)) == 4
    assert "自己的注" in html and "注" in html


def test_within_a_sentence_it_is_a_link() -> None:
    html, _ = shown_in("看 ![[free]] 吧", paid=False)
    assert '<a href="/courses/py/free">免费课</a>' in html and "甲文" not in html


def test_words_that_are_embedded_are_searched_where_they_stand() -> None:
    assert rendered("![[free]]", texts=TEXTS, path=HERE.path)[0].text == ""


def test_a_picture_belongs_to_the_readers_of_the_text_that_shows_it(
    root: Path, write_course: Callable[..., Path]
) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(16)
    write_course(
        files={
            "01-first.md": "---\ntitle: 一\nfree: true\n---\n![[02-second]]\n",
            "02-second.md": "---\ntitle: 二\n---\n![a](a.png)\n\n<!--members-only-->\n\n![b](b.png)\n",
            "a.png": png,
            "b.png": png,
        }
    )
    courses, _ = read_folder(root)
    assert {asset.path: asset.paid for asset in courses[0].assets} == {"a.png": False, "b.png": True}
