"""Headings as the ends of links: each tool spells their anchors differently, their letters are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from content.importing.draft import Text
from content.importing.texts import plain
from content.links import Links
from content.markdown import block_tokens, render

_HEADING_ID = re.compile(r'<h[1-6][^>]*? id="t-([^"]*)"')
_NAMED = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t]*\{[^}\n]*#([\w-]+)[^}\n]*\}[ \t]*$", re.MULTILINE)
_NOT_LETTERS = re.compile(r"[\W_]+")


def anchors_of(text: Text) -> Mapping[str, str]:
    """From a heading's letters, and from the name that its source gave it, to its anchor on our page."""
    html = render(text.body, Links("", "", frozenset(), {})).html
    ours, titles = _HEADING_ID.findall(html), _headings(text.body)
    if len(ours) != len(titles):
        return {}
    found: dict[str, str] = {}
    for title, anchor in zip(titles, ours, strict=True):
        found.setdefault(letters(title), anchor)
    named = {letters(name): found[letters(plain(title))] for title, name in _NAMED.findall(text.raw)
             if letters(plain(title)) in found}  # fmt: skip
    return {**found, **named}


def letters(anchor: str) -> str:
    return _NOT_LETTERS.sub("", anchor.lower())


def _headings(body: str) -> list[str]:
    tokens = block_tokens(body)
    return [plain(tokens[at + 1].content) for at, token in enumerate(tokens) if token.type == "heading_open"]
