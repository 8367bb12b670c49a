"""Hugo's shortcodes as Markdown."""

from __future__ import annotations

import re
from functools import partial

from content.importing.losses import Losses, shown
from content.importing.pieces import (
    PLAYERS,
    callout,
    fence,
    left_out,
    link,
    picture,
    player,
    quoted,
)
from content.importing.tags import Grammar, Tag, put_into_markdown

_GRAMMAR = Grammar(
    re.compile(
        r"\{\{(?P<sign>[<%])(?!/\*)\s*(?P<end>/?)\s*(?P<name>[\w./-]+)(?P<rest>(?:[^\n]|\n(?!\s*\n))*?)\s*[>%]\}\}"
    ),
    verbatim=frozenset(("highlight", "code", "mermaid", "katex", "math")),
)
_SHOWN = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}", re.DOTALL)
_BOXES = frozenset(
    ("admonition", "notice", "callout", "alert", "hint", "tip", "note", "warning", "info", "box")
)
# Layout only: what stands inside is the text.
_WRAPPERS = frozenset(
    ("tabs", "tab", "columns", "column", "center", "rawhtml", "div", "section", "steps", "cards", "tabpane",
     "lead",
     "text", "align")
)  # fmt: skip


def read_shortcodes(text: str, path: str, raw: str, losses: Losses) -> str:
    """The text with its shortcodes as Markdown; what has no like in Markdown is told."""
    made = put_into_markdown(text, _GRAMMAR, partial(_put, path=path, raw=raw, losses=losses))
    return _SHOWN.sub(r"{{\1\2\3}}", made)


def _put(tag: Tag, *, path: str, raw: str, losses: Losses) -> str:
    name = tag.name.lower().rpartition("/")[2]
    if tag.name.startswith("/"):
        return ""
    known = _known(name, tag)
    if known is not None:
        if name in PLAYERS:
            losses.at(
                path, raw, tag.written, f"嵌入的播放器 {name} 变成了链接", "要在页面里播放，改用腾讯视频"
            )
        return known
    what = f"短代码 {shown(tag.written)} 没有搬过来"
    losses.at(path, raw, tag.written, what, "看看原来的页面，用 Markdown 写出它的内容")
    return f"{left_out(tag.written)}{tag.inner or ''}"


def _known(name: str, tag: Tag) -> str | None:
    """Markdown for a shortcode that Hugo or a common theme has; None for another."""
    if name in ("figure", "img", "image", "imgproc"):
        return _figure(tag)
    if name in PLAYERS:
        return player(name, "/".join(tag.words) or tag.get("id", "bvid", "user"))
    if name in ("ref", "relref"):
        return tag.get("path", at=0)
    if tag.inner is None:
        return "" if name in ("toc", "br", "clear", "more") else None
    return _code(name, tag, tag.inner) or _text(name, tag, tag.inner)


def _code(name: str, tag: Tag, inner: str) -> str | None:
    """What is not read as Markdown."""
    if name in ("highlight", "code"):
        return fence(inner, tag.get("lang", "language", at=0))
    if name in ("mermaid", "plantuml", "chart"):
        return fence(inner, name)
    if name in ("katex", "math"):
        return f"$${inner.strip()}$$" if "\n" in inner.strip() else f"${inner.strip()}$"
    return None


def _text(name: str, tag: Tag, inner: str) -> str | None:
    if name in _BOXES:
        kind = tag.get("type", "style", at=0) or name
        return callout(kind if kind.isascii() else name, inner, tag.get("title", at=1))
    if name in ("details", "expand", "collapse", "spoiler"):
        title = tag.get("summary", "title", at=0) or "展开"
        return f"\n\n<details>\n<summary>{title}</summary>\n\n{inner.strip()}\n\n</details>\n\n"
    if name in ("quote", "blockquote"):
        return f"\n\n{quoted(inner.strip())}\n\n"
    if name == "button":
        return link(tag.get("href", "link", "relref", at=0), inner.strip())
    return inner if name in _WRAPPERS else None


def _figure(tag: Tag) -> str:
    source, caption = tag.get("src", at=0), tag.get("caption", "title", at=1)
    return picture(source, tag.get("alt") or caption, caption) if source else ""
