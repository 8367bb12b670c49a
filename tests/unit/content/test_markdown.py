"""Markdown in, sanitised HTML and plain text out."""

from __future__ import annotations

import re

import pytest

from content.links import Links
from content.markdown import highlight_css, render

EVIL = [
    "script", "onerror", "onload", "javascript", "iframe", "style", "form", "svg", "base", "meta",
    "evil.example", "object", "buy-bar", 'id="pay"', 'type="text"', "data:",
]  # fmt: skip


def links(**changes: object) -> Links:
    given: dict[str, object] = {
        "course_slug": "py",
        "base": "01-start",
        "images": {"01-start/图 1.png", "cover.jpg"},
        "lessons": {"01-start/02-next.md": "next"},
    }
    return Links(**(given | changes))  # type: ignore[arg-type]


def html(source: str) -> str:
    return render(source, links()).html


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("|a|\n|:-:|\n|1|", '<th class="align-center">a</th>'),
        ("~~no~~", "<s>no</s>"),
        (
            "- [x] done",
            '<input class="task-list-item-checkbox" checked="checked" type="checkbox" disabled="">',
        ),
        ("a[^1]\n\n[^1]: note", '<li id="t-fn1" class="footnote-item">'),
        ("## 安装 Python", '<h2 id="t-安装-python">安装 Python</h2>'),
        ("# 一级", '<h2 id="t-一级">一级</h2>'),
        ("**注意：**先备份", "<strong>注意：</strong>先备份"),
        ("这是**“重点”**的", "<strong>“重点”</strong>的"),
        ("`a*b*c` 2*3*4", "<code>a*b*c</code> 2<em>3</em>4"),
        ("第一行\n第二行", "<p>第一行第二行</p>"),
        ("first\nsecond", "<p>first\nsecond</p>"),
        ("<details><summary>答案</summary>\n\n**42**\n\n</details>", "<strong>42</strong>"),
    ],
)
def test_markdown_as_people_write_it(source: str, expected: str) -> None:
    assert expected in html(source)


def test_headings_with_the_same_words_get_different_anchors() -> None:
    assert re.findall(r'id="([^"]+)"', html("## a\n\n## a")) == ["t-a", "t-a-2"]


def test_a_paid_part_keeps_its_anchors_apart_from_the_free_ones() -> None:
    free = render("## a\n\nx[^1]\n\n[^1]: n", links())
    paid = render("## a\n\nx[^1]\n\n[^1]: n", links(), after=free)
    ids = re.findall(r' id="([^"]+)"', free.html + paid.html)
    assert len(ids) == len(set(ids)) == 6


def test_code_is_coloured_by_classes_alone() -> None:
    coloured = html("```python\ndef f(): return '<b>'\n```")
    assert '<div class="highlight" data-lang="python"><pre><code>' in coloured
    assert '<span class="k">def</span>' in coloured
    assert "&lt;b&gt;" in coloured
    assert "style=" not in coloured


@pytest.mark.parametrize("language", ["", "no-such-language", '"><script>'])
def test_code_in_an_unknown_language_is_shown_plain(language: str) -> None:
    shown = html(f"```{language}\n<b> & c\n```")
    assert "&lt;b&gt; &amp; c" in shown
    assert "<script" not in shown


def test_the_highlighting_has_a_light_and_a_dark_side() -> None:
    light, _, dark = highlight_css().partition("@media (prefers-color-scheme: dark)")
    assert ".highlight .k " in light
    assert ".highlight .k " in dark


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src="cover.jpg" onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        '<iframe src="https://evil.example"></iframe>',
        '<div style="position:fixed">x</div>',
        '<form action="/pay"><input name="a" type="text"></form>',
        '<svg onload="alert(1)"></svg>',
        "<style>body{display:none}</style>",
        '<base href="https://evil.example/">',
        '<meta http-equiv="refresh" content="0">',
        '<a href="//evil.example">x</a>',
        '<object data="x"></object>',
        '<div class="buy-bar" id="pay">x</div>',
    ],
)
def test_raw_html_is_sanitised(attack: str) -> None:
    shown = html(f"a\n\n{attack}\n\nb {attack}")
    live = re.sub(r"&[a-z]+;|>[^<]*<", "><", shown)
    assert [evil for evil in EVIL if evil in live] == [], live


def test_links_abroad_carry_rel_and_our_own_do_not() -> None:
    shown = html(
        "[a](https://example.com) [b](/courses) [c](#x) [d](02-next.md) <a href='https://e.org'>e</a>"
    )
    assert '<a href="https://example.com" rel="noopener nofollow">' in shown
    assert '<a href="https://e.org" rel="noopener nofollow">' in shown
    assert '<a href="/courses">' in shown
    assert '<a href="#t-x">' in shown
    assert '<a href="/courses/py/next">' in shown


def test_pictures_lead_to_the_course_and_are_remembered() -> None:
    given = links()
    shown = render('![a](<图 1.png>) ![b](../cover.jpg) <img src="../cover.jpg">', given).html
    assert '<img src="/courses/py/assets/01-start/%E5%9B%BE%201.png" alt="a" loading="lazy">' in shown
    assert shown.count("/courses/py/assets/cover.jpg") == 2
    assert given.used == {"01-start/图 1.png", "cover.jpg"}


@pytest.mark.parametrize("url", ["missing.png", "../../etc/passwd", "%2e%2e/%2e%2e/x.png", "03-none.md"])
def test_what_leads_nowhere_is_remembered_and_not_linked(url: str) -> None:
    given = links()
    shown = render(f"[a]({url})", given).html
    assert given.broken == [url]
    assert "href" not in shown


def test_plain_text_leaves_code_blocks_and_comments_out() -> None:
    text = render("## 标题\n\n用 `requests` 抓 **网页**\n\n```\nsecret()\n```\n\n<!-- note -->", links()).text
    assert text == "标题 用 requests 抓 网页"


def test_deep_nesting_does_not_break_the_renderer() -> None:
    assert html(">" * 3_000 + "x")
    assert html("[" * 3_000)
