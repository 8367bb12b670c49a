"""The head of a file in one of Hugo's three ways: YAML between `---`, TOML between `+++`, or JSON."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from content.frontmatter import MAX_CHARS, FrontMatter, FrontMatterError, Value, read_front_matter

_TOML_KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*(?:\.[^=]*)?=""")
_TOML_TABLE = re.compile(r"\s*\[{1,2}\s*[\"']?([\w-]+)")
_TOML_PLACE = re.compile(r"at line (\d+)")
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LONG_TEXT = re.compile(r'"""|' + "'''")
_TOML_HINT = '一行一个“键 = 值”，文字加英文引号：title = "第一课"'
_JSON_HINT = '写成 {"title": "第一课"} 这样，键和文字都用英文双引号，两项之间用英文逗号'


def read_head(text: str) -> FrontMatter:
    """Splits a file's text (lines ended by \\n) into its head and what stands below.

    Raises FrontMatterError.
    """
    front = _read(text)
    _refuse_unseen(front.values)
    return front


def _read(text: str) -> FrontMatter:
    first = text.partition("\n")[0].strip()
    if first == "+++":
        return _toml(text)
    return _json(text) if first.startswith("{") else read_front_matter(text)


def _refuse_unseen(values: Mapping[str, Value]) -> None:
    """What no store takes and nobody means can be written out in all three: `\\0`, `\\u0007`, half a pair."""
    for key, value in values.items():
        if any(map(UNSEEN.search, (key, value.text, *(value.items or ())))):
            name = UNSEEN.sub("", key)
            raise FrontMatterError(
                value.line, f"{name} 里有看不见的控制字符", "删掉反斜杠写出来的那个字符，例如 \\0"
            )


def _toml(text: str) -> FrontMatter:
    lines = text.split("\n")
    end = next((at for at, line in enumerate(lines[1:], start=1) if line.rstrip() == "+++"), None)
    if end is None:
        raise FrontMatterError(1, "文件头没有收尾", "在正文之前补一行 +++")
    block = lines[1:end]
    _refuse_long("\n".join(block))
    try:
        read = tomllib.loads("\n".join(block))
    except tomllib.TOMLDecodeError as error:
        raise _toml_fault(str(error), block) from error
    except RecursionError as error:
        raise FrontMatterError(1, "文件头嵌套太深", "文件头只需要“键 = 值”和简单的列表") from error
    except ValueError as error:
        raise FrontMatterError(1, "文件头里有一个数字太长", "改短它，或给它加上引号") from error
    places = dict(reversed(list(_toml_places(block))))
    values = {key: _value(value, places.get(key, 1)) for key, value in read.items()}
    return FrontMatter(values, "\n".join(lines[end + 1 :]), end + 2, "toml")


def _toml_places(block: list[str]) -> Iterator[tuple[str, int]]:
    """The keys above the first table, and the tables, with their lines in the file."""
    in_table, inside = False, ""
    for number, line in enumerate(block, start=2):
        if not inside:
            found = _TOML_TABLE.match(line)
            if found:
                in_table = True
                yield found[1], number
            elif not in_table and (key := _TOML_KEY.match(line)):
                yield next(filter(None, key.groups())), number
        for sign in _LONG_TEXT.findall(line):
            inside = "" if sign == inside else inside or sign


def _toml_fault(told: str, block: list[str]) -> FrontMatterError:
    place = _TOML_PLACE.search(told)
    at = min(int(place[1]), len(block)) if place else max(len(block), 1)
    line = block[at - 1] if block else ""
    if "overwrite" in told:
        return FrontMatterError(at + 1, "这个键写了两次", "留下一行，删掉另一行")
    if re.match(r"\s*[\w-]+\s*[:：]", line):
        return FrontMatterError(at + 1, "TOML 的键后面是等号，不是冒号", _TOML_HINT)
    return FrontMatterError(at + 1, "文件头的这一行读不懂", _TOML_HINT)


def _json(text: str) -> FrontMatter:
    try:
        read, end = json.JSONDecoder(object_pairs_hook=_once).raw_decode(text.lstrip())
    except json.JSONDecodeError as error:
        raise FrontMatterError(error.lineno, "文件头的 JSON 读不懂", _JSON_HINT) from error
    except RecursionError as error:
        raise FrontMatterError(1, "文件头嵌套太深", _JSON_HINT) from error
    except ValueError as error:
        raise FrontMatterError(1, "文件头里有一个数字太长", "改短它，或给它加上引号") from error
    end += len(text) - len(text.lstrip())
    block = text[:end]
    _refuse_long(block)
    rest, _, body = text[end:].partition("\n")
    if rest.strip():
        raise FrontMatterError(block.count("\n") + 1, "文件头的 } 后面还有文字", "正文从下一行开始写")
    values = {key: _value(value, _json_line(key, block)) for key, value in read.items()}
    return FrontMatter(values, body, block.count("\n") + 2, "json")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise FrontMatterError(1, "文件头的 JSON 里有一个键写了两次", "留下一个，删掉另一个")
    return read


def _json_line(key: str, block: str) -> int:
    at = block.find(json.dumps(key, ensure_ascii=False))
    return block.count("\n", 0, at) + 1 if at >= 0 else 1


def _refuse_long(block: str) -> None:
    if len(block) > MAX_CHARS:
        raise FrontMatterError(1, "文件头太长了", f"文件头最多 {MAX_CHARS} 个字符，正文写在它下面")


def _value(read: Any, line: int) -> Value:
    """What TOML and JSON know the kind of, as YAML's are kept: the text, and the kind beside it."""
    if isinstance(read, Mapping):
        return Value(line, "map")
    if isinstance(read, list):
        scalars = not any(isinstance(item, list | Mapping) for item in read)
        return Value(line, "seq", items=tuple(map(_text, read)) if scalars else None)
    return Value(line, _kind(read), _text(read), quoted=isinstance(read, str))


def _kind(read: Any) -> str:
    if read is None:
        return "null"
    # A bool is an int, and a datetime is a date.
    kinds = ((bool, "bool"), (int, "int"), (float, "float"), (date, "timestamp"))
    return next((kind for type_, kind in kinds if isinstance(read, type_)), "str")


def _text(read: Any) -> str:
    if read is None:
        return ""
    if isinstance(read, bool):
        return str(read).lower()
    return read.isoformat(sep=" ") if isinstance(read, datetime) else str(read)
