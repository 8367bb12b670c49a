"""Code in colour: Pygments by CSS classes, so that a page needs no inline styles, light and dark."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

# Past this some lexers' regular expressions take seconds; such a block is shown without colour.
MAX_COLOURED_CHARS = 50_000
_LIGHT, _DARK = "default", "github-dark"  # both at WCAG AA contrast for all that is text
SPAN_CLASSES = frozenset(filter(None, STANDARD_TYPES.values()))

_formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def code_html(code: str, language: str) -> str:
    """A code block as HTML; an unknown language is shown plain."""
    lexer = _lexer(language.lower()) if language and len(code) <= MAX_COLOURED_CHARS else None
    inner = escape(code, quote=False) if lexer is None else highlight(code, lexer, _formatter)
    return f'<div class="highlight" data-lang="{escape(language)}"><pre><code>{inner}</code></pre></div>\n'


def highlight_css() -> str:
    """The style sheet for ``.highlight``; dark colours follow the reader's system."""
    light = _rules(_LIGHT)
    dark = "\n".join(f"  {line}" for line in _rules(_DARK).splitlines())
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _rules(style: str) -> str:
    return str(HtmlFormatter(style=style).get_style_defs(".highlight"))  # type: ignore[no-untyped-call]


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=True)
    except ClassNotFound:
        return None
