"""Two habits of Chinese writing: emphasis beside full-width punctuation, lines broken between characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


def emphasis(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule of the same name, friendly to text without spaces.

    By CommonMark `**注意：**先备份` is not bold, because the closing mark stands between punctuation and a
    letter. Beside a Chinese character punctuation counts as a space here, as in
    https://github.com/tats-u/markdown-cjk-friendly.
    """
    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    length, opens, closes = flanks(state, friendly=marker == "*")
    for _ in range(length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(ord(marker), length, len(state.tokens) - 1, end=-1, open=opens, close=closes)
        )
    state.pos += length
    return True


def flanks(state: StateInline, *, friendly: bool) -> tuple[int, bool, bool]:
    """How long the run of marks at this place is, and whether it may open and close."""
    scanned = state.scanDelims(state.pos, friendly)
    before, behind = _neighbours(state, state.pos, scanned.length)
    opens = scanned.can_open or (friendly and _is_cjk(before) and not behind.isspace())
    closes = scanned.can_close or (friendly and _is_cjk(behind) and not before.isspace())
    return scanned.length, opens, closes


def softbreak(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """A line break in the source is a space between words, and nothing between Chinese characters."""
    before = tokens[at - 1].content[-1:] if at else ""
    behind = tokens[at + 1].content[:1] if at + 1 < len(tokens) else ""
    return "" if before and behind and _is_wide(before) and _is_wide(behind) else "\n"


def _neighbours(state: StateInline, start: int, length: int) -> tuple[str, str]:
    end = start + length
    return state.src[start - 1] if start else " ", state.src[end] if end < state.posMax else " "


def _is_cjk(char: str) -> bool:
    return _CJK.fullmatch(char) is not None


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
