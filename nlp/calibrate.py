"""Fits the weights of `refuse.Weights` to labelled questions; the command is `benchmarks.calibrate`.

A logistic regression on what the judge sees (`refuse.Evidence`) of the best courses: 1 where the question
has an answer in the catalogue, 0 where nothing fits. Whole catalogues alone would teach the habits of one
size, so the questions are asked of random parts of them too, down to five courses; a question whose courses
are all missing there is one that nothing fits.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from nlp import Document, Librarian, refuse
from nlp.evaluate import Labelled
from nlp.refuse import Weights

Row = npt.NDArray[np.float64]
Kind = Literal["answered", "talk", "absent"]

PARTS: Mapping[int, int] = {5: 14, 10: 8, 20: 4, 50: 2, 0: 1}  # courses (0: all) → how many such parts
# What all questions of a kind count together, in each size of catalogue. A good question refused counts more
# than talk that is answered; a subject of our trade that a part lost by chance may still be served well.
COUNTS: Mapping[Kind, float] = {"answered": 3.0, "talk": 1.0, "absent": 0.03}
# Held where they are: what they would learn is the habit of one set. Whoever writes labels decides whether a
# neighbour of what was asked for helps; talk in lists is shorter than talk; and how the best of
# many fits by chance is not seen in parts of one catalogue.
HELD: Mapping[str, float] = {
    "telling": 0.35, "second": 0.3, "mean": 0.1, "said": 0.4, "size": -0.25,
    "trouble": -2.5, "unheard": -2.5, "absent": -3.2, "aside": -2.0,
}  # fmt: skip
ABSENT_KEPT = 0.15  # share of the last kind that is looked at; in small parts it is most questions
ROUNDS = 4  # which course is the best one depends on the weights
LONGEST_STEP, MOST_STEPS = 1.0, 200
RIDGE = 0.5  # keeps weights of rare evidence small
SCALE = 2_000.0  # cases, as many as the ridge is weighed against
SEED = 20_261_121


class Case(NamedTuple):
    """One question in one catalogue of `size` courses: the evidence of its best courses, a row each; none
    where the reading alone refused it."""

    size: int
    kind: Kind
    query: str
    evidence: Row


class Share(NamedTuple):
    """Of one size of catalogue: which share of the questions of each kind is refused."""

    size: int
    answered: float
    talk: float
    absent: float


def cases(
    documents: Sequence[Document], queries: Sequence[Labelled], *, vectors: Path | None = None
) -> Iterator[Case]:
    """Every question in the catalogue and in random parts of it; the same ones each time."""
    chance = np.random.default_rng(SEED)
    before: Librarian | None = None
    for size, part in _parts(documents, chance):
        before = librarian = Librarian.build(part, vectors=vectors, previous=before)
        there = {document.id for document in part}
        for each in queries:
            kind = _kind(each, there)
            if kind != "absent" or chance.random() < ABSENT_KEPT:
                yield Case(size, kind, each.query, librarian.evidence(each.query, each.after))


def fit(found: Sequence[Case], start: Weights = refuse.WEIGHTS) -> Weights:
    """The weights that tell these cases apart best; the same for the same cases."""
    seen = [case for case in found if len(case.evidence)]
    labels = np.array([case.kind == "answered" for case in seen], dtype=np.float64)
    counts = _counts(seen)
    weights = np.array(start._replace(**HELD), dtype=np.float64)
    free = np.array([name not in HELD for name in Weights._fields])
    for _ in range(ROUNDS):
        best = np.array([case.evidence[np.argmax(case.evidence @ weights)] for case in seen])
        weights[free] = _newton(best[:, free], best[:, ~free] @ weights[~free], labels, counts)
    return Weights(*(round(float(weight), 2) for weight in weights))


def refused(found: Sequence[Case], weights: Weights, threshold: float = refuse.HELPS) -> list[Share]:
    """What these weights would refuse, by size of catalogue."""
    told = []
    for size in sorted({case.size for case in found}):
        shares = [_refused(found, size, kind, weights, threshold) for kind in COUNTS]
        told.append(Share(size, *shares))
    return told


def _parts(
    documents: Sequence[Document], chance: np.random.Generator
) -> Iterator[tuple[int, list[Document]]]:
    for size, times in PARTS.items():
        for _ in range(times if size < len(documents) else 0):
            chosen = chance.choice(len(documents), size or len(documents), replace=False)
            yield size or len(documents), [documents[place] for place in sorted(chosen)]


def _kind(each: Labelled, there: set[str]) -> Kind:
    if not each.relevant:
        return "talk"
    return "absent" if there.isdisjoint(each.relevant) else "answered"


def _counts(seen: Sequence[Case]) -> Row:
    """What each case counts: every kind the same in every size, however many of it there are."""
    groups: dict[tuple[int, Kind], int] = {}
    for case in seen:
        groups[case.size, case.kind] = groups.get((case.size, case.kind), 0) + 1
    each = SCALE / len({case.size for case in seen})
    return np.array([each * COUNTS[case.kind] / groups[case.size, case.kind] for case in seen])


def _refused(found: Sequence[Case], size: int, kind: Kind, weights: Weights, threshold: float) -> float:
    those = [case.evidence for case in found if (case.size, case.kind) == (size, kind)]
    logit = float(np.log(threshold / (1 - threshold)))
    no = [not len(rows) or float((rows @ np.array(weights)).max()) < logit for rows in those]
    return sum(no) / len(no) if no else float("nan")


def _newton(rows: Row, held: Row, labels: Row, counts: Row) -> Row:
    """Logistic regression with a ridge on all but the bias, by Newton's steps from zero. `held`: what the
    weights that are not fitted add to each row."""
    weights = np.zeros(rows.shape[1])
    ridge = np.full(rows.shape[1], RIDGE)
    ridge[0] = 1e-6
    for _ in range(MOST_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(held + rows @ weights, -30, 30)))
        slope = rows.T @ (counts * (labels - chance)) - ridge * weights
        bend = (rows * (counts * chance * (1 - chance))[:, None]).T @ rows + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        step *= min(1.0, LONGEST_STEP / float(np.abs(step).max() or 1.0))  # far from the best Newton leaps
        weights = weights + step
        if float(np.abs(step).max()) < 1e-7:
            break
    return weights
