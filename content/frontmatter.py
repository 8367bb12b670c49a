"""The YAML between the two `---` lines: values with their line numbers, and no surprises of YAML.

Scalars stay the text that was written: `access: 2027-12-31` is not a date object, `title: 2024` is a title.
Anchors' aliases are refused and size and depth are bounded, so a few lines never unfold into gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from content.unreadable import cause_of

MAX_CHARS = 16_384
MAX_DEPTH = 5

# libyaml's loader is some ten times as fast; it is absent where PyYAML was built without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FrontMatterError(Exception):
    """The front matter cannot be read. ``line`` counts from 1 in the file; texts are for the creator."""

    def __init__(self, line: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Value:
    """One value as written. ``kind``: str, int, float, bool, null, timestamp, seq, map (YAML 1.1's guess).

    ``text`` is a scalar's text, ``items`` the texts of a list of scalars (None when it holds anything else).
    ``name`` is its key as it was written.
    """

    line: int
    kind: str
    text: str = ""
    quoted: bool = False
    items: tuple[str, ...] | None = None
    name: str = ""


@dataclass(frozen=True)
class FrontMatter:
    """The values by key, and the text below with the number of its first line.

    ``dialect`` is ``yaml``, ``toml`` or ``json``.
    """

    values: dict[str, Value]
    body: str
    body_line: int
    dialect: str = "yaml"


def read_front_matter(text: str) -> FrontMatter:
    """Splits a file's text (lines ended by \\n) and reads the upper part.

    Raises FrontMatterError.
    """
    lines = text.split("\n")
    end = _closing_line(lines)
    block = "\n".join(lines[1:end])
    if len(block) > MAX_CHARS:
        raise FrontMatterError(1, "文件头太长了", f"文件头最多 {MAX_CHARS} 个字符，正文写在第二个 --- 下面")
    return FrontMatter(_values(block), "\n".join(lines[end + 1 :]), end + 2)


def _closing_line(lines: list[str]) -> int:
    if lines[0].rstrip() != "---":
        raise FrontMatterError(1, "文件开头没有文件头", "第一行写 ---，接着写 title: …，再用一行 --- 收尾")
    for at, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return at
    raise FrontMatterError(1, "文件头没有收尾", "在正文之前补一行 ---")


def _values(block: str) -> dict[str, Value]:
    try:
        _refuse_bombs(block)
        node = yaml.compose(block, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line, message, hint = cause_of(error, block, _Loader)
        raise FrontMatterError(line + 2, f"文件头读不懂：{message}", hint) from error
    except yaml.YAMLError as error:
        line = _line_of_control(block)
        raise FrontMatterError(line, "文件头里有 YAML 不允许的字符", "删掉看不见的控制字符再保存") from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise FrontMatterError(2, "文件头要写成一行一个“键: 值”", "例如 title: 第一课")
    return dict(_pairs(node))


def _line_of_control(block: str) -> int:
    found = yaml.reader.Reader.NON_PRINTABLE.search(block)
    return 2 + (block.count("\n", 0, found.start()) if found else 0)


def _refuse_bombs(block: str) -> None:
    depth = 0
    for event in yaml.parse(block, Loader=_Loader):
        line = event.start_mark.line + 2 if event.start_mark else 2
        if isinstance(event, yaml.AliasEvent):
            raise FrontMatterError(line, "文件头里不能用 YAML 的别名", "以 * 开头的文字请加引号")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise FrontMatterError(line, "文件头嵌套太深", "文件头只需要“键: 值”和简单的列表")


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[str, Value]]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 2
        if not isinstance(key, yaml.ScalarNode):
            raise FrontMatterError(line, "这里的键不是文字", "例如 title: 第一课")
        if key.value in seen:
            raise FrontMatterError(
                line, f"{key.value} 写了两次（第 {seen[key.value]} 行已经有了）", "留下一行，删掉另一行"
            )
        seen[key.value] = line
        yield key.value, _value(value, line)


def _value(node: yaml.Node, line: int) -> Value:
    if isinstance(node, yaml.ScalarNode):
        return Value(line, _kind(node), str(node.value), quoted=node.style in ("'", '"', "|", ">"))
    if isinstance(node, yaml.SequenceNode):
        return Value(line, "seq", items=_items(node))
    return Value(line, "map")


def _items(node: yaml.SequenceNode) -> tuple[str, ...] | None:
    if not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return None
    return tuple(str(item.value) for item in node.value)


def _kind(node: yaml.ScalarNode) -> str:
    return str(node.tag).rpartition(":")[2]
