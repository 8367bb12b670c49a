"""Callouts of GitHub and of Obsidian."""

from __future__ import annotations

import pytest

from content.markdown.labels import CALLOUTS
from tests.unit.content.rendering import html_of, rendered


@pytest.mark.parametrize("kind", ["NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"])
def test_githubs_kinds_become_notes_with_a_title(kind: str) -> None:
    html = html_of(f"> [!{kind}]\n> 正文 **重**")
    family, title = CALLOUTS[kind.lower()]
    assert html.startswith(f'<aside class="callout callout-{family}" role="note">')
    assert f'<p class="callout-title">{title}</p>' in html
    assert "<p>正文 <strong>重</strong></p>" in html
    assert "[!" not in html


def test_obsidians_title_stands_in_place_of_the_kinds_own() -> None:
    assert '<p class="callout-title">先<em>备份</em></p>' in html_of("> [!tip] 先*备份*\n> 再改")


@pytest.mark.parametrize(
    ("sign", "opening"),
    [("-", '<details class="callout callout-tip">'), ("+", '<details class="callout callout-tip" open="">')],
)
def test_a_callout_with_a_sign_can_be_folded(sign: str, opening: str) -> None:
    html = html_of(f"> [!tip]{sign} 答案\n> 42")
    assert opening in html
    assert '<summary class="callout-title">答案</summary>' in html


def test_a_callout_holds_any_blocks_and_other_callouts() -> None:
    html = html_of("> [!note]\n> - 一\n>\n> > [!danger] 小心\n> > ```python\n> > x = 1\n> > ```")
    assert html.index("callout-note") < html.index("<li>一</li>") < html.index("callout-danger")
    assert 'data-lang="python"' in html


def test_a_title_alone_is_a_callout_too() -> None:
    assert html_of("> [!note] 只有这一句").count("<p") == 1


def test_a_quote_stays_a_quote() -> None:
    assert "<blockquote>" in html_of("> [注] 引用\n\n[!note] 不是引用")


def test_an_unknown_kind_is_shown_and_told_with_the_nearest_one() -> None:
    shown, problems = rendered("文\n\n> [!tpi] 标题\n> 正文", first_line=5)
    assert "callout-note" in shown.html
    assert [(one.line, one.severity, "tip" in one.hint) for one in problems] == [(7, "warning", True)]


def test_the_search_finds_the_words_of_title_and_text() -> None:
    text = rendered("> [!tip] 标题词\n> 正文词")[0].text
    assert "标题词" in text and "正文词" in text and "[!tip]" not in text
