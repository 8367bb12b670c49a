"""Markdown to sanitised HTML, and to plain text for the search.

CommonMark with tables, footnotes, task lists and strikethrough; two habits of Chinese writing are mended:
emphasis beside full-width punctuation, and line breaks between two Chinese characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from content.highlight import SPAN_CLASSES, code_html, highlight_css
from content.links import ANCHOR_PREFIX, Links

__all__ = ["Rendered", "block_tokens", "highlight_css", "render"]

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "del", "details", "div", "em", "figcaption",
    "figure", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "input", "ins", "kbd", "li", "mark",
    "ol", "p", "pre", "s", "section", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title", "id"},
    "abbr": {"title"},
    "details": {"open"},
    "div": {"data-lang"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"checked"},
    "li": {"id"},
    "ol": {"start"},
    "sup": {"id"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
_CLASSES: dict[str, set[str]] = {
    "a": {"footnote-backref"},
    "div": {"highlight"},
    "hr": {"footnotes-sep"},
    "input": {"task-list-item-checkbox"},
    "li": {"task-list-item", "footnote-item"},
    "ol": {"footnotes-list", "contains-task-list"},
    "section": {"footnotes"},
    "span": set(SPAN_CLASSES),
    "sup": {"footnote-ref"},
    "td": {"align-left", "align-center", "align-right"},
    "th": {"align-left", "align-center", "align-right"},
    "ul": {"contains-task-list"},
}
_FORCED: dict[str, dict[str, str]] = {
    "input": {"disabled": ""},
    "img": {"loading": "lazy"},
}
# nh3 puts `rel` on every link; on our own pages it would only mislead crawlers.
_OWN_LINK_REL = re.compile(
    r'(<a(?: [a-z]+="[^"]*")*? href="(?:#|/(?!/))[^"]*"[^>]*?) rel="noopener nofollow"'
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")
_NOT_IN_ANCHOR = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class Rendered:
    """``html`` is sanitised; ``text`` is plain, without code blocks; ``scope`` lets a following part of the
    same file use this part's link definitions and keep its heading anchors apart."""

    html: str
    text: str
    scope: dict[str, Any]

    @property
    def link_labels(self) -> set[str]:
        """Labels of the link definitions in this part, upper case."""
        return set(self.scope.get("references", {}))

    @property
    def footnote_labels(self) -> set[str]:
        """Labels of the footnotes that are defined in this part."""
        refs = self.scope.get("footnotes", {}).get("refs", {})
        return {label.removeprefix(":") for label in refs}


def render(source: str, links: Links, *, after: Rendered | None = None) -> Rendered:
    """Renders one part of a file by itself; nothing of any other part can appear in it.

    ``after`` is the part above it: its definitions may be used below, never the other way round.
    """
    scope = _scope_below(after) if after else {}
    if not source.strip():
        return Rendered("", "", scope)
    tokens = _parser().parse(source, scope)
    html = str(_parser().renderer.render(tokens, _parser().options, scope))
    return Rendered(_sanitise(html, links), " ".join(_plain(tokens)), scope)


def block_tokens(source: str) -> list[Token]:
    """The block structure alone, quickly: enough to know what a line belongs to."""
    tokens: list[Token] = []
    _parser().block.parse(source, _parser(), {}, tokens)
    return tokens


def _scope_below(above: Rendered) -> dict[str, Any]:
    return {
        "docId": "m",
        "references": dict(above.scope.get("references", {})),
        "anchors": set(above.scope.get("anchors", ())),
    }


def _sanitise(html: str, links: Links) -> str:
    def address(tag: str, attribute: str, value: str) -> str | None:
        return links.picture(value) if (tag, attribute) == ("img", "src") else value

    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        tag_attribute_values={"input": {"type": {"checkbox"}}},
        set_tag_attribute_values=_FORCED,
        url_schemes={"http", "https", "mailto"},
        attribute_filter=address,
        url_relative=links.resolve,
        link_rel="noopener nofollow",
        id_prefix=ANCHOR_PREFIX,
    )
    return _OWN_LINK_REL.sub(r"\1", cleaned)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(tasklists_plugin)
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.core.ruler.push("keban_headings", _mark_headings)
    parser.core.ruler.push("keban_cells", _align_by_class)
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("code_block", _fence)
    parser.add_render_rule("softbreak", _softbreak)
    return parser


def _emphasis(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule of the same name, friendly to text without spaces.

    By CommonMark `**注意：**先备份` is not bold, because the closing mark stands between punctuation and a
    letter. Beside a Chinese character punctuation counts as a space here, as in
    https://github.com/tats-u/markdown-cjk-friendly.
    """
    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    start, scanned = state.pos, state.scanDelims(state.pos, marker == "*")
    before, behind = _neighbours(state, start, scanned.length)
    friendly = marker == "*"
    opens = scanned.can_open or (friendly and _is_cjk(before) and not behind.isspace())
    closes = scanned.can_close or (friendly and _is_cjk(behind) and not before.isspace())
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(ord(marker), scanned.length, len(state.tokens) - 1, end=-1, open=opens, close=closes)
        )
    state.pos += scanned.length
    return True


def _neighbours(state: StateInline, start: int, length: int) -> tuple[str, str]:
    end = start + length
    return state.src[start - 1] if start else " ", state.src[end] if end < state.posMax else " "


def _is_cjk(char: str) -> bool:
    return _CJK.fullmatch(char) is not None


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _softbreak(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """A line break in the source is a space between words, and nothing between Chinese characters."""
    before = tokens[at - 1].content[-1:] if at else ""
    behind = tokens[at + 1].content[:1] if at + 1 < len(tokens) else ""
    return "" if before and behind and _is_wide(before) and _is_wide(behind) else "\n"


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    words = tokens[at].info.split(maxsplit=1)
    return code_html(tokens[at].content, words[0] if words else "")


def _mark_headings(state: StateCore) -> None:
    """An anchor for each heading; a first-level one steps down, the page's title is the only h1."""
    taken: set[str] = state.env.setdefault("anchors", set())
    for at, token in enumerate(state.tokens):
        if token.tag == "h1":
            token.tag = "h2"
        if token.type == "heading_open":
            token.attrSet("id", _free_anchor("".join(_plain([state.tokens[at + 1]])), taken))


def _free_anchor(title: str, taken: set[str]) -> str:
    stem = _NOT_IN_ANCHOR.sub("-", title.lower()).strip("-")[:60] or "s"
    anchor, number = stem, 2
    while anchor in taken:
        anchor, number = f"{stem}-{number}", number + 1
    taken.add(anchor)
    return anchor


def _align_by_class(state: StateCore) -> None:
    """A style attribute would need a looser Content-Security-Policy."""
    for token in state.tokens:
        style = token.attrGet("style") if token.type in ("td_open", "th_open") else None
        if style:
            token.attrs = {"class": f"align-{str(style).rpartition(':')[2]}"}


def _plain(tokens: Sequence[Token]) -> Iterator[str]:
    """The words of a token stream; code blocks and raw HTML are left out."""
    for token in tokens:
        if token.type == "inline":
            yield "".join(_inline_text(token.children or []))


def _inline_text(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type in ("text", "code_inline", "text_special"):
            yield child.content
        elif child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.type == "image":
            yield from _inline_text(child.children or [])
