"""Raw HTML one inside the other without end: what cleans it takes the square of the depth, so it is bounded.

Depth is reckoned upwards: a closing tag counts where it closes what was opened last, and nowhere else.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from content.markdown.page import KEY, Page

MAX_DEPTH = 200
_TAG = re.compile(
    r"(?P<comment><!--(?:-?>|.*?--!?>|.*\Z))|<[!?][^>]*"
    r"|<(?P<close>/?)(?P<name>[a-z][^\s/>]*)(?P<rest>[^>]*)",
    re.DOTALL | re.IGNORECASE,
)
_OPENING = re.compile(r"<([a-z][^\s/>]*)", re.IGNORECASE)
# Never closed, or closed by the next of their kind: a page from another time has hundreds.
_FLAT = frozenset((
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "p",
    "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
))  # fmt: skip
# Closed with what they stand in: 拼 in `<ruby>拼<rt>pīn</ruby>`.
_CLOSED_ALONG = frozenset(("option", "optgroup", "rb", "rp", "rt", "rtc"))
# What is inside is read by rules of its own, by which nothing above is sure.
_FOREIGN = frozenset(("svg", "math"))


def bound_nesting(state: StateCore) -> None:
    """A rule behind the one for words within a line: what is too deep is an error, and is not cleaned."""
    raw = list(_raw(state.tokens))
    if sum(token.content.count("<") for _, token in raw) <= MAX_DEPTH:
        return
    at = _too_deep("\n".join(token.content for _, token in raw))
    if at is None:
        return
    starts = [0, *accumulate(len(token.content) + 1 for _, token in raw)]
    number = bisect_right(starts, at) - 1
    line, token = raw[number]
    page: Page | None = state.env.get(KEY)
    if page is not None:
        page.error(
            line + token.content.count("\n", 0, at - starts[number]),
            f"HTML 标签一层套一层，超过了 {MAX_DEPTH} 层",
            "多半是前面的标签没有收尾：补上 </div> 这样的结尾；内嵌的 SVG 换成图片",
        )
    for _, later in raw[number:]:
        later.content = ""


def _raw(tokens: list[Token]) -> Iterator[tuple[int, Token]]:
    """Each piece of raw HTML with its line."""
    for token in tokens:
        line = token.map[0] if token.map else 0
        if token.type == "html_block":
            yield line, token
        elif token.type == "inline" and "<" in token.content:
            yield from ((line, child) for child in token.children or [] if child.type == "html_inline")


def _too_deep(html: str) -> int | None:
    """Where the depth passes its bound."""
    opened: list[str] = []
    flat = _FLAT
    for tag in _TAG.finditer(html):
        if tag["comment"]:
            # Where a comment ends is not always what it looks like: what is opened in one counts.
            names = [name for name in map(str.lower, _OPENING.findall(tag[0])) if name not in flat]
            opened += names
        elif tag["name"]:
            name = tag["name"].lower()
            if name in _FOREIGN:
                flat = frozenset()
            if not tag["close"] and name not in flat:
                opened.append(name)
            elif tag["close"] and name not in _FOREIGN:
                _close(name, opened)
            # The end of a tag within a quoted value is none.
            opened += ['"'] if tag["rest"].count('"') % 2 or tag["rest"].count("'") % 2 else []
        if len(opened) > MAX_DEPTH:
            return tag.start()
    return None


def _close(name: str, opened: list[str]) -> None:
    last = next((at for at in range(len(opened) - 1, -1, -1) if opened[at] not in _CLOSED_ALONG), -1)
    if name in _CLOSED_ALONG:
        last = len(opened) - 1
    if last >= 0 and opened[last] == name:
        del opened[last:]
