"""Code in colour: Pygments by CSS classes, so that a page needs no inline styles, light and dark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# Past this some lexers' regular expressions take seconds; such a block is shown without colour.
MAX_COLOURED_CHARS = 50_000
_LIGHT, _DARK = "default", "github-dark"  # both at WCAG AA contrast for all that is text

_WORD_RULE = re.compile(r"\.highlight \.(?!hll |err )\w+ \{")
_formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


@dataclass(frozen=True)
class CodeStyle:
    """How a block is shown, besides its colours. ``marked``: the lines to stress, from 1."""

    title: str = ""
    numbered: bool = False
    marked: frozenset[int] = frozenset()


PLAIN = CodeStyle()


def code_html(code: str, language: str, style: CodeStyle = PLAIN) -> str:
    """A code block as HTML, safe by itself; an unknown language is shown plain."""
    lexer = _lexer(language.lower()) if language and len(code) <= MAX_COLOURED_CHARS else None
    inner = escape(code, quote=False) if lexer is None else highlight(code, lexer, _formatter)
    title = f'<div class="highlight-title">{escape(style.title)}</div>' if style.title else ""
    titled = " titled" if style.title else ""
    numbered = ' class="numbered"' if style.numbered else ""
    if style.numbered or style.marked:
        inner = _by_line(inner, style.marked)
    return (
        f'<div class="highlight{titled}" data-lang="{escape(language)}">{title}'
        f"<pre{numbered}><code>{inner}</code></pre></div>\n"
    )


def _by_line(inner: str, marked: frozenset[int]) -> str:
    """Each line in a span of its own; the highlighter never lets a span run over a line's end."""
    lines = inner.removesuffix("\n").split("\n")
    return "".join(
        f'<span class="line{" marked" if number in marked else ""}">{line}</span>\n'
        for number, line in enumerate(lines, start=1)
    )


def highlight_css() -> str:
    """The style sheet for ``.highlight``; dark colours follow the reader's system."""
    light = _rules(_LIGHT)
    dark = "\n".join(f"  {line}" for line in _rules(_DARK).splitlines())
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _rules(style: str) -> str:
    """The colours of words alone: ground, letters and line height are the page's own."""
    rules = str(HtmlFormatter(style=style).get_style_defs(".highlight"))  # type: ignore[no-untyped-call]
    return "\n".join(rule.partition(" /*")[0] for rule in rules.splitlines() if _WORD_RULE.match(rule))


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=True)
    except ClassNotFound:
        return None
