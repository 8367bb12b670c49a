"""Fits the weights of `refuse.Weights`: python -m nlp.calibrate FOLDER=FILE …  (courses = labelled queries)

A logistic regression on what the judge sees (`refuse.Evidence`) of the best courses: 1 where the question has
an answer in the catalogue, 0 where nothing fits. Whole catalogues alone would teach the habits of one size, so
the questions are asked of random parts of them too, down to five courses; a question whose courses are all
missing there is one that nothing fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp import Document, Librarian, refuse
from nlp.evaluate import Labelled
from nlp.refuse import Weights

SIZES = (5, 10, 20, 50, 0)  # courses; 0: all
DRAWS = {5: 24, 10: 12, 20: 6, 50: 3, 0: 2}  # about as many questions with an answer from each
SEED = 20_261_121
ROUNDS = 4  # which course is the best one depends on the weights
RIDGE = 0.5  # keeps weights of rare evidence small
ABSENT = 0.35  # what a question of our trade counts that this part cannot answer: it may still be served well
SURPLUS = 3  # such questions are many in small parts; at most so many for each that has an answer

Row = npt.NDArray[np.float64]


class Case(NamedTuple):
    """One question in one catalogue: the evidence of its best courses, a row each, whether any fits, and what
    it counts."""

    evidence: Row
    fits: bool
    weight: float


def parts(documents: Sequence[Document], chance: np.random.Generator) -> Iterator[list[Document]]:
    """The catalogue and random parts of it."""
    for size in SIZES:
        for _ in range(DRAWS[size] if size else DRAWS[0]):
            if size and size < len(documents):
                chosen = chance.choice(len(documents), size, replace=False)
                yield [documents[place] for place in sorted(chosen)]
            elif not size:
                yield list(documents)


def cases(
    documents: Sequence[Document], queries: Sequence[Labelled], *, vectors: Path | None = None
) -> Iterator[Case]:
    """Every question in every part, as far as the judge gets to see it."""
    chance = np.random.default_rng(SEED)
    before: Librarian | None = None
    for part in parts(documents, chance):
        before = librarian = Librarian.build(part, vectors=vectors, previous=before)
        there = {document.id for document in part}
        yield from _balanced(list(_asked(librarian, there, queries)), chance)


def _asked(librarian: Librarian, there: set[str], queries: Iterable[Labelled]) -> Iterator[Case]:
    for each in queries:
        rows = librarian.evidence(each.query, each.after)
        if len(rows):
            fits = not there.isdisjoint(each.relevant)
            absent = bool(each.relevant) and not fits
            yield Case(rows, fits, ABSENT if absent else 1.0)


def _balanced(found: list[Case], chance: np.random.Generator) -> list[Case]:
    answered = [case for case in found if case.fits or case.weight == 1.0]
    absent = [case for case in found if not case.fits and case.weight < 1.0]
    most = SURPLUS * max(1, sum(case.fits for case in found))
    if len(absent) > most:
        absent = [absent[place] for place in chance.choice(len(absent), most, replace=False)]
    return answered + absent


def fit(found: Sequence[Case], start: Weights = refuse.WEIGHTS) -> Weights:
    """The weights that tell these cases apart best; the same for the same cases."""
    weights = np.array(start, dtype=np.float64)
    labels = np.array([case.fits for case in found], dtype=np.float64)
    counts = np.array([case.weight for case in found], dtype=np.float64)
    # Questions with an answer and others weigh the same in all: the threshold is one half.
    counts[labels == 1] /= counts[labels == 1].sum()
    counts[labels == 0] /= counts[labels == 0].sum()
    counts *= len(found) / 2
    for _ in range(ROUNDS):
        best = np.array([case.evidence[np.argmax(case.evidence @ weights)] for case in found])
        weights = _newton(best, labels, counts)
    return Weights(*(round(float(weight), 2) for weight in weights))


def _newton(rows: Row, labels: Row, counts: Row) -> Row:
    """Logistic regression with a ridge, by Newton's steps."""
    weights = np.zeros(rows.shape[1])
    ridge = np.full(rows.shape[1], RIDGE)
    ridge[0] = 0.0
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (counts * (labels - chance)) - ridge * weights
        bend = (rows * (counts * chance * (1 - chance))[:, None]).T @ rows + np.diag(ridge + 1e-6)
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights
