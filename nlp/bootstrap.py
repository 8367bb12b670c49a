"""How sure is a mean? The bootstrap: the same queries drawn again and again, with putting back.

After Efron, "Bootstrap methods: another look at the jackknife" (1979); percentile intervals. A difference is
paired: the same queries are drawn on both sides, so that a hard one is hard for both (Sakai, "Evaluating
evaluation metrics based on the bootstrap", SIGIR 2006).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 2_000
SEED = 20_261_121
INSIDE = 95.0  # per cent of the draws
AT_ONCE = 500_000  # numbers drawn in one go, a few MB


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the ends of its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether the interval leaves 0 out: a difference of that sign is there."""
        return self.low > 0 or self.high < 0


def interval(values: Sequence[float]) -> Interval:
    """The mean of these; at least one is needed. Equal input gives equal output."""
    numbers = np.array(values, dtype=np.float64)
    chance = np.random.default_rng(SEED)
    size = max(1, AT_ONCE // len(numbers))
    draws = [
        numbers[chance.integers(len(numbers), size=(min(size, DRAWS - done), len(numbers)))].mean(axis=1)
        for done in range(0, DRAWS, size)
    ]
    low, high = np.percentile(np.concatenate(draws), [50 - INSIDE / 2, 50 + INSIDE / 2])
    return Interval(float(numbers.mean()), float(low), float(high))


def difference(before: Sequence[float], after: Sequence[float]) -> Interval:
    """How much the second is better on the same queries in the same order."""
    return interval([new - old for old, new in zip(before, after, strict=True)])
