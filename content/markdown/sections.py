"""The headings of a source text with what stands under each: for links to them and for embedding a part."""

from __future__ import annotations

from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from content.markdown.headings import free_anchor
from content.markdown.words import words

_BARE = MarkdownIt("commonmark")


@dataclass(frozen=True)
class Section:
    """A heading (``words``, its ``anchor`` on the page) and its ``source`` with the heading's own line."""

    words: str
    anchor: str
    source: str
    paid: bool


def sections(free: str, paid: str | None) -> tuple[Section, ...]:
    """All headings of a lesson, top to bottom; a section never runs from the free part into the paid one."""
    taken: dict[str, int] = {}
    return (*_of_part(free, taken, paid=False), *_of_part(paid or "", taken, paid=True))


def _of_part(source: str, taken: dict[str, int], *, paid: bool) -> list[Section]:
    if "#" not in source and "\n==" not in source and "\n--" not in source:
        return []
    found = _headings(source)
    lines = source.split("\n")
    ends = [_end(found, at, len(lines)) for at in range(len(found))]
    return [
        Section(title, free_anchor(title, taken), "\n".join(lines[line:end]), paid)
        for (line, _, title), end in zip(found, ends, strict=True)
    ]


def _headings(source: str) -> list[tuple[int, int, str]]:
    """Line, level and words of each heading; one in a list or a quote has no section of its own to end it."""
    tokens = _BARE.parse(source)
    return [
        (token.map[0], _level(token), "".join(words([tokens[at + 1]])))
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.map
    ]


def _level(heading: Token) -> int:
    return max(2, int(heading.tag[1]))  # a first-level one is shown as a second


def _end(found: list[tuple[int, int, str]], at: int, last: int) -> int:
    level = found[at][1]
    behind = (found[number] for number in range(at + 1, len(found)))
    return next((line for line, other, _ in behind if other <= level), last)
