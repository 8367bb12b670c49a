"""From bytes to fields: the XML of WeChat's messages.

It is read by expat with everything that a document could do to us switched off: no DTD, hence no entities,
nothing fetched, bounded nesting. What is as flat as nearly all messages are is recognised without it, in a
third of the time.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from bot.refusal import Refusal

MAX_BODY_BYTES = 64 * 1024
MAX_DEPTH = 8

Fields = dict[str, Any]  # a child's name to its text, its own Fields, or a list of these

# Children with nothing but text in them, and no sign in it that XML gives a meaning to, changes or forbids.
_TEXT = "[^<&\\]\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff]*"
_GAP = "[ \\t\\r\\n]*"  # white space as XML means it: Python knows more
_CHILD = rf"{_GAP}<([A-Za-z][A-Za-z0-9_]*)>(?:<!\[CDATA\[({_TEXT.replace('<&', '')})\]\]>|({_TEXT}))</\1>"
_CHILDREN = re.compile(_CHILD)
_FLAT = re.compile(rf"<xml>(?:{_CHILD})+{_GAP}</xml>{_GAP}")
# What is typed comes in one order mostly; then no name need be read.
_TYPED = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId")
_NUMBERS = ("CreateTime", "MsgId")
_USUAL = re.compile(
    "<xml>"
    + "".join(
        f"{_GAP}<{name}>([0-9]+)</{name}>"
        if name in _NUMBERS
        else rf"{_GAP}<{name}><!\[CDATA\[({_TEXT.replace('<&', '')})\]\]></{name}>"
        for name in _TYPED
    )
    + f"{_GAP}</xml>{_GAP}"
)


def parse(body: bytes) -> Fields:
    """The children of ``<xml>``. Raises Refusal for what is too large, too deep, or not well-formed."""
    if len(body) > MAX_BODY_BYTES:
        raise Refusal("size", status=413)
    return _flat(body) or _tree(body)


def _flat(body: bytes) -> Fields | None:
    """What `_tree` would give, for a flat document; None for any other."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        return dict(zip(_TYPED, map(str.strip, usual.groups()), strict=True))
    if _FLAT.fullmatch(text) is None:
        return None
    children = _CHILDREN.findall(text)
    fields = {name: (quoted or plain).strip() for name, quoted, plain in children}
    return fields if len(fields) == len(children) else None


def _tree(body: bytes) -> Fields:
    tree = _Tree()
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = tree.start
    parser.CharacterDataHandler = tree.data
    parser.EndElementHandler = tree.end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Refusal("xml", status=400) from error
    fields = tree.root.get("xml")
    if not isinstance(fields, dict):
        raise Refusal("xml", status=400, hint="there is nothing in <xml>")
    return fields


class _Tree:
    """Collects elements; knows nothing of the parser, so the two make no reference cycle."""

    __slots__ = ("_levels", "_text", "root")

    def __init__(self) -> None:
        self.root: Fields = {}
        self._levels = [self.root]
        self._text = ""

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        if len(self._levels) > MAX_DEPTH:
            raise Refusal("nesting", status=400)
        self._levels.append({})
        self._text = ""

    def data(self, text: str) -> None:
        self._text += text

    def end(self, name: str) -> None:
        value = self._levels.pop() or self._text.strip()
        self._text = ""
        parent = self._levels[-1]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]


def _refuse_doctype(*_: object) -> None:
    raise Refusal("doctype", status=400)
