"""Headings as the ends of links: each tool spells their anchors differently, their letters are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from content.importing.draft import Text
from content.importing.texts import plain
from content.markdown import block_tokens

_NAMED = re.compile(
    r"^#{1,6}[ \t]+(.*?)[ \t]*(?:\{[^}\n]*#([\w-]+)[^}\n]*\}"
    r"|<a [^>\n]*\bid=\"([^\"\n]*)\"[^>\n]*></a>)[ \t]*$",
    re.MULTILINE,
)
_NAMED_IN_HTML = re.compile(
    r"<h[1-6]\b[^>]*\bid=[\"']([^\"']*)[\"'][^>]*>(.*?)</h[1-6]>", re.DOTALL | re.IGNORECASE
)
_NOT_LETTERS = re.compile(r"[\W_]+")
_NOT_IN_ANCHOR = re.compile(r"[^\w-]+")
MAX_ANCHOR_CHARS = 60


def anchors_of(text: Text) -> Mapping[str, str]:
    """From a heading's letters, and those of the name that its source gave it, to its anchor on our page.

    The heading that became the title leads to the top: its anchor is "".
    """
    taken: set[str] = set()
    found = {letters(text.title): ""}
    for title in _headings(text.body):
        found.setdefault(letters(title), _free(title, taken))
    for title, name in _names(text.raw):
        if letters(title) in found:
            found.setdefault(letters(name), found[letters(title)])
    return found


def letters(anchor: str) -> str:
    return _NOT_LETTERS.sub("", anchor.lower())


def _names(raw: str) -> Iterator[tuple[str, str]]:
    for title, brace, tag in _NAMED.findall(raw):
        yield plain(title), brace or tag
    for name, title in _NAMED_IN_HTML.findall(raw):
        yield plain(title), name


def _headings(body: str) -> list[str]:
    tokens = block_tokens(body)
    return [plain(tokens[at + 1].content) for at, token in enumerate(tokens) if token.type == "heading_open"]


def _free(title: str, taken: set[str]) -> str:
    """As the page gives anchors: `content.markdown` has the rule."""
    stem = _NOT_IN_ANCHOR.sub("-", title.lower()).strip("-")[:MAX_ANCHOR_CHARS] or "s"
    anchor, number = stem, 2
    while anchor in taken:
        anchor, number = f"{stem}-{number}", number + 1
    taken.add(anchor)
    return anchor
