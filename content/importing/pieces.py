"""Pieces of Markdown that several readers write."""

from __future__ import annotations

import re

from content.importing.losses import comment

# What other tools call their boxes, in the words that our callouts know.
_CALLOUTS = {
    "note": "note", "info": "info", "primary": "note", "default": "note",
    "secondary": "note", "abstract": "note",
    "tip": "tip", "success": "tip", "hint": "tip", "important": "important", "question": "question",
    "warning": "warning", "warn": "warning", "caution": "warning", "attention": "warning",
    "working": "warning",
    "danger": "danger", "error": "danger", "failure": "danger", "bug": "danger", "example": "example",
    "quote": "quote",
}  # fmt: skip
_LONGEST_TICKS = re.compile("`{3,}")
_PLAYERS = {
    "youtube": ("YouTube", "https://www.youtube.com/watch?v={}"),
    "vimeo": ("Vimeo", "https://vimeo.com/{}"),
    "bilibili": ("哔哩哔哩", "https://www.bilibili.com/video/{}"),
    "gist": ("Gist", "https://gist.github.com/{}"),
    "jsfiddle": ("JSFiddle", "https://jsfiddle.net/{}"),
    "codepen": ("CodePen", "https://codepen.io/{}"),
}
PLAYERS = frozenset(_PLAYERS)


def fence(code: str, language: str = "") -> str:
    """A block of code, fenced by more ticks than stand in it."""
    ticks = max((len(run) for run in _LONGEST_TICKS.findall(code)), default=2) + 1
    mark = "`" * max(ticks, 3)
    return f"\n\n{mark}{language}\n{code.strip(chr(10))}\n{mark}\n\n"


def callout(kind: str, text: str, title: str = "") -> str:
    """A box with a title, as `> [!note]`; kinds that we do not know are notes."""
    head = f"[!{_CALLOUTS.get(kind.lower().strip(), 'note')}] {title}".rstrip()
    return "\n\n" + quoted(f"{head}\n{text.strip()}") + "\n\n"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def picture(address: str, alt: str = "", title: str = "") -> str:
    """An image with its caption; the address is the source's still."""
    caption = ' "{}"'.format(title.replace('"', "”")) if title else ""
    return f"![{in_brackets(alt)}]({bracketed(address)}{caption})"


def link(address: str, text: str) -> str:
    return f"[{in_brackets(text) or in_brackets(address)}]({bracketed(address)})"


def player(name: str, id_: str) -> str:
    """A link to what was played in the page."""
    label, address = _PLAYERS[name]
    return link(address.format(id_), f"在 {label} 打开")


def bracketed(address: str) -> str:
    """An address between the brackets of a link, as Markdown can read it."""
    address = address.strip()
    return f"<{address}>" if re.search(r"[\s()]", address) and "<" not in address else address


def in_brackets(text: str) -> str:
    return " ".join(text.split()).replace("[", "［").replace("]", "］")


def left_out(written: str) -> str:
    """A comment on a line of its own: behind one at the beginning of a line no Markdown is read."""
    return f"\n\n{comment(written)}\n\n"
