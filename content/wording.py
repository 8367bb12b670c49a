"""Hints show keys as YAML has them; who writes TOML or JSON is shown how it is written there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from content.problem import Problem

_PAIR = re.compile(r"(?<![\w/])([A-Za-z_]+): (\[[^\[\]]*\]|\"[^\"]*\"|[^\s，；（）、。]+)")
_AS_IT_IS = re.compile(r"true|false|[0-9]+|\".*\"", re.DOTALL)
_FORMS: Mapping[str, str] = {"toml": "{} = {}", "json": '"{}": {}'}


def in_their_words(problem: Problem, dialect: str) -> Problem:
    """The problem with its hint in the ``dialect`` of the file's head: yaml, toml or json."""
    form = _FORMS.get(dialect)
    if form is None:
        return problem
    hint = _PAIR.sub(lambda match: form.format(match[1], _quoted(match[2])), problem.hint)
    return replace(problem, hint=hint)


def _quoted(value: str) -> str:
    if value.startswith("["):
        return f"[{', '.join(_quoted(item.strip()) for item in value[1:-1].split(','))}]"
    return value if _AS_IT_IS.fullmatch(value) else f'"{value}"'
