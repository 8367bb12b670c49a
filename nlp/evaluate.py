"""How good is it? Labelled queries in, nDCG@10, MRR@10, Recall@5 and refusals by kind out.

A labelled file has a JSON object a line: {"query": "...", "kind": "...", "relevant": {"course-id": grade}}.
Grades are 1 (helps) to 3 (exactly this). An empty `relevant` means that nothing fits and no is the answer.
`"after": ["...", ...]` may tell the questions before it, the first one first.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log2
from pathlib import Path
from statistics import fmean
from typing import Any

from nlp.bootstrap import Interval, interval

CUT, RECALL_CUT = 10, 5
ALL = "all"
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class BadQueries(ValueError):
    """A labelled file that cannot be used; the message names file, line and fault."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One query and the courses that answer it, with grades; none when it should be refused. `after` are the
    questions before it, the first first."""

    query: str
    kind: str
    relevant: Mapping[str, float]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one query got: ids, best first, and the probability (0 to 1) that the best course helps."""

    found: Sequence[str]
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """One query with what was found, best first, and what that is worth. Refusing rightly counts as 1."""

    labelled: Labelled
    found: tuple[str, ...]
    ndcg: float
    reciprocal_rank: float
    recall: float
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """The means over some queries with their 95 % intervals; `refused` is the share answered with no course:
    wanted where nothing fits, a loss elsewhere."""

    queries: int
    gain: Interval  # nDCG@10
    reciprocal: Interval  # MRR@10
    recalled: Interval  # Recall@5
    refused: float

    @property
    def ndcg(self) -> float:
        return self.gain.mean

    @property
    def mrr(self) -> float:
        return self.reciprocal.mean

    @property
    def recall(self) -> float:
        return self.recalled.mean


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """At one threshold of the probability: which share of the good questions is refused, and which of those
    that nothing fits."""

    threshold: float
    good_refused: float
    offtopic_refused: float


def load(path: Path) -> list[Labelled]:
    """Read a labelled file. Raises BadQueries."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [_labelled(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def run(find: Callable[[str], Sequence[str]], queries: Iterable[Labelled]) -> list[Result]:
    """Ask every query alone; `find` gives ids, best first."""
    return run_in_turn(lambda labelled: Outcome(find(labelled.query)), queries)


def run_in_turn(find: Callable[[Labelled], Outcome], queries: Iterable[Labelled]) -> list[Result]:
    """Ask every query with what was asked before it."""
    return [_judge(labelled, find(labelled)) for labelled in queries]


def by_kind(results: Sequence[Result]) -> dict[str, Figures]:
    """Figures for each kind of query, in order of appearance, and for `all` that have an answer."""
    return {kind: figures(each) for kind, each in kinds(results).items()}


def kinds(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results by kind, in order of appearance, and `all` that have an answer, if any has."""
    by_name: dict[str, list[Result]] = {}
    for result in results:
        by_name.setdefault(result.labelled.kind, []).append(result)
    answerable = [each for each in results if each.labelled.relevant]
    return by_name | ({ALL: answerable} if answerable else {})


def figures(results: Sequence[Result]) -> Figures:
    """The means over these results; at least one is needed."""
    return Figures(
        len(results),
        interval([result.ndcg for result in results]),
        interval([result.reciprocal_rank for result in results]),
        interval([result.recall for result in results]),
        fmean(not result.found for result in results),
    )


def curve(results: Sequence[Result], thresholds: Iterable[float] = THRESHOLDS) -> list[CurvePoint]:
    """What a threshold would cost and spare; empty unless there are both good questions and others."""
    good = [each.chance for each in results if each.labelled.relevant]
    others = [each.chance for each in results if not each.labelled.relevant]
    if not good or not others:
        return []
    return [
        CurvePoint(at, fmean(chance < at for chance in good), fmean(chance < at for chance in others))
        for at in thresholds
    ]


def worst(results: Sequence[Result], most: int) -> list[Result]:
    """The queries that lost most, the worst first; none that lost nothing."""
    return sorted((each for each in results if each.ndcg < 1), key=lambda each: each.ndcg)[:most]


def ndcg(found: Sequence[str], relevant: Mapping[str, float], cut: int = CUT) -> float:
    """Normalised discounted cumulative gain, with 2^grade - 1 as the gain (Burges et al. 2005)."""
    ideal = _gain(sorted(relevant.values(), reverse=True)[:cut])
    return _gain([relevant.get(course, 0.0) for course in found[:cut]]) / ideal if ideal else float(not found)


def _gain(grades: Sequence[float]) -> float:
    return sum((2**grade - 1) / log2(rank + 2) for rank, grade in enumerate(grades))


def _judge(labelled: Labelled, outcome: Outcome) -> Result:
    relevant, found, chance = labelled.relevant, tuple(outcome.found), outcome.chance
    if not relevant:
        right = float(not found)
        return Result(labelled, found, right, right, right, chance)
    rank = next((place for place, course in enumerate(found[:CUT], 1) if course in relevant), None)
    recalled = sum(course in relevant for course in found[:RECALL_CUT]) / min(len(relevant), RECALL_CUT)
    return Result(labelled, found, ndcg(found, relevant), 1 / rank if rank else 0.0, recalled, chance)


def _labelled(path: Path, number: int, line: str) -> Labelled:
    try:
        entry = _entry(line)
        graded = {course: _grade(grade) for course, grade in entry["relevant"].items()}
        relevant = {course: grade for course, grade in graded.items() if grade}  # 0: looked at, no help
        after = entry.get("after", [])
        if not isinstance(after, list):
            raise ValueError('"after" is no list')
        return Labelled(str(entry["query"]), str(entry["kind"]), relevant, tuple(map(str, after)))
    except (ValueError, TypeError) as error:
        wanted = '{"query": str, "kind": str, "relevant": {id: grade}}'
        raise BadQueries(f"{path}:{number}: {error} — wanted {wanted}") from error


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(entry, dict):
        raise ValueError("no JSON object")
    missing = [key for key in ("query", "kind", "relevant") if key not in entry]
    if missing:
        raise ValueError(f'no "{missing[0]}"')
    if not isinstance(entry["relevant"], dict):
        raise ValueError('"relevant" is no object of ids and grades')
    return entry


def _grade(told: object) -> float:
    try:
        grade = float(str(told))
    except ValueError:
        grade = -1.0
    if not isfinite(grade) or not 0 <= grade <= 10:
        raise ValueError(f"a grade of {told} is none: 1 helps, 3 is exactly this")
    return grade
