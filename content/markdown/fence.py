"""Blocks of code, and what stands behind the language: `python {linenos hl_lines="2 4-6" title="app.py"}`.

Hugo's, Docusaurus's and VitePress's ways of saying the same are understood too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from content.highlight import PLAIN, CodeStyle, code_html
from content.markdown.diagram import diagram_svg
from content.markdown.page import Page, page_of

MAX_MARKED_LINE, MAX_MARKED_CHARS = 5_000, 400
_LANGUAGE = re.compile(r"[^\s{,]*")
_TITLE = re.compile(
    r"""(?:title|filename|file|name)\s*=\s*(?:"([^"]{1,120})"|'([^']{1,120})'|([^\s,}"']{1,120}))"""
)
_NUMBERS = re.compile(r"(?<![\w-])(linenos|linenums|showLineNumbers|line-numbers)\b(?:\s*=\s*\"?(\w+))?")
_MARKED = re.compile(r"""hl_lines\s*=\s*(?:"([^"]*)"|'([^']*)'|\[([^\]]*)\]|([\d,-]+))""")
_BARE_MARKED = re.compile(r"\{([\d\s,-]+)\}")
_RANGE = re.compile(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?")


def fence(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    token, page = tokens[at], page_of(env)
    language = _LANGUAGE.match(token.info.strip())
    name = language[0] if language else ""
    if name.lower() == "mermaid" and (drawn := _diagram(token, page)):
        return page.keep(drawn)
    rest = token.info.strip()[len(name) :]
    return page.keep(code_html(token.content, name, _style(rest) if rest.strip() else PLAIN))


def _diagram(token: Token, page: Page) -> str:
    """Empty when it cannot be drawn: then it stays code."""
    svg, fault = diagram_svg(token.content)
    if fault:
        line = token.map[0] if token.map else 0
        page.warning(line, f"这幅图画不出来：{fault}", "照 Mermaid 的写法改；页面上先显示代码")
        return ""
    return f'<figure class="diagram-box">{svg}</figure>\n'


def _style(rest: str) -> CodeStyle:
    numbers, title = _NUMBERS.search(rest), _TITLE.search(rest)
    return CodeStyle(
        title=next(filter(None, title.groups()), "") if title else "",
        numbered=numbers is not None and numbers[2] != "false",
        marked=frozenset(_marked(rest)),
    )


def _marked(rest: str) -> Iterator[int]:
    found = _MARKED.search(rest) or _BARE_MARKED.search(rest)
    written = next(filter(None, found.groups()), "") if found else ""
    for match in _RANGE.finditer(written[:MAX_MARKED_CHARS]):
        first, last = int(match[1]), int(match[2] or match[1])
        yield from range(first, min(last, MAX_MARKED_LINE) + 1)
