"""What is wrong in a creator's files: where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning", "info"]
MOST_KNOWN = (
    500  # names that are compared with a word: each takes a while, and a text may have many such words
)


@dataclass(frozen=True)
class Problem:
    """One finding. ``line`` counts from 1. An error keeps the course from being published; what is only worth
    knowing is an info."""

    path: str
    line: int
    message: str
    hint: str
    severity: Severity

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: {self.message}"
        return f"{place} → {self.hint}" if self.hint else place


@dataclass
class Findings:
    """Collects problems of one file; lines may be shifted, for a body below its front matter."""

    path: str
    problems: list[Problem] = field(default_factory=list)

    def error(self, line: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.path, line, message, hint, "error"))

    def warning(self, line: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.path, line, message, hint, "warning"))

    def info(self, line: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.path, line, message, hint, "info"))

    def of(self, path: str) -> Findings:
        """The same list of problems, for another file."""
        return Findings(path, self.problems)


def has_errors(problems: list[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def did_you_mean(word: str, known: list[str]) -> str:
    """「是不是想写 …?」 when something close is known, else an empty text."""
    close = get_close_matches(word.lower(), known[:MOST_KNOWN], n=1, cutoff=0.6)
    return f"是不是想写 {close[0]}？" if close else ""
