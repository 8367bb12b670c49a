"""`![[lesson]]` and `![[lesson#heading]]` alone in a paragraph: that lesson's text, shown here.

What is embedded keeps the stricter of two visibilities. A text that everyone reads takes in only what
everyone may read of the other one, and says where the rest stands; only a paid part takes in paid text, and
only of a lesson that is open to its readers by then.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from content.markdown import labels
from content.markdown.page import MAX_EMBEDS, Page, page_of
from content.markdown.texts import Text
from content.markdown.wiki import HINT, WIKI
from content.problem import Findings

MAX_DEPTH = 3
MAX_EMBEDDED_CHARS = 400_000


def embeds(state: StateCore) -> None:
    """Marks the paragraphs that are nothing but an embedded lesson."""
    if "page" not in state.env:
        return
    page = page_of(state.env)
    for at, token in enumerate(state.tokens):
        match = WIKI.fullmatch(token.content.strip()) if token.type == "inline" else None
        if match is None or not match[1] or page.links.file_named(match[2].strip()):
            continue
        if state.tokens[at - 1].type == "paragraph_open":
            _mark(state.tokens, at, match[2].strip())


def _mark(tokens: list[Token], at: int, name: str) -> None:
    tokens[at - 1].hidden = tokens[at + 1].hidden = True
    tokens[at].type, tokens[at].content, tokens[at].children = "embed", "", []
    tokens[at].meta["name"] = name


def embed(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    """The renderer's rule."""
    token, page = tokens[at], page_of(env)
    html = embedded(page, token.meta["name"], token.map[0] if token.map else 0)
    return page.keep(html) if html else ""


def embedded(page: Page, name: str, line: int) -> str:
    """The HTML of what is embedded; empty, with a finding, when it cannot be."""
    wanted, _, heading = name.partition("#")
    text = page.texts.find(wanted, page.links.base) if wanted.strip() else page.texts.at(page.path)
    if text is None:
        page.error(line, "嵌入的课时或图片不存在", page.texts.nearest(wanted) or HINT)
        return ""
    if not _may_go_on(page, text, line):
        return ""
    page.embedded.append(text.path)
    return _section(page, text, heading, line) if heading else _whole(page, text, line)


def _may_go_on(page: Page, text: Text, line: int) -> bool:
    if text.path in (page.path, *page.inside):
        page.host_error(line, "嵌入绕了一圈，又回到了已经在里面的一课", "改成链接：去掉前面的感叹号")
    elif len(page.inside) >= MAX_DEPTH:
        page.host_error(line, f"嵌入套得太深，最多 {MAX_DEPTH} 层", "改成链接：去掉前面的感叹号")
    elif len(page.embedded) >= MAX_EMBEDS:
        page.host_error(line, f"嵌入太多，一课里最多 {MAX_EMBEDS} 处", "改成链接：去掉前面的感叹号")
    else:
        return True
    return False


def _whole(page: Page, text: Text, line: int) -> str:
    if not _is_open(page, text):
        return _not_yet(page, text, line)
    shown = _shown(page, text, text.free, line)
    if text.paid is None:
        return shown
    if _may_show_paid(page, text):
        return shown + _shown(page, text, text.paid, line)
    message = (
        "嵌入的课时有付费部分，这里不显示" if text.free.strip() else "嵌入的课时是付费的，这里只放一个链接"
    )
    page.warning(line, message, "要整段显示，就嵌入在付费部分里，且不早于那一课开放")
    return shown + _locked(page, text, labels.EMBED_MORE if text.free.strip() else labels.EMBED_LOCKED)


def _section(page: Page, text: Text, heading: str, line: int) -> str:
    section = text.section(heading)
    if section is None:
        page.error(line, "嵌入的标题不存在", text.nearest_heading(heading) or "检查 # 后面的标题")
        return ""
    if not _is_open(page, text):
        return _not_yet(page, text, line)
    if section.paid and not _may_show_paid(page, text):
        page.warning(
            line, "嵌入的一节是付费的，这里只放一个链接", "要显示它，就嵌入在付费部分里，且不早于那一课开放"
        )
        return _locked(page, text, labels.EMBED_LOCKED)
    return _shown(page, text, section.source, line)


def _not_yet(page: Page, text: Text, line: int) -> str:
    page.warning(line, "嵌入的课时比这里开放得晚，这里只放一个链接", "改 publishDate，或换一个地方嵌入")
    return _locked(page, text, labels.EMBED_LATER)


def _is_open(page: Page, text: Text) -> bool:
    """Whether whoever may read this text may read some of that one by then."""
    return all(text.opens_no_later_than(page.texts.at(path)) for path in (page.path, *page.inside))


def _may_show_paid(page: Page, text: Text) -> bool:
    """Only to readers who have paid, and for whom that part is open no later than this one."""
    readers = [page.texts.at(path) for path in (page.path, *page.inside)]
    soonest = min((reader.opens_after_days if reader else 0 for reader in readers), default=0)
    return page.paid and _is_open(page, text) and text.opens_after_days <= soonest


def _shown(page: Page, text: Text, source: str, line: int) -> str:
    if not source.strip():
        return ""
    links = replace(
        page.links, base=posixpath.dirname(text.path), here=_address(page, text), missing=[], broken=[]
    )
    # What is wrong in that text is said where it stands; a circle is said here.
    inner = replace(
        page, links=links, path=text.path, findings=Findings(""), first_line=1, line=0, made=[],
        inside=(page.path, *page.inside), host=(page, line),
    )  # fmt: skip
    html = page.render(source, inner)
    return f'<div class="embed">{html}{_origin(page, text)}</div>' if html else ""


def _origin(page: Page, text: Text) -> str:
    link = f'<a href="{escape(_address(page, text))}">{escape(text.title)}</a>'
    return f'<p class="embed-from">{labels.EMBED_FROM} {link}</p>'


def _locked(page: Page, text: Text, sentence: str) -> str:
    words = escape(sentence.format(title=text.title))
    return f'<p class="embed-locked"><a href="{escape(_address(page, text))}">{words}</a></p>'


def _address(page: Page, text: Text) -> str:
    return f"/courses/{page.links.course_slug}/{text.slug}"
