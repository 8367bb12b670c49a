"""`- [ ] to do`, `- [x] done`: GitHub's task lists, each box named by its words.

As mdit-py-plugins has them, but in one walk: that one looks for each item's list through all items before it.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_BOX = re.compile(r"\[([ xX])\][ \t\n\f\r]+")
_LISTS = ("bullet_list", "ordered_list")


def tasks_plugin(parser: MarkdownIt) -> None:
    parser.core.ruler.after("inline", "tasks", _tasks)


def _tasks(state: StateCore) -> None:
    lists: list[Token] = []
    for at, token in enumerate(state.tokens):
        kind, _, side = token.type.rpartition("_")
        if kind in _LISTS and side == "open":
            lists.append(token)
        elif kind in _LISTS:
            lists.pop()
        elif lists and (box := _box(state.tokens, at)):
            _name(token, is_done=box[1] != " ")
            state.tokens[at - 2].attrSet("class", "task-list-item")
            lists[-1].attrSet("class", "contains-task-list")


def _box(tokens: list[Token], at: int) -> re.Match[str] | None:
    """The box that an item begins with."""
    if tokens[at].type != "inline" or tokens[at - 2].type != "list_item_open":
        return None
    return _BOX.match(tokens[at].content) if tokens[at - 1].type == "paragraph_open" else None


def _name(item: Token, *, is_done: bool) -> None:
    words = item.children or []
    if words and words[0].type == "text":
        words[0].content = words[0].content[len("[ ]") :]
    checked = ' checked="checked"' if is_done else ""
    box = f'<input class="task-list-item-checkbox" disabled="disabled"{checked} type="checkbox">'
    item.children = [_html(f"<label>{box}"), *words, _html("</label>")]


def _html(content: str) -> Token:
    token = Token("html_inline", "", 0)
    token.content = content
    return token
