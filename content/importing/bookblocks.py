"""GitBook's blocks and mdBook's directives as Markdown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import partial

from content.importing.losses import Losses, shown
from content.importing.pieces import callout, left_out, link
from content.importing.tags import Grammar, Tag, put_into_markdown

Include = Callable[[str], str | None]
"""From an address in a book's text to the text of that file, or None."""

_GRAMMAR = Grammar(re.compile(r"\{%-?\s*(?P<end>end)?(?P<name>[a-zA-Z][\w-]*)(?P<rest>[^\n]*?)\s*-?%\}"))
_DIRECTIVE = re.compile(r"(?<!\\)\{\{\s*#([a-z_]+)\s+([^}\n]*?)\s*\}\}")
_ESCAPED = re.compile(r"\\(\{\{\s*#)")
_ANCHOR = re.compile(r'^(#{1,6} .*?)[ \t]*<a (?:href="[^"]*" )?id="[^"]*">\s*</a>[ \t]*$', re.MULTILINE)
_INFO = re.compile(r"^([ \t>]*(?:`{3,}|~{3,}))([\w+#.-]+)[ \t]*[, {][^`\n]*$", re.MULTILINE)
_ANCHORED = re.compile(r"ANCHOR(?:_END)?:")
_WRAPPERS = frozenset(
    ("code", "tabs", "tab", "stepper", "step", "columns", "column", "content-ref", "updates", "update")
)
_INCLUDES = ("include", "rustdoc_include", "playground", "playpen")


def read_book_blocks(text: str, path: str, raw: str, losses: Losses) -> str:
    """GitBook's `{% … %}`, and the anchors that it writes behind headings."""
    made = put_into_markdown(text, _GRAMMAR, partial(_put, path=path, raw=raw, losses=losses))
    return _ANCHOR.sub(r"\1", made)


def read_book_directives(text: str, path: str, raw: str, losses: Losses, include: Include) -> str:
    """mdBook's `{{#include …}}` filled in, and the attributes behind a fence's language taken off."""

    def fill(found: re.Match[str]) -> str:
        name, words = found[1], found[2]
        if name == "title":
            return ""
        part = _part(words, include) if name in _INCLUDES else None
        if part is None:
            losses.at(path, raw, found[0], f"{shown(found[0])} 没有搬过来", "把那个文件里的内容贴到这里")
            return f"（这里原来是 {posixpath.basename(words.partition(':')[0])}）"
        return part

    return _ESCAPED.sub(r"\1", _INFO.sub(r"\1\2", _DIRECTIVE.sub(fill, text)))


def _part(words: str, include: Include) -> str | None:
    """A file, its lines 2 to 5 (`file:2:5`), or what stands between two anchors (`file:name`)."""
    address, *where = words.split(maxsplit=1)[0].split(":") if words.split() else [""]
    text = include(address)
    if text is None:
        return None
    lines = text.strip("\n").split("\n")
    if where and where[0] and not where[0].isdecimal():
        return _between(lines, where[0])
    numbers = [int(number) if number.isdecimal() else 0 for number in where]
    first = numbers[0] if numbers else 1
    last = numbers[-1] or len(lines) if numbers else len(lines)
    return "\n".join(line for line in lines[max(first - 1, 0) : last] if not _ANCHORED.search(line))


def _between(lines: list[str], anchor: str) -> str | None:
    begin = next(
        (at for at, line in enumerate(lines) if re.search(rf"ANCHOR:\s*{re.escape(anchor)}\s*$", line)), None
    )
    if begin is None:
        return None
    end = next(
        (at for at, line in enumerate(lines) if re.search(rf"ANCHOR_END:\s*{re.escape(anchor)}\s*$", line)),
        len(lines),
    )
    return "\n".join(line for line in lines[begin + 1 : end] if not _ANCHORED.search(line))


def _put(tag: Tag, *, path: str, raw: str, losses: Losses) -> str:
    if tag.name.startswith("/"):
        return ""
    made = _block(tag) if tag.inner is None else _paired(tag, tag.inner)
    if made is not None:
        return made
    what = f"GitBook 的块 {shown(tag.written)} 没有搬过来"
    losses.at(path, raw, tag.written, what, "看看原来的页面，用 Markdown 写出它的内容")
    return f"{left_out(tag.written)}{tag.inner or ''}"


def _block(tag: Tag, words: str = "") -> str | None:
    """A block that leads somewhere; with or without words of its own."""
    address = tag.get("url", "src", "page", at=0)
    if tag.name.lower() not in ("embed", "file", "page-ref", "content-ref") or not address:
        return None
    return link(address, words or tag.get("caption") or address)


def _paired(tag: Tag, inner: str) -> str | None:
    name, text = tag.name.lower(), inner.strip()
    if name == "hint":
        return callout(tag.get("style", at=0), text)
    if name == "tab":
        return f"\n\n**{tag.get('title', at=0)}**\n\n{text}\n\n"
    if name == "raw":
        return inner
    if name in _WRAPPERS and (text or name != "content-ref"):
        title = tag.get("title") if name == "code" else ""
        return f"\n\n`{title}`\n\n{text}\n\n" if title else f"\n\n{text}\n\n"
    return _block(tag, text)


def visible_rust(text: str) -> str:
    """mdBook hides lines of Rust that begin with `# `; here they would be shown, so they go."""
    hidden = re.compile(r"^([ \t]*```rust\b[^\n]*\n)(.*?)(^[ \t]*```)", re.MULTILINE | re.DOTALL)
    shows = re.compile(r"^[ \t]*#(?: .*)?\n", re.MULTILINE)
    return hidden.sub(lambda found: f"{found[1]}{shows.sub('', found[2])}{found[3]}", text)
