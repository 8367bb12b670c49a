"""LaTeX to MathML."""

from __future__ import annotations

import re

import pytest

from content.markdown.formula import MAX_CHARS, mathml
from tests.unit.content.rendering import html_of, rendered, tags_only


def test_a_formula_in_a_sentence_and_one_by_itself() -> None:
    html = html_of("面积是 $\\pi r^2$。\n\n$$\n\\frac{1}{2}\n$$")
    assert "<math><mi>π</mi><msup><mi>r</mi><mn>2</mn></msup></math>" in html
    assert '<div class="formula"><math display="block"><mfrac>' in html


@pytest.mark.parametrize(
    "source", ["从 $5 到 $10", "$5 和 $ 6", "涨了$100，到$200", r"\$x\$", "`$x$`", "只有一个 $"]
)
def test_prices_and_code_are_no_formulas(source: str) -> None:
    assert "<math" not in html_of(source)


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("一\n二 $\\nosuch$", 4, "不认识的命令"),
        ("一\n\n$$\n\\frac{1}\n$$", 5, "括号没有合上"),
        ("$a & b$", 3, "& 只能写在"),
        (f"${'x' * (MAX_CHARS + 1)}$", 3, "超过"),
    ],
)
def test_a_formula_that_cannot_be_read_keeps_its_text_and_is_told(
    source: str, line: int, message: str
) -> None:
    shown, problems = rendered(source, first_line=3)
    assert '<code class="formula">' in shown.html
    assert [(one.line, one.severity) for one in problems] == [(line, "warning")]
    assert message in problems[0].message


def test_alignment_comes_by_classes_since_styles_are_not_let_in() -> None:
    html, fault = mathml(r"\begin{cases}1 & x>0\\0 & y\end{cases}", is_block=True)
    assert fault == ""
    assert 'class="m-left"' in html and " style=" not in html


@pytest.mark.parametrize(
    "attack",
    [
        r"$\text{</mtext><script>alert(1)</script>}$",
        r'$\text{" onload="alert(1)}$',
        r"$\href{javascript:alert(1)}{x}$",
        r"$\color{red;background:url(//evil.example)}x$",
        '<p><abbr title="\n\n$\\text{" onload="alert(1)}$\n\n">x</abbr>',
    ],
)
def test_a_formula_carries_no_markup_of_its_own(attack: str) -> None:
    live = tags_only(html_of(attack))
    assert re.search(r"<script|\son\w+=|javascript:|evil|style=", live) is None, live


def test_a_place_that_a_writer_made_up_shows_nothing_else() -> None:
    html = html_of('<made n="0"></made><made n="7"></made>\n\n$x$')
    assert "made" not in html
