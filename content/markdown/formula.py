"""`$…$` and `$$…$$`: LaTeX to MathML Core, which browsers draw without a script."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from math_core import LatexError, LatexToMathML
from mdit_py_plugins.dollarmath import dollarmath_plugin

from content.markdown.page import Page, page_of

MAX_CHARS = 2_000

_TAGS = {
    "math", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable",
    "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {
        "accent", "accentunder", "columnspan", "depth", "displaystyle", "height", "largeop", "linethickness",
        "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rspace", "rowspan",
        "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
    },
    "math": {"display"},
}  # fmt: skip
_CLASSES = {tag: {"m-left", "m-right", "m-wide"} for tag in ("mtable", "mtd")}
_cleaner = nh3.Cleaner(tags=_TAGS, attributes=_ATTRIBUTES, allowed_classes=_CLASSES, link_rel=None)

# A style attribute is not let in by our Content-Security-Policy; what alignment it carries becomes a class.
_STYLE = re.compile(r' style="([^"]*)"')
_CLASS_OF_STYLE = (
    ("text-align: left", "m-left"),
    ("text-align: right", "m-right"),
    ("width: 100%", "m-wide"),
)
_TAG_AROUND = {"math_block": "div", "math_inline_double": "span"}  # of a formula that stands by itself
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CAUSES = (
    (re.compile(r"Unknown command"), "有不认识的命令"),
    (re.compile(r"Unknown environment"), "有不认识的环境（\\begin 后面的名字）"),
    (re.compile(r"end of input|closing token|never closed", re.IGNORECASE), "括号没有合上，或命令缺少参数"),
    (re.compile(r'Found "&"'), "& 只能写在矩阵、对齐这样的环境里"),
    (re.compile(r"may only appear|not valid here|cannot be used", re.IGNORECASE), "有的命令不能用在这里"),
)


def formula_plugin(parser: MarkdownIt) -> None:
    """Prices such as $5 and $10 are left alone: a mark beside a digit or a space is no formula's."""
    dollarmath_plugin(parser, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    rule = _rule(parser, "math_inline")
    parser.inline.ruler.at("math_inline", partial(_with_line, rule))
    for name in ("math_inline", "math_inline_double", "math_block"):
        parser.add_render_rule(name, _render)


def _rule(parser: MarkdownIt, name: str) -> Callable[[StateInline, bool], bool]:
    rules = zip(parser.inline.ruler.get_active_rules(), parser.inline.ruler.getRules(""), strict=True)
    return next(rule for other, rule in rules if other == name)


def _with_line(rule: Callable[[StateInline, bool], bool], state: StateInline, silent: bool) -> bool:
    start, before = state.pos, len(state.tokens)
    found = rule(state, silent)
    if found and len(state.tokens) > before:
        state.tokens[-1].meta = {"line": page_of(state.env).line + state.src.count("\n", 0, start)}
    return found


def _render(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    return _shown(page_of(env), tokens[at], tag=_TAG_AROUND.get(tokens[at].type, ""))


def _shown(page: Page, token: Token, tag: str) -> str:
    """The formula, or when it cannot be read its source and a finding."""
    source = token.content.strip()
    line = token.meta.get("line", token.map[0] if token.map else page.line)
    html, fault = mathml(source, is_block=tag != "")
    if fault:
        page.warning(line, f"公式读不懂：{fault}", "照 LaTeX 的写法改；页面上先显示原文")
        return f'<code class="formula">{escape(source)}</code>'
    return page.keep(f'<{tag} class="formula">{html}</{tag}>' if tag else html)


@lru_cache(maxsize=4_096)
def mathml(source: str, *, is_block: bool) -> tuple[str, str]:
    """MathML and an empty text, or an empty text and what is wrong (in the creator's language)."""
    if len(source) > MAX_CHARS:
        return "", f"超过 {MAX_CHARS} 个字符"
    try:
        html = LatexToMathML().convert_with_local_state(source, displaystyle=is_block)
    except LatexError as error:
        return "", _cause(_ANSI.sub("", str(error)))
    return _cleaner.clean(_STYLE.sub(_class_of, html)), ""


def _class_of(style: re.Match[str]) -> str:
    return "".join(f' class="{name}"' for written, name in _CLASS_OF_STYLE if written in style[1])


def _cause(message: str) -> str:
    return next((cause for pattern, cause in _CAUSES if pattern.search(message)), "写法有错")
