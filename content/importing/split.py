"""One long text cut into lessons at its headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from content.importing.texts import plain
from content.markdown import block_tokens

MIN_LESSONS = 2


@dataclass(frozen=True)
class Section:
    """``title`` is "" for what stands above the first heading."""

    title: str
    body: str


def split(body: str) -> tuple[str, list[Section]]:
    """The title that the text gives itself ("" if none), and its sections; at least one.

    Several headings of the first level cut it; else those of the second, under the one that is its title.
    """
    heads = _headings(body)
    firsts = [head for head in heads if head.level == 1]
    seconds = [head for head in heads if head.level == 2]
    title = firsts[0].title if len(firsts) == 1 and firsts[0] is heads[0] else ""
    if len(firsts) >= MIN_LESSONS:
        return "", _sections(body, firsts)
    if title:
        body, seconds = _without(body, firsts[0], seconds)
    if len(seconds) >= MIN_LESSONS:
        return title, _sections(body, seconds)
    return title, [Section(title, body.strip("\n"))]


@dataclass(frozen=True)
class _Head:
    level: int
    title: str
    first: int
    last: int


def _headings(body: str) -> list[_Head]:
    """Those of the first two levels that stand by themselves, not in a list or a quotation."""
    tokens = block_tokens(body)
    return [
        _Head(int(token.tag[1]), plain(tokens[at + 1].content), token.map[0], token.map[1])
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map and token.tag in ("h1", "h2")
    ]


def _without(body: str, title: _Head, heads: Sequence[_Head]) -> tuple[str, list[_Head]]:
    lines = body.split("\n")
    gone = title.last - title.first
    moved = [_Head(head.level, head.title, head.first - gone, head.last - gone) for head in heads]
    return "\n".join(lines[: title.first] + lines[title.last :]), moved


def _sections(body: str, heads: Sequence[_Head]) -> list[Section]:
    lines = body.split("\n")
    above = "\n".join(lines[: heads[0].first]).strip("\n")
    ends = [head.first for head in heads[1:]] + [len(lines)]
    made = [
        Section(head.title, "\n".join(lines[head.last : end]).strip("\n"))
        for head, end in zip(heads, ends, strict=True)
    ]
    return [Section("", above), *made] if above.strip() else made
