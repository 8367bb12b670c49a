"""After relevance: what may change an order that the scores leave open, and what a follower asked for.

Nothing here lifts a course above one that fits clearly better. Freshness, rating and popularity part equals;
three near copies do not fill the first page; cheap or dear comes first only among the good ones.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from nlp.document import Document
from nlp.limits import Limits

TIE = 0.03  # of the best score: courses that are closer are as good as each other
GOOD = 0.6  # of the best score, from which a course is a good one
PAGE = 3  # courses that a follower sees at first
COPY = 0.75  # cosine of the bigrams of two titles, from which they are near copies
STAND_IN = 0.5  # of the best score, from which a course may stand in for a third near copy

Alike = Callable[[int, int], float]


def ranked(
    rows: Sequence[int], worth: Mapping[int, float], documents: Sequence[Document], alike: Alike
) -> list[int]:
    """Rows of the catalogue, best first, with ties parted and near copies spread."""
    return _varied(_parted(rows, worth, documents), worth, alike)


def by_price(
    rows: Sequence[int], worth: Mapping[int, float], documents: Sequence[Document], said: Limits
) -> list[int]:
    """The good ones by price, the cheapest first, or the dearest where that was asked for."""
    if not rows or not (said.cheap or said.dear):
        return list(rows)
    floor = GOOD * worth[rows[0]]
    good = [row for row in rows if worth[row] >= floor]
    good.sort(key=lambda row: documents[row].price_fen, reverse=said.dear)
    return list(dict.fromkeys([*good, *rows]))


def _parted(rows: Sequence[int], worth: Mapping[int, float], documents: Sequence[Document]) -> list[int]:
    """With those in order that are as good as the first of them."""
    ordered: list[int] = []
    begun, leader = 0, worth[rows[0]] if rows else 0.0
    tie = TIE * leader
    for place, row in enumerate(rows):
        if worth[row] < leader - tie:
            ordered += _welcomed(rows[begun:place], documents)
            begun, leader = place, worth[row]
    return ordered + _welcomed(rows[begun:], documents)


def _welcomed(rows: Sequence[int], documents: Sequence[Document]) -> list[int]:
    if len(rows) < 2:
        return [*rows]
    return sorted(rows, key=lambda row: _welcome(documents[row]), reverse=True)


def _welcome(document: Document) -> tuple[float, str, int]:
    """How welcome one of several equals is. Sorting keeps the order of those of which nothing is known."""
    return document.rating, document.updated, document.learners


def _varied(rows: list[int], worth: Mapping[int, float], alike: Alike) -> list[int]:
    """The last of three near copies on the first page gives way to the next that is none and fits."""
    if len(rows) <= PAGE or not all(alike(rows[0], row) >= COPY for row in rows[1:PAGE]):
        return rows
    floor = STAND_IN * worth[rows[0]]
    others = (row for row in rows[PAGE:] if alike(rows[0], row) < COPY and worth[row] >= floor)
    other = next(others, None)
    return rows if other is None else _moved(rows, other, PAGE - 1)


def _moved(rows: Iterable[int], row: int, place: int) -> list[int]:
    rest = [each for each in rows if each != row]
    return [*rest[:place], row, *rest[place:]]
