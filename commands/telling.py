"""Problems of a creator's files as lines: by file and line, in colour where somebody looks at them."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from content.problem import Problem, Severity

_WORDS: Mapping[Severity, str] = {"error": "错误", "warning": "提醒", "info": "顺便一说"}
_COLOURS: Mapping[Severity, str] = {"error": "31", "warning": "33", "info": "36"}


def tell(problems: Iterable[Problem], root: Path) -> None:
    """Each problem as one line of the error stream, paths as seen from the creators' folder."""
    colour, above = in_colour(sys.stderr), ""
    for problem in in_order(problems):
        if colour and above not in ("", problem.path):
            print(file=sys.stderr)
        above = problem.path
        print(_line(problem, root, colour), file=sys.stderr)


def tell_as_json(problems: Iterable[Problem]) -> None:
    """An object a line: path, line, message, hint, severity."""
    for problem in in_order(problems):
        print(json.dumps(asdict(problem), ensure_ascii=False))


def counted(problems: Sequence[Problem]) -> str:
    """``3 处要看一看（1 处错误、2 处提醒）``."""
    kinds = Counter(problem.severity for problem in problems)
    parts = "、".join(f"{kinds[kind]} 处{word}" for kind, word in _WORDS.items() if kinds[kind])
    return f"{len(problems)} 处要看一看" + (f"（{parts}）" if parts else "")


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.path, problem.line))


def in_colour(stream: TextIO) -> bool:
    """For a terminal, unless its owner wants none: https://no-color.org."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _line(problem: Problem, root: Path, colour: bool) -> str:
    place = f"{problem.path.removeprefix(f'{root}/')}:{problem.line}:"
    word = "" if problem.severity == "error" else f"{_WORDS[problem.severity]}："
    hint = f" → {problem.hint}" if problem.hint else ""
    if not colour:
        return f"{place} {word}{problem.message}{hint}"
    paint = f"\033[{_COLOURS[problem.severity]}m"
    return f"\033[1m{place}\033[0m {paint}{word}{problem.message}\033[0m{hint}"
