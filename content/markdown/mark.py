"""`==marked==`, as Obsidian and Typora have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from content.markdown.chinese import flanks

_SIGN = "=="


def mark_plugin(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("emphasis", "mark", _open_or_close)
    parser.inline.ruler2.before("emphasis", "mark", _pair)


def _open_or_close(state: StateInline, silent: bool) -> bool:
    if silent or not state.src.startswith(_SIGN, state.pos):
        return False
    length, opens, closes = flanks(state, friendly=True)
    if length != len(_SIGN):  # a row of them is a line somebody drew, and === a comparison
        state.push("text", "", 0).content = "=" * length
    else:
        state.push("text", "", 0).content = _SIGN
        state.delimiters.append(
            Delimiter(ord("="), 0, len(state.tokens) - 1, end=-1, open=opens, close=closes)
        )
    state.pos += length
    return True


def _pair(state: StateInline) -> None:
    for delimiters in (state.delimiters, *_nested(state)):
        for opening in delimiters:
            if opening.marker == ord("=") and opening.end != -1:
                _turn(state, opening.token, 1)
                _turn(state, delimiters[opening.end].token, -1)


def _nested(state: StateInline) -> Iterator[Sequence[Delimiter]]:
    for meta in state.tokens_meta:
        if meta and "delimiters" in meta:
            yield meta["delimiters"]


def _turn(state: StateInline, at: int, nesting: int) -> None:
    token = state.tokens[at]
    token.type = "mark_open" if nesting == 1 else "mark_close"
    token.tag, token.markup, token.content = "mark", _SIGN, ""
    token.nesting = 1 if nesting == 1 else -1
