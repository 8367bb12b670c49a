"""What stands in one file of concepts, checked entry by entry and key by key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from content.concept import KEYS, LIST_KEYS, NAME_KEYS, OwnConcept
from content.fields import normal
from content.head import UNSEEN
from content.problem import Findings, did_you_mean
from content.textfile import line_at
from content.tomllines import Lines, why_unreadable

MAX_CONCEPTS = 500  # in one file
MAX_ITEMS = 60  # of one key
MAX_NAME_CHARS = 40
MAX_NEED_CHARS = 60

_ONE_HAN = re.compile(r"[\u3400-\u9fff]")
_SINGLE = re.compile(r"^[ \t]*\[\s*concepts?\s*\]|^[ \t]*\[\[\s*concepts\s*\]\]", re.MULTILINE)
_HEAD_HINT = "每一条都以 [[concept]] 开头"


def entries(text: str, lines: Lines, findings: Findings) -> list[OwnConcept]:
    """The concepts of a file's text, as far as they are right; what is wrong goes to ``findings``."""
    wrong_heads = list(_SINGLE.finditer(text))
    for head in wrong_heads:
        findings.error(line_at(text, head.end()), f"{head.group().strip()} 的写法不对", _HEAD_HINT)
    if wrong_heads:
        return []
    try:
        return _entries(tomllib.loads(text), lines, findings)
    except tomllib.TOMLDecodeError as error:
        findings.error(*why_unreadable(error, text))
    except RecursionError:
        findings.error(1, "括号套得太深", '列表只有一层：also = ["煲汤", "炖汤"]')
    except ValueError:
        findings.error(1, "有一个数字太长", "删掉它：这里只有文字和列表")
    return []


def _entries(read: Mapping[str, Any], lines: Lines, findings: Findings) -> list[OwnConcept]:
    for key in read:
        if key != "concept":
            hint = "在它上面写一行 [[concept]]" if key in KEYS else _HEAD_HINT
            findings.error(lines.above(key), f"{key} 不在任何一条里", hint)
    listed = read.get("concept", [])
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        findings.error(lines.above("concept"), "concept 的写法不对", _HEAD_HINT)
        return []
    if len(listed) > MAX_CONCEPTS:
        findings.error(1, f"一个文件里有 {len(listed)} 条，最多 {MAX_CONCEPTS} 条", "拆成几个文件")
        return []
    concepts = [_Entry(entry, number, lines, findings).read() for number, entry in enumerate(listed)]
    return [concept for concept in concepts if concept is not None]


@dataclass(frozen=True)
class _Entry:
    """One ``[[concept]]``, asked key by key; what is wrong is noted, and its line with it."""

    values: Mapping[str, Any]
    number: int
    lines: Lines
    findings: Findings

    def read(self) -> OwnConcept | None:
        for key in self.values:
            if key not in KEYS:
                hint = did_you_mean(key, list(KEYS)) or f"这里可以写：{'、'.join(KEYS)}"
                self._error(key, f"不认识的键 {key}", hint)
        name = self._name()
        lists = {key: self._list(key) for key in LIST_KEYS}
        if not lists["needs"] and "needs" not in self.values:
            self.findings.warning(
                self.lines.of(self.number),
                f"「{name}」没有 needs，只有说出名字的人才找得到",
                '补上没学过的人会怎么说：needs = ["喝了暖和的汤怎么炖"]',
            )
        return OwnConcept(name, **lists) if name else None

    def _name(self) -> str:
        value = self.values.get("name")
        if not isinstance(value, str) or not normal(value):
            self._error("name", "缺少 name" if value is None else "name 要写成文字", '例如 name = "煲汤"')
            return ""
        return self._checked("name", normal(value), MAX_NAME_CHARS)

    def _list(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if isinstance(value, str):
            self._error(key, f"{key} 要写成列表", f'加上方括号：{key} = ["{value[:20]}"]')
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._error(key, f"{key} 里只能是文字", f'每一项加英文引号：{key} = ["煲汤", "炖汤"]')
            return ()
        if len(value) > MAX_ITEMS:
            self._error(key, f"{key} 有 {len(value)} 项，最多 {MAX_ITEMS} 项", "留下最常说的")
        most = MAX_NEED_CHARS if key == "needs" else MAX_NAME_CHARS
        items = [normal(item) for item in value]
        if not all(items):
            self._error(key, f"{key} 里有一项是空的", '删掉那一对空的引号 ""')
        return tuple(dict.fromkeys(self._checked(key, item, most) for item in items))

    def _checked(self, key: str, text: str, most: int) -> str:
        if len(text) > most:
            self._error(key, f"{key} 里的「{text[:12]}…」有 {len(text)} 个字，最多 {most} 个字", "写短一些")
        if UNSEEN.search(text):
            self._error(key, f"{key} 里有看不见的控制字符", "删掉反斜杠写出来的那个字符，例如 \\u0000")
        if key in ("name", *NAME_KEYS) and _ONE_HAN.fullmatch(text):
            hint = "写两个字以上的叫法；只有一个字的说法写进 needs"
            self.findings.warning(
                self.lines.of(self.number, key), f"「{text}」只有一个字，不会当成名字找", hint
            )
        return text

    def _error(self, key: str, message: str, hint: str) -> None:
        self.findings.error(self.lines.of(self.number, key), message, hint)
