"""Two configurations side by side on the same queries: what the second wins and loses, by kind and query."""

from collections.abc import Sequence
from dataclasses import dataclass

from nlp import evaluate
from nlp.bootstrap import Interval, difference
from nlp.evaluate import Result


@dataclass(frozen=True, slots=True)
class Change:
    """For one kind of query: nDCG@10 before and after, and the difference with its paired 95 % interval."""

    queries: int
    before: float
    after: float
    difference: Interval


@dataclass(frozen=True, slots=True)
class Pair:
    """One query under both."""

    before: Result
    after: Result

    @property
    def gained(self) -> float:
        return self.after.ndcg - self.before.ndcg


def by_kind(before: Sequence[Result], after: Sequence[Result]) -> dict[str, Change]:
    """Both must be of the same queries in the same order."""
    old, new = evaluate.kinds(before), evaluate.kinds(after)
    return {kind: _change(old[kind], new[kind]) for kind in old}


def wins(before: Sequence[Result], after: Sequence[Result], most: int) -> list[Pair]:
    """Where the second is better, the largest gain first."""
    return sorted((each for each in _pairs(before, after) if each.gained > 0), key=_loss)[:most]


def losses(before: Sequence[Result], after: Sequence[Result], most: int) -> list[Pair]:
    """Where the second is worse, the largest loss first."""
    return sorted((each for each in _pairs(before, after) if each.gained < 0), key=_gain)[:most]


def _change(before: Sequence[Result], after: Sequence[Result]) -> Change:
    old, new = [each.ndcg for each in before], [each.ndcg for each in after]
    return Change(len(old), sum(old) / len(old), sum(new) / len(new), difference(old, new))


def _pairs(before: Sequence[Result], after: Sequence[Result]) -> list[Pair]:
    return [Pair(old, new) for old, new in zip(before, after, strict=True)]


def _gain(pair: Pair) -> float:
    return pair.gained


def _loss(pair: Pair) -> float:
    return -pair.gained
