"""Where things stand in a TOML file, and why one cannot be read: the parser in Python tells neither well."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

_HEADER = re.compile(r"\s*\[\[\s*concept\s*\]\]")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")
_PLACE = re.compile(r"at line (\d+), column (\d+)")
_OPENS_LIST = re.compile(r"=\s*\[")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_CHINESE_SIGNS = {
    "，": "逗号",
    "“": "引号",
    "”": "引号",
    "「": "引号",
    "＝": "等号",
    "［": "方括号",
    "【": "方括号",
}

_LIST_HINT = '写成 needs = ["第一句", "第二句"]'

Cause = tuple[int, str, str]
"""The line, from 1; what is wrong; how to mend it."""


class Lines:
    """The lines of the entries ``[[concept]]`` of a file and of their keys."""

    def __init__(self, text: str) -> None:
        self._headers: list[int] = []
        self._keys: list[Mapping[str, int]] = []
        above: dict[str, int] = {}
        keys = above
        for number, line in enumerate(text.split("\n"), 1):
            if _HEADER.match(line):
                keys = {}
                self._headers.append(number)
                self._keys.append(keys)
            elif found := _KEY.match(line):
                keys.setdefault(found[1], number)
        self._above: Mapping[str, int] = above

    def of(self, entry: int, key: str = "") -> int:
        """Of a key of the entry with this number (from 0), or of the entry's head."""
        if entry >= len(self._headers):
            return 1
        return self._keys[entry].get(key, self._headers[entry])

    def above(self, key: str) -> int:
        """Of a key that stands above all entries."""
        return self._above.get(key, 1)


def why_unreadable(error: tomllib.TOMLDecodeError, text: str) -> Cause:
    """What is wrong with a file that ``tomllib`` refused, in the creator's words."""
    lines, told = text.split("\n"), str(error)
    place = _PLACE.search(told)
    at, column = (int(place[1]), int(place[2])) if place else (len(lines), 1)
    line = lines[min(at, len(lines)) - 1]
    for sign, name in _CHINESE_SIGNS.items():
        if sign in _QUOTED.sub("", line):
            return at, f"这里的{name}是中文的：{sign}", '换成英文的，例如 also = ["煲汤", "炖汤"]'
    if "Unclosed array" in told:
        return _list_above(lines, at, column), "方括号没有成对，或者两项之间少了逗号", _LIST_HINT
    if "overwrite" in told:
        return at, "同一条里，这个键写了两次", "合成一行，或者在两条之间补一行 [[concept]]"
    if _KEY.match(line):
        return at, "等号后面读不懂", '文字要加英文引号，列表要加方括号：also = ["煲汤", "炖汤"]'
    return at, "这一行读不懂", '一条以 [[concept]] 开头，下面一行一个：name = "煲汤"'


def _list_above(lines: list[str], at: int, column: int) -> int:
    """The line of the list that was open when the parser came to this place, be it the next key."""
    upwards = [(at, lines[at - 1][: column - 1]), *((line, lines[line - 1]) for line in range(at - 1, 0, -1))]
    return next((number for number, line in upwards if _OPENS_LIST.search(line)), at)
