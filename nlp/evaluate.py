"""How good is it? Labelled queries in, nDCG@10, MRR@10, Recall@5 and refusals by kind out.

A labelled file has a JSON object a line: {"query": "...", "kind": "...", "relevant": {"course-id": grade}}.
Grades are 1 (helps) to 3 (exactly this). An empty `relevant` means that nothing fits and no is the answer.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2, sqrt
from pathlib import Path
from statistics import fmean, pstdev

CUT, RECALL_CUT = 10, 5


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
class Result:
    """One query with what was found, best first, and what that is worth. Refusing rightly counts as 1."""

    labelled: Labelled
    found: tuple[str, ...]
    ndcg: float
    reciprocal_rank: float
    recall: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The means over some queries; `ndcg_margin` is half of the 95 % interval. `refused` is the share
    answered
    with no course: wanted where nothing fits, a loss elsewhere."""

    queries: int
    ndcg: float
    ndcg_margin: float
    mrr: float
    recall: float
    refused: float


def load(path: Path) -> list[Labelled]:
    """Read a labelled file. Raises BadQueries."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_labelled(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def run(find: Callable[[str], Sequence[str]], queries: Iterable[Labelled]) -> list[Result]:
    """Ask every query alone; `find` gives ids, best first."""
    return run_in_turn(lambda labelled: find(labelled.query), queries)


def run_in_turn(find: Callable[[Labelled], Sequence[str]], queries: Iterable[Labelled]) -> list[Result]:
    """Ask every query with what was asked before it."""
    return [_judge(labelled, tuple(find(labelled))) for labelled in queries]


def by_kind(results: Sequence[Result]) -> dict[str, Figures]:
    """Figures for each kind of query, in order of appearance, and for `all` that have an answer."""
    kinds = dict.fromkeys(result.labelled.kind for result in results)
    table = {kind: figures([each for each in results if each.labelled.kind == kind]) for kind in kinds}
    answerable = [each for each in results if each.labelled.relevant]
    return table | ({"all": figures(answerable)} if answerable else {})


def figures(results: Sequence[Result]) -> Figures:
    """The means over these results; at least one is needed."""
    gains = [result.ndcg for result in results]
    return Figures(
        len(results),
        fmean(gains),
        1.96 * pstdev(gains) / sqrt(len(gains)),
        fmean(result.reciprocal_rank for result in results),
        fmean(result.recall for result in results),
        fmean(not result.found for result in results),
    )


def ndcg(found: Sequence[str], relevant: Mapping[str, float], cut: int = CUT) -> float:
    """Normalised discounted cumulative gain, with 2^grade - 1 as the gain (Burges et al. 2005)."""
    ideal = _gain(sorted(relevant.values(), reverse=True)[:cut])
    return _gain([relevant.get(course, 0.0) for course in found[:cut]]) / ideal if ideal else float(not found)


def _gain(grades: Sequence[float]) -> float:
    return sum((2**grade - 1) / log2(rank + 2) for rank, grade in enumerate(grades))


def _judge(labelled: Labelled, found: tuple[str, ...]) -> Result:
    relevant = labelled.relevant
    if not relevant:
        right = float(not found)
        return Result(labelled, found, right, right, right)
    rank = next((place for place, course in enumerate(found[:CUT], 1) if course in relevant), None)
    recalled = sum(course in relevant for course in found[:RECALL_CUT]) / min(len(relevant), RECALL_CUT)
    return Result(labelled, found, ndcg(found, relevant), 1 / rank if rank else 0.0, recalled)


def _labelled(path: Path, number: int, line: str) -> Labelled:
    try:
        entry = json.loads(line)
        relevant = {str(course): float(grade) for course, grade in entry["relevant"].items()}
        after = tuple(map(str, entry.get("after", ())))
        return Labelled(str(entry["query"]), str(entry["kind"]), relevant, after)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        wanted = '{"query": str, "kind": str, "relevant": {id: grade}}'
        raise BadQueries(f"{path}:{number}: {error} — wanted {wanted}") from error
