"""Adding up postings by row: what a few of thousands of columns say, in one pass over just their entries.

That is the product of a sparse matrix by columns and a vector, which SciPy has compiled; its public face
looks at every column, and around it stand checks that take longer than the adding. So we call the compiled
loop itself, for the columns of a question only. It is no public part of SciPy: the version is pinned, and a
test compares it with plain numpy.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy.sparse import _sparsetools, csr_array

Numbers = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]


class Sums:
    """What each entry of some columns is worth: column c has those from `starts[c]` to `starts[c + 1]`."""

    __slots__ = ("_rows", "_starts", "_worth")

    def __init__(self, starts: npt.NDArray[np.int64], rows: Numbers, worth: Scores) -> None:
        self._starts = starts.data  # gives plain ints, in half the time
        self._rows, self._worth = np.ascontiguousarray(rows), np.ascontiguousarray(worth)

    def add(self, weights: Iterable[tuple[int, float]], total: Scores) -> None:
        """Adds to the total of each row what these columns say of it, each times its weight."""
        starts = self._starts
        borders: list[int] = []
        factors: list[float] = []
        # The loop reads a column from each border to the next. From the last column to the first one, what
        # lies between two of ours would begin behind its end, so that nothing is read there.
        for column, weight in sorted(weights, reverse=True):
            borders += (starts[column], starts[column + 1])
            factors += (weight, 0.0)
        if borders:
            _sparsetools.csc_matvec(
                len(total),
                len(borders) - 1,
                np.array(borders, dtype=np.int32),
                self._rows,
                self._worth,
                np.array(factors, dtype=np.float32),
                total,
            )

    def of(self, weights: Iterable[tuple[int, float]], size: int) -> Scores:
        """The sum for each of so many rows."""
        total = np.zeros(size, dtype=np.float32)
        self.add(weights, total)
        return total


def product(table: csr_array, vector: Scores) -> Scores:
    """Of a sparse matrix of float32 with a vector."""
    rows, columns = table.shape
    total = np.zeros(rows, dtype=np.float32)
    _sparsetools.csr_matvec(rows, columns, table.indptr, table.indices, table.data, vector, total)
    return total


def highest(scores: Scores) -> float:
    """The best of scores that are 0 or above, 0 for none; `max` takes twice as long for a thousand."""
    return float(scores[scores.argmax()]) if len(scores) else 0.0
