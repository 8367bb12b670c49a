"""The parser, put together from what a text needs: a rule is there only when its sign stands in the source.

Most texts have no formula, no table, no footnote; without those rules they are read a good deal faster.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from content.markdown.callout import callouts
from content.markdown.chinese import emphasis, softbreak
from content.markdown.embed import embed, embeds
from content.markdown.fence import fence
from content.markdown.figures import figures_plugin, videos_plugin
from content.markdown.formula import formula_plugin
from content.markdown.headings import mark_headings
from content.markdown.mark import mark_plugin
from content.markdown.nesting import bound_nesting
from content.markdown.page import KEY
from content.markdown.raw import show_unclosed
from content.markdown.tasks import tasks_plugin
from content.markdown.wiki import wiki_plugin

# What is switched on, by the signs of which one must stand in the text.
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tables", ("|",)),
    ("strikes", ("~~",)),
    ("footnotes", ("[^", "^[")),
    ("tasks", ("[ ]", "[x]", "[X]")),
    ("formulas", ("$",)),
    ("wiki", ("[[",)),  # a picture among them is one of the figures
    ("callouts", ("[!",)),
    ("marks", ("==",)),
    ("definitions", ("\n:", "\n :", "\n  :", "\n   :")),
    ("figures", ("![",)),
    ("videos", ("tencent:",)),
)


def parser_for(source: str) -> MarkdownIt:
    """A parser that knows all that ``source`` can contain. Safe to share between threads."""
    return _parser(tuple(name for name, signs in _SIGNS if any(sign in source for sign in signs)))


def block_tokens(source: str) -> list[Token]:
    """The block structure alone, quickly: enough to know what a line belongs to."""
    tokens: list[Token] = []
    parser = parser_for(source)
    parser.block.parse(source, parser, {}, tokens)
    return tokens


@lru_cache(maxsize=512)
def _parser(features: tuple[str, ...]) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True})
    parser.inline.ruler.at("emphasis", emphasis)
    parser.core.ruler.at("inline", _inline)
    parser.core.ruler.after("inline", "unclosed", show_unclosed)
    parser.core.ruler.after("unclosed", "nesting", bound_nesting)
    for feature in features:
        _add(parser, feature)
    parser.core.ruler.push("headings", mark_headings)
    parser.add_render_rule("fence", fence)
    parser.add_render_rule("code_block", fence)
    parser.add_render_rule("softbreak", softbreak)
    return parser


def _add(parser: MarkdownIt, feature: str) -> None:
    match feature:
        case "tables":
            parser.enable("table").core.ruler.push("cells", _align_by_class)
        case "strikes":
            parser.enable("strikethrough")
        case "callouts":
            parser.core.ruler.before("inline", "callouts", callouts)
        case "wiki":
            parser.use(wiki_plugin).core.ruler.before("inline", "embeds", embeds)
            parser.add_render_rule("embed", embed)
        case _:
            parser.use(_PLUGINS[feature])


_PLUGINS: dict[str, Callable[[MarkdownIt], None]] = {
    "footnotes": footnote_plugin,
    "tasks": tasks_plugin,
    "formulas": formula_plugin,
    "marks": mark_plugin,
    "definitions": deflist_plugin,
    "figures": figures_plugin,
    "videos": videos_plugin,
}


def _inline(state: StateCore) -> None:
    """markdown-it's rule of the same name, which also remembers the line for what is found within it."""
    page = state.env.get(KEY)
    for token in state.tokens:
        if page is not None and token.map:
            page.line = token.map[0]
        if token.type == "inline":
            token.children = token.children or []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _align_by_class(state: StateCore) -> None:
    """A style attribute would need a looser Content-Security-Policy."""
    for token in state.tokens:
        style = token.attrGet("style") if token.type in ("td_open", "th_open") else None
        if style:
            token.attrs = {"class": f"align-{str(style).rpartition(':')[2]}"}
