"""One score out of several, each against its best document first.

A weighted sum degrades gently when one part is weak; reciprocal ranks give a weak part an equal voice, and
were measured to spoil BM25. What a part may say depends on what it knows: no concept found, no vote.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nlp.sums import Scores, highest

LEXICAL, CONCEPTS, VECTORS = 1.0, 1.0, 0.45
CONCEPTS_ALONE = 1.3  # where nothing is named: then the words are everyday ones, and say less
NAMED, LIKELY = 1.0, 1.5  # within the concepts


class Part(NamedTuple):
    """One way of finding, and its share in the sum."""

    scores: Scores
    share: float


def fuse(parts: Sequence[Part]) -> Scores:
    """0 to 1 for every document; 1 only for one that is best in every part that has a vote."""
    bests = [highest(part.scores) for part in parts]
    voting = [(part, best) for part, best in zip(parts, bests, strict=True) if part.share > 0 and best > 0]
    if not voting:
        return np.zeros_like(parts[0].scores)
    shares = sum(part.share for part, _ in voting)
    (first, best), *others = voting
    total = first.scores * np.float32(first.share / shares / best)
    for part, best in others:
        total += part.scores * np.float32(part.share / shares / best)
    return total
