"""`> [!tip] title`: GitHub's and Obsidian's callouts; `[!tip]-` is folded, `[!tip]+` can be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from content.markdown.labels import CALLOUTS
from content.markdown.page import Page, page_of
from content.markdown.quiz import QUIZ, write_quiz
from content.problem import did_you_mean

_HEAD = re.compile(r"\[!([\w-]{1,30})(?:\|([^\]\n]{0,60}))?\]([+-]?)[ \t]*([^\n]*)(?:\n|$)")


@dataclass(frozen=True)
class Head:
    """The first line of a callout."""

    kind: str
    note: str
    fold: str
    title: str
    line: int


def callouts(state: StateCore) -> None:
    """Turns block quotes that begin with a kind into callouts, innermost last."""
    if "page" not in state.env:
        return
    page, tokens, at = page_of(state.env), state.tokens, 0
    while at < len(tokens):
        head = _head(tokens, at)
        if head is not None:
            end = _closing(tokens, at)
            inside = _without_head(tokens[at + 1 : end])
            if head.kind == QUIZ:
                tokens[at : end + 1] = write_quiz(inside, head.title, head.note, head.line, page)
            else:
                tokens[at : end + 1] = _callout(tokens[at], inside, tokens[end], head, page)
        at += 1


def _head(tokens: list[Token], at: int) -> Head | None:
    if tokens[at].type != "blockquote_open" or at + 2 >= len(tokens) or tokens[at + 2].type != "inline":
        return None
    match = _HEAD.match(tokens[at + 2].content)
    line = tokens[at].map
    if match is None:
        return None
    return Head(match[1].lower(), match[2] or "", match[3], match[4].strip(), line[0] if line else 0)


def _closing(tokens: list[Token], at: int) -> int:
    depth = 0
    for end in range(at, len(tokens)):
        depth += tokens[end].nesting if tokens[end].type.startswith("blockquote") else 0
        if depth == 0:
            return end
    return len(tokens) - 1


def _without_head(inside: list[Token]) -> list[Token]:
    """The content without its first line; a paragraph that was only that line goes."""
    first = inside[1]
    first.content = _HEAD.sub("", first.content, count=1)
    if not first.content.strip():
        return inside[3:]
    if first.map:
        first.map = [first.map[0] + 1, first.map[1]]
    return inside


def _callout(opening: Token, inside: list[Token], closing: Token, head: Head, page: Page) -> list[Token]:
    family, title = _look(head, page)
    is_folding = head.fold != ""
    opening.tag = closing.tag = "details" if is_folding else "aside"
    opening.attrs = {"class": f"callout callout-{family}"}
    if not is_folding:
        opening.attrSet("role", "note")
    elif head.fold == "+":
        opening.attrSet("open", "")
    return [opening, *_title(title, "summary" if is_folding else "p", head.line), *inside, closing]


def _look(head: Head, page: Page) -> tuple[str, str]:
    if head.kind not in CALLOUTS:
        hint = did_you_mean(head.kind, [*CALLOUTS, QUIZ]) or "常用的有 note、tip、important、warning、caution"
        page.warning(head.line, f"不认识的提示框 [!{head.kind}]，当作 note 显示", hint)
    family, name = CALLOUTS.get(head.kind, CALLOUTS["note"])
    return family, head.title or name


def _title(words: str, tag: str, line: int) -> list[Token]:
    opening = Token("callout_title_open", tag, 1)
    opening.attrs, opening.block = {"class": "callout-title"}, True
    inline = Token("inline", "", 0)
    inline.content, inline.children, inline.map = words, [], [line, line + 1]
    closing = Token("callout_title_close", tag, -1)
    closing.block = True
    return [opening, inline, closing]
