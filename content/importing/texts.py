"""One Markdown file of a source as a `Text`: front matter off, its first heading taken as the title."""

from __future__ import annotations

import posixpath
import re

from content.importing.draft import Text
from content.importing.header import UnreadableHeader, flag_of, split_header, text_of
from content.importing.losses import Losses
from content.importing.tree import Tree

MARKDOWN_ENDINGS = (".md", ".markdown")
INDEX_NAMES = frozenset(("_index", "index", "readme"))

_ATX = re.compile(r"\s*#[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*(?:\n|\Z)")
_SETEXT = re.compile(r"\s*([^\n#>`\-*+|\s][^\n]*)\n=+[ \t]*(?:\n|\Z)")
_ATTRIBUTES = re.compile(r"\s*\{#?[^{}]*\}\s*$")
_NUMBER = re.compile(r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,4})[-_. 、]+(?=.)")
_MARKUP = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)|<[^<>]*>|[*`]")

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_NUMBER = re.compile("[零〇一二两三四五六七八九十百]+")


def is_markdown(path: str) -> bool:
    return path.lower().endswith(MARKDOWN_ENDINGS)


def stem_of(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def name_of(path: str) -> str:
    """What a file is called without number or date; an index is called as its folder."""
    stem = stem_of(path)
    if stem.lower() in INDEX_NAMES and posixpath.dirname(path):
        stem = posixpath.basename(posixpath.dirname(path))
    return _NUMBER.sub("", stem, count=1) or stem


def read_markdown(tree: Tree, path: str, losses: Losses) -> Text | None:
    """The text of a file; None with a loss when it cannot be read, and without one when it is empty."""
    raw = tree.text(path)
    if raw is None:
        return None
    try:
        header, body = split_header(raw)
    except UnreadableHeader as error:
        losses.of(path, f"{error}，只搬了正文", "把标题、日期、标签自己补上")
        header, body = {}, _below_fence(raw)
    title, body = titled(text_of(header, "title"), body)
    hidden = flag_of(header, "draft") is True or flag_of(header, "published") is False
    name = text_of(header, "slug") or name_of(path)
    return Text(path, raw, body.strip("\n"), title or plain(name_of(path)), name, header, hidden)


def first_heading(body: str) -> str:
    found = _ATX.match(body) or _SETEXT.match(body)
    return plain(_ATTRIBUTES.sub("", found[1])) if found else ""


def plain(text: str) -> str:
    """A line of Markdown without its marks."""
    return " ".join(_MARKUP.sub(r"\1", text).replace("\\", "").split())


def natural(path: str) -> tuple[tuple[int, str], ...]:
    """Sorts names as people do: 2 before 10, 第二课 before 第十课."""
    pieces = re.split(r"(\d+|[零〇一二两三四五六七八九十百]+)", path.lower())
    return tuple((_number(piece), "") if _is_number(piece) else (1 << 40, piece) for piece in pieces if piece)


def _is_number(piece: str) -> bool:
    return (piece.isdecimal() and len(piece) < 12) or _HAN_NUMBER.fullmatch(piece) is not None


def _number(piece: str) -> int:
    if piece.isdecimal():
        return int(piece)
    total, digit = 0, 0
    for char in piece:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def titled(title: str, body: str) -> tuple[str, str]:
    """The title, and the body without a first heading that says the same."""
    heading = first_heading(body)
    if not heading or (title and _same(heading) != _same(title)):
        return title, body
    found = _ATX.match(body) or _SETEXT.match(body)
    return title or heading, body[found.end() :] if found else body


def _same(title: str) -> str:
    return "".join(title.lower().split())


def _below_fence(raw: str) -> str:
    lines = raw.split("\n")
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == lines[0].rstrip()), 0)
    return "\n".join(lines[end + 1 :]) if end else raw
