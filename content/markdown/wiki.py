"""`[[lesson]]`, `[[lesson#heading|words]]`, `[[course]]`, `![[picture.png|300]]`: Obsidian's links.

A lesson that stands alone as `![[lesson]]` is embedded (`embed.py`); within a sentence it is a link.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from content.links import ANCHOR_PREFIX
from content.markdown.page import Page, page_of
from content.markdown.sections import sections
from content.markdown.texts import Text
from content.problem import did_you_mean

WIKI = re.compile(r"(!?)\[\[([^\[\]|\n]{1,300})(?:\|([^\[\]\n]{0,300}))?\]\]")
_FOR_MEMBERS = "想让大家都能打开，把那门课的 visibility 改成 unlisted 或 public"
HINT = "检查名字；课时写文件名，例如 [[02-next]]"


@dataclass(frozen=True)
class Target:
    """Where a link leads, and what it says unless the writer says otherwise. No ``url``: nowhere."""

    url: str
    words: str


def wiki_plugin(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("link", "wiki", _wiki)


def _wiki(state: StateInline, silent: bool) -> bool:
    match = WIKI.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        page = page_of(state.env)
        line = page.line + state.src.count("\n", 0, state.pos)
        _write(state, page, line, is_embed=bool(match[1]), name=match[2].strip(), label=match[3])
    state.pos = match.end()
    return True


def _write(
    state: StateInline, page: Page, line: int, *, is_embed: bool, name: str, label: str | None
) -> None:
    file = page.links.file_named(name)
    if file is not None and is_embed:
        _push_picture(state, _relative(file, page), label or "")
        return
    if file is not None:
        _push_link(state, Target(_relative(file, page), posixpath.basename(file)), label)
        return
    target = _find(page, line, name)
    if target:
        _push_link(state, target, label)
    else:
        state.push("text", "", 0).content = (label or name).strip()


def _find(page: Page, line: int, name: str) -> Target | None:
    """A lesson, a heading of this text, or another course; None with a finding."""
    wanted, _, heading = name.partition("#")
    if heading.startswith("^"):
        page.warning(line, "不能链接到一个段落，只能到标题", "把 #^ 后面的部分换成标题")
        heading = ""
    if not wanted.strip():
        return _in_lesson(page, line, page.texts.at(page.path), heading, is_here=True)
    text = page.texts.find(wanted, page.links.base)
    if text is not None:
        return _in_lesson(page, line, text, heading, is_here=False)
    return _course(page, line, wanted.strip(), heading)


def _in_lesson(page: Page, line: int, text: Text | None, heading: str, *, is_here: bool) -> Target | None:
    """``text`` is None on the course's own page, whose headings are no lesson's."""
    if text is None:
        return Target(f"#{quote(heading)}", heading) if heading else None
    section = text.section(heading) if heading else None
    if heading and section is None:
        page.warning(line, "链接指向的标题不存在", text.nearest_heading(heading) or "检查 # 后面的标题")
    address = "" if is_here else f"/courses/{page.links.course_slug}/{text.slug}"
    words = heading.rpartition("#")[2] or text.title
    if section is None:
        return Target(address, words) if address else None
    anchor = section.anchor if is_here else f"{ANCHOR_PREFIX}{section.anchor}"
    return Target(f"{address}#{quote(anchor)}", words)


def _course(page: Page, line: int, name: str, heading: str) -> Target | None:
    course = page.texts.neighbour(name)
    if course is None:
        page.warning(line, "链接指向的课时或课程不存在，页面上只留文字", page.texts.nearest(name) or HINT)
        return None
    if course.draft:
        page.warning(line, "链接指向的课程还是草稿，别人打不开", "等它发布了再链接")
        return None
    if course.for_members:
        page.warning(line, "链接指向的课程只给已有权限的人看，别人打不开", _FOR_MEMBERS)
    address = f"/courses/{course.slug}"
    if not heading:
        return Target(address, course.title)
    headings = sections(course.page, None)
    found = next((one for one in headings if one.words.lower() == heading.strip().lower()), None)
    if found is None:
        hint = did_you_mean(heading, [one.words for one in headings]) or "检查 # 后面的标题"
        page.warning(line, "链接指向的标题不存在", hint)
        return Target(address, course.title)
    return Target(f"{address}#{quote(ANCHOR_PREFIX + found.anchor)}", heading)


def _push_link(state: StateInline, target: Target, label: str | None) -> None:
    state.push("link_open", "a", 1).attrs = {"href": target.url}
    state.push("text", "", 0).content = (label or "").strip() or target.words
    state.push("link_close", "a", -1)


def _push_picture(state: StateInline, url: str, label: str) -> None:
    """As if `![label](url)` had been written; sizes are read from the label like everybody's."""
    token = state.push("image", "img", 0)
    token.attrs = {"src": url, "alt": ""}
    token.content = f"|{label}" if label[:1].isdigit() else label
    text = Token("text", "", 0)
    text.content = token.content
    token.children = [text] if token.content else []


def _relative(path: str, page: Page) -> str:
    return quote(posixpath.relpath(path, page.links.base or "."))
