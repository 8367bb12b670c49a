"""Raw HTML that would take what follows with it: `<style>` in a sentence, a comment that is never closed.

To a browser all behind such a tag is its contents, up to the end of the text, and the sanitiser takes it out
as such. A tag that is not closed where it stands is talked about, so it is shown; GitHub shows the same ones.
See https://github.github.com/gfm/#disallowed-raw-html-extension-
"""

from __future__ import annotations

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from content.markdown.page import KEY, Page

_NAMES = "iframe|noembed|noframes|plaintext|script|style|template|textarea|title|xmp"
_TAG = re.compile(rf"<(/?)({_NAMES})\b", re.IGNORECASE)


def show_unclosed(state: StateCore) -> None:
    """A rule behind the one for words within a line."""
    page: Page | None = state.env.get(KEY)
    for token in state.tokens:
        line = token.map[0] if token.map else 0
        if token.type == "inline" and "<" in token.content:
            _in_words(token.children or [], page, line)
        elif token.type == "html_block":
            _in_block(token, page, line)


def _in_words(children: list[Token], page: Page | None, line: int) -> None:
    closed: set[str] = set()
    for child in reversed(children):
        tag = _TAG.match(child.content) if child.type == "html_inline" else None
        if tag is None:
            continue
        if tag[1]:
            closed.add(tag[2].lower())
        elif tag[2].lower() not in closed:
            child.type = "text"
            _tell(page, line, tag[2])


def _in_block(token: Token, page: Page | None, line: int) -> None:
    is_comment = token.content.lstrip().startswith("<!--")
    end = token.content.find("-->") if is_comment else 0
    if end < 0:
        if page is not None:
            page.warning(line, "注释没有收尾，从这里起什么都不会显示", "在注释的末尾补上 -->")
        return
    unclosed = _unclosed(token.content, end)
    for tag in {tag[2].lower(): tag for tag in unclosed}.values():  # the first of each
        _tell(page, line + token.content.count("\n", 0, tag.start()), tag[2])
    starts = {tag.start() for tag in unclosed}
    token.content = _TAG.sub(
        lambda tag: f"{'&lt;' if tag.start() in starts else '<'}{tag[0][1:]}", token.content
    )


def _unclosed(html: str, start: int) -> list[re.Match[str]]:
    """Those behind ``start``, from the last to the first."""
    closed: set[str] = set()
    found = []
    for tag in reversed(list(_TAG.finditer(html, start))):
        if tag[1]:
            closed.add(tag[2].lower())
        elif tag[2].lower() not in closed:
            found.append(tag)
    return found


def _tell(page: Page | None, line: int, name: str) -> None:
    if page is not None:
        page.warning(line, f"<{name}> 没有收尾，当作文字显示", f"说的是这个标签，就写成 `<{name}>`")
