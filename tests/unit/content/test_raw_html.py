"""Nothing that stands behind a tag without its end is lost, and what is not shown is told at its line."""

from __future__ import annotations

import pytest

from tests.unit.content.rendering import rendered

BEHIND = "\n\n后面的 **一段**。\n"


@pytest.mark.parametrize(
    "name", ["style", "script", "template", "title", "textarea", "iframe", "xmp", "Style"]
)
@pytest.mark.parametrize("before", ["样子写在 ", "- ", "", "> ", "<div>\n"])
def test_a_tag_that_is_talked_about_is_shown_with_all_behind_it(name: str, before: str) -> None:
    part, problems = rendered(f"{before}<{name}> 里。{BEHIND}")
    assert f"&lt;{name}&gt; 里。" in part.html
    assert "后面的" in part.html and f"<{name}" not in part.html
    assert [(one.severity, f"<{name}>" in one.message) for one in problems] == [("warning", True)]
    assert problems[0].line == (2 if before == "<div>\n" else 1)


def test_the_words_behind_a_tag_within_a_line_keep_their_form() -> None:
    assert "<p>后面的 <strong>一段</strong>。</p>" in rendered(f"用 <style> 写。{BEHIND}")[0].html


@pytest.mark.parametrize(
    "raw", ["<style>p{color:red}</style>", "文 <script>alert(1)</script> 字", "`<style>`"]
)
def test_what_is_closed_or_is_code_is_as_it_was(raw: str) -> None:
    part, problems = rendered(raw + BEHIND)
    assert "<strong>一段</strong>" in part.html and problems == []
    assert "color:red" not in part.html and "alert(1)" not in part.html


def test_a_second_one_that_is_not_closed_is_shown() -> None:
    html = rendered(f"<style>a</style> 和 <style> 写。{BEHIND}")[0].html
    assert "&lt;style&gt; 写。" in html and "<strong>一段</strong>" in html


def test_a_comment_without_end_is_told() -> None:
    _, problems = rendered(f"文\n\n<!-- 以后再写{BEHIND}")
    assert [(one.line, one.severity) for one in problems] == [(3, "warning")]
    assert "-->" in problems[0].hint
    assert rendered(f"<!-- 写好了，<style> 再说 -->{BEHIND}")[1] == []


DEEP = 100_000


@pytest.mark.parametrize(
    "unit",
    [
        "<div>",
        "<DIV\nclass=a>",
        "<b><div></b>",
        "<p><font color=a>",
        "<div><!-- </div> -->",
        "<div><!--><div></div>-->",
        '<div title="></div>">',
        "<div><![CDATA[</div>]]>",
        "<div><title></div></title>",
        "<svg><desc><div></svg></desc></div>",
        "<svg><td>",
        "<rt>",
    ],
)
def test_html_nested_without_end_is_refused_before_it_is_cleaned(unit: str) -> None:
    part, problems = rendered(f"文\n\n<div>\n{unit * DEEP}")
    deep = [one for one in problems if one.severity == "error"]
    assert [(one.line >= 4, "200 层" in one.message) for one in deep] == [(True, True)]
    assert len(part.html) < 100


def test_the_line_of_what_is_nested_too_deep_is_told_in_sentences_and_in_blocks() -> None:
    flat = "<div>\n<p>a\n</div>\n\n" * 300
    for deep in ("<div>\n" * 201, "字 <b>\n\n" * 201):
        problems = rendered(flat + deep)[1]
        assert [one.line for one in problems] == [1_201 + 200 * (deep.count("\n") // 201)]


@pytest.mark.parametrize(
    "many",
    [
        "<div>\n\n**字**\n\n</div>\n\n",
        "<p>一段\n<br>\n\n",
        "<table><tr><td>a<td>b<tr><td>c</table>\n\n",
        "<ruby>拼<rt>pīn</ruby>\n",
        "<select><option>a<option>b</select>\n",
        "<!-- <b>以后</b> -->\n\n",
        "<details><summary>a</summary><ul><li>b<li>c</ul></details>\n\n",
        '字 <kbd title="a">b</kbd> <img src="cover.jpg"> 字\n\n',
    ],
)
def test_much_html_side_by_side_is_let_through(many: str) -> None:
    count = 300 if "<!--" not in many else 150
    assert rendered(many * count)[1] == []
