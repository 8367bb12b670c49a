"""Front matter as other tools write it: YAML, TOML or JSON, taken apart without trusting it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import yaml

from content.frontmatter import MAX_CHARS, MAX_DEPTH
from content.moment import SHANGHAI, moment

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_KEY_LINE = re.compile(r"[A-Za-z_][\w-]*:(\s|$)")
_DAY = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_FENCES = {"---": "---", "+++": "+++", ";;;": ";;;"}

Header = Mapping[str, Any]
WHEN = ("publishDate", "published_at", "date", "created")


class UnreadableHeader(Exception):
    """The front matter is there and cannot be read; the message is for the creator."""


def split_header(text: str) -> tuple[Header, str]:
    """The front matter and the text below it; no front matter is an empty one.

    Raises UnreadableHeader.
    """
    lines = text.split("\n")
    opening = lines[0].rstrip()
    if opening == "{":
        return _json_header(text)
    start = 1 if opening in _FENCES else 0
    # Hexo lets the first line of signs away.
    if not start and not _KEY_LINE.match(opening):
        return {}, text
    sign = _FENCES.get(opening, "---")
    end = next((at for at, line in enumerate(lines[start:], start) if line.rstrip() == sign), None)
    if end is None or (not start and not all(_belongs(line) for line in lines[:end])):
        return {}, text
    block = "\n".join(lines[start:end])
    if opening in ("---", "") and not block.strip():
        return {}, "\n".join(lines[end + 1 :])
    return _parsed(block, sign), "\n".join(lines[end + 1 :])


def read_values(block: str, form: str) -> Header:
    """A configuration file's values; ``form`` is yaml, toml or json.

    Raises UnreadableHeader.
    """
    return _parsed(block, {"toml": "+++", "json": ";;;"}.get(form, "---"))


def text_of(header: Header, *keys: str) -> str:
    """The first of these keys that has a text, whatever their case; "" if none has."""
    for key in keys:
        value = _value(header, key)
        if isinstance(value, (str, int, float, date)) and not isinstance(value, bool) and str(value).strip():
            return value.isoformat() if isinstance(value, date) else " ".join(str(value).split())
    return ""


def words_of(header: Header, *keys: str) -> tuple[str, ...]:
    """All words of these keys: lists, nested lists, or a text with commas."""
    return tuple(dict.fromkeys(word for key in keys for word in _words(_value(header, key), 3)))


def flag_of(header: Header, key: str) -> bool | None:
    value = _value(header, key)
    if isinstance(value, bool):
        return value
    return {"true": True, "yes": True, "false": False, "no": False}.get(str(value).lower())


def _value(header: Header, key: str) -> Any:
    return next((value for name, value in header.items() if name.lower() == key.lower()), None)


def _words(value: Any, depth: int) -> list[str]:
    if isinstance(value, list) and depth:
        return [word for item in value for word in _words(item, depth - 1)]
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return [
            word.strip().lstrip("#") for word in re.split("[,，]", str(value)) if word.strip().lstrip("#")
        ]
    return []


def _belongs(line: str) -> bool:
    return not line.strip() or line[0] in " \t-#" or _KEY_LINE.match(line) is not None


def _parsed(block: str, sign: str) -> Header:
    if len(block) > MAX_CHARS:
        raise UnreadableHeader(f"文件头超过 {MAX_CHARS} 个字符")
    try:
        values = _PARSERS[sign](block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableHeader("文件头读不懂") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise UnreadableHeader("文件头不是一行一个“键: 值”")
    return {str(key): value for key, value in values.items()}


def _yaml(block: str) -> Any:
    depth = 0
    for event in yaml.parse(block, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        # A few lines of aliases can unfold into gigabytes.
        if isinstance(event, yaml.AliasEvent) or depth > 2 * MAX_DEPTH:
            raise UnreadableHeader("文件头里有 YAML 的别名，或者嵌套太深")
    return yaml.load(block, Loader=_Loader)  # noqa: S506 - the base loader knows texts, lists and mappings only


def _json_header(text: str) -> tuple[Header, str]:
    try:
        values, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return {}, text
    return (values, text[end:].lstrip("\n")) if isinstance(values, dict) else ({}, text)


def _hexo_json(block: str) -> Any:
    return json.loads(block if block.lstrip().startswith("{") else f"{{{block}}}")


_PARSERS: Mapping[str, Callable[[str], Any]] = {"---": _yaml, "+++": tomllib.loads, ";;;": _hexo_json}


def moment_of(header: Header, *keys: str) -> str:
    """The first of these keys that is a day or a moment, as our own files have it; "" if none is."""
    for key in keys:
        text = _DAY.sub(_two_digits, text_of(header, key)).replace("T", " ")
        if moment(text, SHANGHAI) is not None:
            return text
    return ""


def _two_digits(found: re.Match[str]) -> str:
    """Hexo takes `2024/1/5` as well."""
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
