"""Chinese names in Mermaid: `甲 --> 乙` and `浏览器->>服务器: 请求`.

Mermaid allows any letters in the names of boxes and participants, the library that draws only those of
English. So each such name gets one of those, and keeps its own as what is written on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAME = r"\w*[^\W\x00-\x7f]\w*"  # a word with a letter beyond English in it
_ENCLOSED = re.compile(r'"[^"]*"|\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|\|[^|]*\|')
_BOX = re.compile(
    rf"(?:(?<=^)|(?<=&)|(?<=-->)|(?<=---)|(?<===>)|(?<====)|(?<=\.->)|(?<=-\.-)|(?<=--[ox])|(?<=\|)|(?<=;))"
    rf"(\s*)({_NAME})(?=\s*(?:$|[-=&;<\[({{>@:.~]))"
)
_NO_BOXES = re.compile(
    r"\s*(?:graph|flowchart|subgraph|end|style|classDef|class|click|linkStyle|direction|%%|accTitle|accDescr)\b"
)
_ARROW = r"\s*(?:<<)?-{1,2}(?:>>|>|x|\))\s*[+-]?\s*"
_MESSAGE = re.compile(rf"(\s*)([^\s:;%][^:;%]*?)({_ARROW})([^\s:;][^:;]*?)(\s*:.*|\s*)$")
_NOTE = re.compile(r"(\s*[Nn]ote\s+(?:over|left of|right of)\s+)([^:]+?)(\s*:.*)$")
_ACTS = re.compile(r"(\s*(?:activate|deactivate|destroy)\s+)(.+?)(\s*)$")
_DECLARED = re.compile(r"(\s*(?:create\s+)?(?:participant|actor)\s+)(.+?)(?:\s+as\s+(.+?))?\s*$")


def with_plain_names(source: str, kind: str) -> str:
    """The same drawing with names of English letters, line by line."""
    if source.isascii():
        return source
    if kind in ("graph", "flowchart"):
        return _flow(source)
    return _sequence(source) if kind == "sequenceDiagram" else source


def _flow(source: str) -> str:
    lines = source.split("\n")
    labelled = {name for line in lines for name, has_label in _boxes(line) if has_label}
    plain: dict[str, str] = {}
    return "\n".join(line if _NO_BOXES.match(line) else _flow_line(line, plain, labelled) for line in lines)


def _boxes(line: str) -> Iterator[tuple[str, bool]]:
    hidden = _hide(line)
    for match in _BOX.finditer(hidden):
        yield match[2], hidden[match.end() : match.end() + 1] in ("[", "(", "{", ">", "@")


def _hide(line: str) -> str:
    """The line with what stands in brackets, quotes and labels made blank, at the same length."""
    return _ENCLOSED.sub(lambda match: f"{match[0][0]}{' ' * (len(match[0]) - 2)}{match[0][-1]}", line)


def _flow_line(line: str, plain: dict[str, str], labelled: set[str]) -> str:
    made, at = "", 0
    for match in _BOX.finditer(_hide(line)):
        name, is_new = match[2], match[2] not in plain
        plain.setdefault(name, f"u{len(plain)}n")
        label = f'["{name}"]' if is_new and name not in labelled else ""
        made += line[at : match.start(2)] + plain[name] + label
        at = match.end(2)
    return made + line[at:]


def _sequence(source: str) -> str:
    plain: dict[str, str] = {}
    return "\n".join(part for line in source.split("\n") for part in _sequence_line(line, plain))


def _sequence_line(line: str, plain: dict[str, str]) -> Iterator[str]:
    """The line, behind the declarations of those who appear in it for the first time."""
    declared, message = _DECLARED.match(line), _MESSAGE.match(line)
    known = len(plain)
    if declared:
        name = _plain(declared[2], plain)
        label = declared[3] or declared[2]
        yield line if name == declared[2] else f"{declared[1]}{name} as {label}"
        return
    if _NOTE.match(line):
        made = _NOTE.sub(lambda found: found[1] + _list(found[2], plain) + found[3], line)
    elif _ACTS.match(line):
        made = _ACTS.sub(lambda found: found[1] + _plain(found[2], plain) + found[3], line)
    elif message:
        made = message[1] + _plain(message[2], plain) + message[3] + _plain(message[4], plain) + message[5]
    else:
        made = line
    yield from (f"participant {short} as {name}" for name, short in list(plain.items())[known:])
    yield made


def _list(names: str, plain: dict[str, str]) -> str:
    return ",".join(_plain(name, plain) for name in names.split(","))


def _plain(name: str, plain: dict[str, str]) -> str:
    name = name.strip()
    return name if name.isascii() else plain.setdefault(name, f"u{len(plain)}n")
