"""What many tools have in common beside Markdown: names of headings, boxes of the documentation tools."""

from __future__ import annotations

import re

from content.importing.passages import Code, outside_code
from content.importing.pieces import callout

_HEADING_NAME = re.compile(
    r"^(#{1,6}[ \t][^\n]*?)[ \t]*\{(?:[#.:][^{}\n]*|[\w-]+=[^{}\n]*)\}[ \t]*$", re.MULTILINE
)
_COLONS = re.compile(
    r"^[ \t]*(:{3,})[ \t]*(?:\{?(?P<kind>[a-zA-Z]+)\}?)?[ \t]*(?:\[(?P<in>[^\]\n]*)\]|(?P<title>[^\n]*))$"
)
_MARKS = re.compile(r"^(?:!!!|\?\?\?\+?)[ \t]+(?P<kind>[\w-]+)(?:[ \t]+\"(?P<title>[^\"\n]*)\")?[ \t]*$")
_JEKYLL_LIST = re.compile(r"^\{:[^}\n]*\}[ \t]*$\n?", re.MULTILINE)
_BOXES = frozenset(
    [
        "tip",
        "info",
        "note",
        "warning",
        "danger",
        "caution",
        "important",
        "success",
        "error",
        "question",
        "example",
        "abstract",
        "quote",
        "bug",
        "failure",
        "hint",
        "attention",
        "todo",
        "details",
    ]
)


def read_common(text: str) -> str:
    """Boxes (`:::tip`, `!!! note`) as callouts; names in braces behind headings taken off."""
    text = outside_code(_HEADING_NAME, lambda found: found[1], text)
    text = outside_code(_JEKYLL_LIST, lambda _: "", text)
    return _boxes(text) if ":::" in text or "!!!" in text or "???" in text else text


def _boxes(text: str) -> str:
    code, lines, made, place = Code(text, spans=False), text.split("\n"), list[str](), 0
    at = 0
    while at < len(lines):
        taken = 0 if code.holds(place) else _box(lines, at, made)
        if not taken:
            made.append(lines[at])
        for line in lines[at : at + max(taken, 1)]:
            place += len(line) + 1
        at += max(taken, 1)
    return "\n".join(made)


def _box(lines: list[str], at: int, made: list[str]) -> int:
    """How many lines the box takes that begins here; 0 when none does."""
    marks, colons = _MARKS.match(lines[at]), _COLONS.match(lines[at])
    if marks and marks["kind"].lower() in _BOXES:
        last = _indented(lines, at + 1)
        inner = "\n".join(
            line[4:] if line.startswith("    ") else line.lstrip("\t") for line in lines[at + 1 : last]
        )
        made.append(callout(marks["kind"], inner, marks["title"] or ""))
        return last - at
    if colons and (colons["kind"] or "").lower() in _BOXES:
        end = _closing(lines, at, len(colons[1]))
        if end is None:
            return 0
        inner = _boxes("\n".join(lines[at + 1 : end]))
        made.append(callout(colons["kind"], inner, (colons["in"] or colons["title"] or "").strip()))
        return end - at + 1
    return 0


def _indented(lines: list[str], at: int) -> int:
    last = at
    for number in range(at, len(lines)):
        if lines[number].startswith(("    ", "\t")):
            last = number + 1
        elif lines[number].strip():
            break
    return last


def _closing(lines: list[str], at: int, colons: int) -> int | None:
    """The line that ends a box: as many colons, with inner boxes of as many counted."""
    depth = 0
    for number in range(at + 1, len(lines)):
        found = _COLONS.match(lines[number])
        if not found or len(found[1]) != colons:
            continue
        depth += 1 if found["kind"] else -1
        if depth < 0:
            return number
    return None
