"""Tags with arguments inside of Markdown, as Hugo, Hexo and GitBook have them, put into Markdown.

A tag that has an end takes what stands between as its ``inner``; one without stands alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

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


def put_into_markdown(text: str, grammar: Grammar, put: Put) -> str:
    """The text with each tag outside of code replaced by what ``put`` makes of it, inner ones first."""
    found = _tags_of(text, grammar)
    ends = _ends(found)
    open_at, parts, at = list[int](), [list[str]()], 0
    for number, each in enumerate(found):
        parts[-1].append(text[at : each.start()])
        at = each.end()
        if not each["end"] and number in ends:
            open_at.append(number)
            parts.append([])
        elif not each["end"]:
            parts[-1].append(put(_tag(each, grammar)))
        elif open_at and ends[open_at[-1]] == number:
            inner = "".join(parts.pop())
            parts[-1].append(put(replace(_tag(found[open_at.pop()], grammar), inner=inner)))
        else:
            parts[-1].append(put(Tag(f"/{each['name']}", each[0])))
    parts[-1].append(text[at:])
    return "".join(parts[0])


def _tags_of(text: str, grammar: Grammar) -> list[re.Match[str]]:
    """All tags outside of code; between a verbatim one and its end there is none."""
    found = list(grammar.pattern.finditer(text))
    if not found:
        return []
    code, kept, within = Code(text, indented=False), list[re.Match[str]](), ""
    last_end = {each["name"]: each.start() for each in found if each["end"]}
    for each in found:
        name = each["name"]
        if code.holds(each.start()) or (within and not (each["end"] and name == within)):
            continue
        has_end = last_end.get(name, -1) > each.start()
        within = name if not each["end"] and name in grammar.verbatim and has_end else ""
        kept.append(each)
    return kept


def _ends(found: list[re.Match[str]]) -> dict[int, int]:
    """From each tag that has an end to that end, by their numbers; tags left open inside stand alone."""
    ends: dict[int, int] = {}
    stack, names = list[int](), Counter[str]()
    for number, each in enumerate(found):
        if not each["end"]:
            stack.append(number)
            names[each["name"]] += 1
        elif names[each["name"]]:
            while True:
                opened = stack.pop()
                names[found[opened]["name"]] -= 1
                if found[opened]["name"] == each["name"]:
                    ends[opened] = number
                    break
    return ends


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
