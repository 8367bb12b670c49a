"""The compiled loops of SciPy, held against plain numpy: they are no public part of it."""

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array

from nlp.sums import Sums, product

ROWS, COLUMNS = 60, 20


def table(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """A third of it filled; the columns 3 and 19 are empty."""
    chance = np.random.default_rng(seed)
    filled = chance.random((ROWS, COLUMNS)) * (chance.random((ROWS, COLUMNS)) < 1 / 3)
    filled[:, [3, COLUMNS - 1]] = 0
    return filled.astype(np.float32)


@pytest.mark.parametrize(
    "weights",
    [
        {},
        {7: 0.5},
        {0: 1.0, 1: 2.0, 2: 3.0},
        {18: 1.0, 3: 9.0, 0: 0.25, 19: 9.0, 11: 0.0},
        dict.fromkeys(range(COLUMNS), 1.5),
    ],
)
def test_a_sum_is_of_the_columns_that_were_asked_for_and_of_no_others(weights: dict[int, float]) -> None:
    filled = table(1)
    sparse = csc_array(filled)
    sums = Sums(sparse.indptr.astype(np.int64), sparse.indices.astype(np.int32), sparse.data)
    wanted = sum((filled[:, at] * weight for at, weight in weights.items()), np.zeros(ROWS))
    assert sums.of(weights.items(), ROWS).tolist() == pytest.approx(wanted.tolist(), abs=1e-5)


def test_what_is_added_stands_beside_what_was_there() -> None:
    filled = table(2)
    sparse = csc_array(filled)
    total = np.ones(ROWS, dtype=np.float32)
    Sums(sparse.indptr.astype(np.int64), sparse.indices.astype(np.int32), sparse.data).add([(5, 2.0)], total)
    assert total.tolist() == pytest.approx((1 + 2 * filled[:, 5]).tolist(), abs=1e-5)


def test_a_product_is_that_of_the_whole_table() -> None:
    filled, vector = table(3), np.random.default_rng(4).random(COLUMNS).astype(np.float32)
    assert product(csr_array(filled), vector).tolist() == pytest.approx((filled @ vector).tolist(), abs=1e-5)
