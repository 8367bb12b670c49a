"""Code: what stands behind the language."""

from __future__ import annotations

import re

import pytest

from tests.unit.content.rendering import html_of

CODE = "a = 1\nb = 2\nc = '''x\ny'''\n"


def block(info: str) -> str:
    return html_of(f"```{info}\n{CODE}```")


def marked(html: str) -> list[int]:
    return [
        at for at, name in enumerate(re.findall(r'<span class="(line[^"]*)"', html), 1) if "marked" in name
    ]


@pytest.mark.parametrize(
    "info",
    [
        'python {linenos hl_lines="2 4-4"}',
        "python {linenos=table,hl_lines=[2,4]}",
        "python showLineNumbers {2,4}",
        'python linenums="1" hl_lines="2 4"',
        "python{linenos hl_lines='2,4'}",
    ],
)
def test_lines_are_numbered_and_stressed_in_each_dialect(info: str) -> None:
    html = block(info)
    assert 'data-lang="python"' in html and '<pre class="numbered">' in html
    assert marked(html) == [2, 4]


def test_numbers_are_no_text_so_that_nobody_copies_them() -> None:
    words = re.sub(r"<[^>]*>", "", block("text {linenos}"))
    assert words.strip() == CODE.strip().replace("'", "'")


def test_lines_may_be_stressed_without_numbers() -> None:
    html = block("python {2-3}")
    assert "numbered" not in html and marked(html) == [2, 3]


def test_numbers_can_be_told_to_stay_away() -> None:
    assert '<span class="line' not in block("python {linenos=false}")


@pytest.mark.parametrize(
    "info", ['python {title="app.py"}', "python title='app.py'", "python {filename=app.py}"]
)
def test_a_file_name_stands_above(info: str) -> None:
    assert (
        '<div class="highlight titled" data-lang="python"><div class="highlight-title">app.py</div>'
        in block(info)
    )


def test_a_span_never_runs_over_the_end_of_a_line() -> None:
    html = block("python {linenos}")
    for line in re.findall(r'<span class="line[^"]*">(.*)</span>\n', html):
        assert line.count("<span") == line.count("</span>")
    assert html.count('<span class="line') == 4


def test_what_is_behind_the_language_brings_no_markup() -> None:
    html = block('python {title="<script>alert(1)</script>" hl_lines="1-999999999"}')
    assert "<script" not in html


def test_plain_blocks_have_no_lines_around_them() -> None:
    assert '<span class="line' not in block("python")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("这是==重点==。", "这是<mark>重点</mark>。"),
        ("==**粗**==", "<mark><strong>粗</strong></mark>"),
        ("a == b，c == d", "a == b，c == d"),
        ("x === y ===", "x === y ==="),
        ("`==x==`", "<code>==x==</code>"),
    ],
)
def test_marked_text(source: str, expected: str) -> None:
    assert expected in html_of(source)


def test_a_definition_list() -> None:
    assert "<dl>\n<dt>词</dt>\n<dd>解释</dd>\n</dl>" in html_of("词\n: 解释")


def test_a_block_stands_where_it_was_written_once_whoever_names_its_place() -> None:
    html = html_of(f"```python\n{CODE}```\n\n" + '<made n="0"></made>\n\n' * 50)
    assert html.count("<pre>") == 1 and "<made" not in html
