"""Tags with arguments inside of Markdown, as Hugo, Hexo and GitBook have them, put into Markdown.

A tag that has an end takes what stands between as its ``inner``; one without stands alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from content.importing.passages import Code

_ARGUMENT = re.compile(
    r"""(?:(?P<key>[\w.-]+)\s*[=:]\s*)?(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|`(?P<raw>[^`]*)`|(?P<bare>[^\s"'`]+))"""
)


@dataclass(frozen=True)
class Tag:
    """One tag: its name, what follows it, and what stands between it and its end (None: it has none)."""

    name: str
    written: str
    words: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    inner: str | None = None

    def get(self, *keys: str, at: int | None = None) -> str:
        """A named argument, else the one at this place; "" when there is none."""
        named = next((self.named[key] for key in keys if key in self.named), None)
        if named is not None:
            return named
        return self.words[at] if at is not None and at < len(self.words) else ""


@dataclass(frozen=True)
class Grammar:
    """``pattern`` finds a tag, with the groups name, rest and, for an end, end (`/` or another text).

    Between a tag named in ``verbatim`` and its end nothing is a tag; ``named``: arguments may have names.
    """

    pattern: re.Pattern[str]
    named: bool = True
    verbatim: frozenset[str] = frozenset()


Put = Callable[[Tag], str]


@dataclass
class _Open:
    tag: Tag | None
    parts: list[str] = field(default_factory=list)


def put_into_markdown(text: str, grammar: Grammar, put: Put) -> str:
    """The text with each tag outside of code replaced by what ``put`` makes of it, inner ones first."""
    if not grammar.pattern.search(text):
        return text
    code, at = Code(text, indented=False), 0
    stack, names = [_Open(None)], Counter[str]()
    for found in grammar.pattern.finditer(text):
        if code.holds(found.start()) or _is_text(found, stack[-1].tag, names, grammar):
            continue
        stack[-1].parts.append(text[at : found.start()])
        at = found.end()
        if found["end"]:
            _close(found["name"], found[0], stack, names, put)
        else:
            stack.append(_Open(_tag(found, grammar)))
            names[found["name"]] += 1
    stack[-1].parts.append(text[at:])
    while len(stack) > 1:
        _let_stand_alone(stack, names, put)
    return "".join(stack[0].parts)


def _is_text(found: re.Match[str], within: Tag | None, names: Counter[str], grammar: Grammar) -> bool:
    verbatim = within is not None and within.name in grammar.verbatim and names[within.name] > 0
    return verbatim and within is not None and not (found["end"] and found["name"] == within.name)


def _close(name: str, written: str, stack: list[_Open], names: Counter[str], put: Put) -> None:
    if not names[name]:
        stack[-1].parts.append(put(Tag(f"/{name}", written)))
        return
    while (top := stack[-1].tag) is not None and top.name != name:
        _let_stand_alone(stack, names, put)
    names[name] -= 1
    closed = stack.pop()
    if closed.tag is not None:
        tag = closed.tag
        whole = Tag(tag.name, tag.written, tag.words, tag.named, "".join(closed.parts))
        stack[-1].parts.append(put(whole))


def _let_stand_alone(stack: list[_Open], names: Counter[str], put: Put) -> None:
    alone = stack.pop()
    if alone.tag is not None:
        names[alone.tag.name] -= 1
        stack[-1].parts.append(put(alone.tag))
    stack[-1].parts += alone.parts


def _tag(found: re.Match[str], grammar: Grammar) -> Tag:
    words, named = [], {}
    for argument in _ARGUMENT.finditer(found["rest"].strip().removesuffix("/")):
        value = next(
            (argument[kind] for kind in ("double", "single", "raw", "bare") if argument[kind] is not None), ""
        )
        if argument["double"] is not None:
            value = value.replace('\\"', '"').replace("\\\\", "\\")
        if argument["key"] and grammar.named:
            named[argument["key"].lower()] = value
        else:
            # `https://…` reads like a key and its value.
            words.append(argument[0] if argument["key"] else value)
    return Tag(found["name"], found[0], tuple(words), named)
