"""What could not be carried: where it stood in the source, what it was, and what can be done."""

from __future__ import annotations

from content.problem import Findings, Problem
from content.textfile import line_at

MAX_SHOWN_CHARS = 60


class Losses:
    """Collects them, each once; lines are those of the source's files."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self._looked_to: dict[tuple[str, str], int] = {}

    @property
    def problems(self) -> list[Problem]:
        return sorted(self._found, key=lambda problem: (problem.path, problem.line))

    def of(self, path: str, message: str, hint: str, line: int = 1) -> None:
        """Something about a file as a whole, or at a known line."""
        findings = Findings(path)
        findings.warning(line, message, hint)
        self._found.update(dict.fromkeys(findings.problems))

    def at(self, path: str, raw: str, written: str, message: str, hint: str) -> None:
        """Something that stands ``written`` in a file's ``raw`` text; a second one is looked for below."""
        start = self._looked_to.get((path, written), 0)
        place = raw.find(written, start)
        if place >= 0:
            self._looked_to[path, written] = place + max(len(written), 1)
        else:
            place = max(raw.find(written), 0)
        self.of(path, message, hint, line_at(raw, place))


def shown(written: str) -> str:
    """A piece of the source for a message: one line, not too long."""
    line = " ".join(written.split())
    return line if len(line) <= MAX_SHOWN_CHARS else f"{line[: MAX_SHOWN_CHARS - 1]}…"


def comment(written: str) -> str:
    """A piece of the source as a comment in Markdown, which the reader of a page never sees."""
    # Two hyphens would end the comment early, and a shorter text is easier to read around.
    return f"<!-- 没有搬过来：{shown(written).replace('--', '- -').rstrip('-')} -->"
