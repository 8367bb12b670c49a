"""Why a file's YAML cannot be read, in the creator's words instead of the parser's.

The parser stops where it is at its wits' end; the slip is often lines above, so the line is looked for too.
Its phrases are matched in parts that libyaml's parser and the one in Python have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

KEY_VALUE_HINT = "一行一个“键: 值”，键顶格写，冒号用英文的，后面留一个空格；含特殊符号的值加引号"
QUOTES = ("'", '"')

Cause = tuple[int, str, str]
"""The line inside of the block, from 0; what is wrong; how to mend it."""

_TAB = ("这里用了 Tab", "缩进用空格，不要用 Tab")
_OPEN_QUOTE = ("这里的引号没有关上", "在值的末尾补上同样的引号")
_BAD_STARTS = ("alias", "anchor", "tag", "directive", "start any token", "node content")
# What it was at, where it stopped, whether it began there or stopped there, what to say.
_PHRASES = (
    ("quoted scalar", "end of stream", True, _OPEN_QUOTE),
    ("flow sequence", "", True, ("方括号没有成对", "写成 [爬虫, Python] 这样，括号和逗号都用英文的")),
    ("flow mapping", "", True, ("花括号没有成对", "值以 { 开头时，整个值加引号")),
    ("block scalar", "line break", True, ("> 或 | 后面要换行", "值以 > 或 | 开头时，整个值加引号")),
    ("", "escape", False, ("双引号里的反斜杠读不懂", "换成单引号，或者把 \\ 写成 \\\\")),
    ("", "tab character", False, _TAB),
)


def cause_of(error: yaml.MarkedYAMLError, block: str, loader: Any) -> Cause:
    """What is wrong with ``block``, which ``loader`` refused with ``error``."""
    lines = block.split("\n")
    stopped, problem = _place(error.problem_mark or error.context_mark, lines), str(error.problem)
    began, context = _place(error.context_mark or error.problem_mark, lines), str(error.context)
    for during, found, at_begin, words in _PHRASES:
        if during in context and found in problem:
            return (began if at_begin else stopped)[0], *words
    if "expected ':'" in problem:
        return began[0], *_no_pair(lines[began[0]])
    if "mapping values" in problem:
        # A first key with a Chinese colon reads as text that goes on in the next line.
        before = max(stopped[0] - 1, 0)
        line = before if "：" in lines[before] and ": " not in lines[before] else stopped[0]
        return line, *_no_pair(lines[line])
    if any(word in f"{context} {problem}" for word in _BAD_STARTS):
        place = stopped if "scanning for" in context or "node" in context else began
        return place[0], *_bad_start(_letter(place, lines))
    return _structure(stopped[0], block, loader)


def _place(mark: Any, lines: list[str]) -> tuple[int, int]:
    """Line and column, both from 0 and inside of the block: marks may stand behind its end."""
    return (min(mark.line, len(lines) - 1), mark.column) if mark else (0, 0)


def _letter(place: tuple[int, int], lines: list[str]) -> str:
    line, column = place
    return lines[line][column : column + 1]


def _bad_start(letter: str) -> tuple[str, str]:
    if letter == "\t":
        return _TAB
    return f"这里不能以 {letter} 开头" if letter else "这里缺了一个值", "整个值加上引号"


def _no_pair(line: str) -> tuple[str, str]:
    if ": " in line:
        return "值里有英文冒号，或者这一行多了缩进", '整个值加引号，例如 title: "HTTP: 入门"；键要顶格写'
    if "：" in line:
        return "冒号是中文的", "换成英文冒号，后面留一个空格"
    return "这一行不是“键: 值”", "写成 title: 第一课 这样，冒号用英文的，后面留一个空格"


def _structure(line: int, block: str, loader: Any) -> Cause:
    """The parser met something where a key should be: mostly what is left over of a value in quotes."""
    quoted = next((token for token in reversed(list(_quoted(block, loader))) if _ends_at(token, line)), None)
    if quoted is None:
        return line, "这里的缩进或写法不对", KEY_VALUE_HINT
    if quoted.start_mark.line < line:
        return quoted.start_mark.line, *_OPEN_QUOTE
    return line, "引号外面还有文字", "整个值放进一对引号；里面的引号换成「」或另一种"


def _ends_at(token: Any, line: int) -> bool:
    return bool(token.end_mark.line == line)


def _quoted(block: str, loader: Any) -> Iterator[Any]:
    """The values in quotes, as far as the text can be taken apart at all."""
    try:
        for token in yaml.scan(block, Loader=loader):
            if isinstance(token, yaml.ScalarToken) and token.style in QUOTES:
                yield token
    except yaml.YAMLError:
        return
