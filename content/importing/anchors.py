"""Headings as the ends of links: each tool spells their anchors differently, their letters are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape

from content.importing.draft import Text
from content.importing.texts import plain
from content.markdown import block_tokens
from content.markdown.headings import free_anchor

_NAMED = re.compile(
    r"^#{1,6}[ \t]+(.*?)[ \t]*(?:\{[^}\n]*#([\w-]+)[^}\n]*\}"
    r"|<a [^>\n]*\bid=\"([^\"\n]*)\"[^>\n]*></a>)[ \t]*$",
    re.MULTILINE,
)
_HTML_HEADING = re.compile(r"<h[1-6]\b[^>]*>.*?</h[1-6]>", re.DOTALL | re.IGNORECASE)
_NAME_IN_HTML = re.compile(r"\b(?:id|name)=[\"']([^\"'\s]+)[\"']", re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[\W_]+")


def anchors_of(text: Text) -> Mapping[str, str]:
    """From a heading's letters, and those of the name that its source gave it, to its anchor on our page.

    The heading that became the title leads to the top: its anchor is "".
    """
    taken: dict[str, int] = {}
    found = {letters(text.title): ""}
    for title in _headings(text.body):
        found.setdefault(letters(title), free_anchor(title, taken))
    for title, name in _names(text.raw):
        if letters(title) in found:
            found.setdefault(letters(name), found[letters(title)])
    return found


def letters(anchor: str) -> str:
    return _NOT_LETTERS.sub("", anchor.lower())


def _names(raw: str) -> Iterator[tuple[str, str]]:
    for title, brace, tag in _NAMED.findall(raw):
        yield plain(title), brace or tag
    for heading in _HTML_HEADING.findall(raw):
        # On the heading itself, or on an empty link within it.
        yield from ((unescape(plain(heading)), name) for name in _NAME_IN_HTML.findall(heading))


def _headings(body: str) -> list[str]:
    tokens = block_tokens(body)
    return [plain(tokens[at + 1].content) for at, token in enumerate(tokens) if token.type == "heading_open"]
