"""Which parts of a Markdown text are code: there nothing is rewritten."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from content.markdown import block_tokens

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)


class Code:
    """The ranges of a text that are code."""

    def __init__(
        self, text: str, *, indented: bool = True, spans: bool = True, comments: bool = False
    ) -> None:
        kinds = ("fence", "code_block") if indented else ("fence",)
        starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        blocks = [token.map for token in block_tokens(text) if token.type in kinds and token.map]
        self._ranges = sorted((starts[first], starts[min(last, len(starts) - 1)]) for first, last in blocks)
        if spans:
            self._ranges = sorted(self._ranges + self._spans(text))
        if comments:
            told = (found.span() for found in _COMMENT.finditer(text) if not self.holds(found.start()))
            self._ranges = sorted([*self._ranges, *told])

    def holds(self, place: int) -> bool:
        at = bisect_right(self._ranges, (place, 1 << 60))
        return at > 0 and place < self._ranges[at - 1][1]

    def _spans(self, text: str) -> list[tuple[int, int]]:
        spans = []
        at = 0
        while found := _SPAN.search(text, at):
            inside = self.holds(found.start())
            spans += [] if inside else [found.span()]
            at = found.start() + len(found[1]) if inside else found.end()
        return spans


def outside_code(
    pattern: re.Pattern[str], into: Callable[[re.Match[str]], str], text: str, *, comments: bool = False
) -> str:
    """``pattern.sub(into, text)``, but for what stands in code (and with ``comments``, in comments)."""
    if not pattern.search(text):
        return text
    code = Code(text, comments=comments)
    return pattern.sub(lambda found: found[0] if code.holds(found.start()) else into(found), text)
