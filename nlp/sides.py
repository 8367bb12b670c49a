"""A question about several subjects: `想学Python和Java`, `前端还是后端`.

Each of them is a question of its own, or the course that happens to have a word of both would stand above the
best course of either.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise, zip_longest

from nlp import words
from nlp.reading import Reading

MOST = 3
DEPTH = 2  # courses of each subject that stand at the top in turn

_JOINED = re.compile(
    r"(?:和|跟|与|及|同|以及|还有|或者?|或是|还是|加上?|[、,/&+]|\band\b|\bor\b|\bvs\.?)(?:想?学|再?学|懂)?"
)
_COMPARES = re.compile(r"哪一?[个门种]|还是|区别|不同|对比|比较|选谁|选哪|先学|\bvs\b|\bor\b|怎么选")
_SPACES = re.compile(r"\s+")


def of(reading: Reading, named: Mapping[int, Sequence[str]]) -> list[Reading]:
    """The same question about each of its subjects alone; nothing for a question about one. `named` are the
    concepts that its text names, each with the names as they stand there."""
    normal = words.plain(reading.text)
    sides = _subjects(normal, named)[:MOST]
    if len(sides) < 2:
        return []
    return [_without(reading, side, [each for each in sides if each != side]) for side in sides]


def in_turn(orders: Iterable[Sequence[int]]) -> list[int]:
    """The best few of each, in turn."""
    turns = zip_longest(*(order[:DEPTH] for order in orders))
    return [*dict.fromkeys(row for turn in turns for row in turn if row is not None)]


def _subjects(normal: str, named: Mapping[int, Sequence[str]]) -> list[str]:
    """The names that are joined, or held against each other, in order; of those of one concept the first."""
    spans = _spans(normal, named)
    if len(spans) < 2:
        return []
    if not _COMPARES.search(normal):
        together = {
            place for one, other in pairwise(spans) if _joins(normal, one, other) for place in (one, other)
        }
        spans = [span for span in spans if span in together]
    meanings = {normal[slice(*span)]: _meaning(normal[slice(*span)], named) for span in spans}
    sides: list[str] = []
    for name, meaning in meanings.items():
        if not any(meaning & meanings[side] for side in sides):
            sides.append(name)
    return sides


def _spans(normal: str, named: Mapping[int, Sequence[str]]) -> list[tuple[int, int]]:
    """Where the names stand, from left to right, none within another."""
    names = sorted({name for each in named.values() for name in each}, key=len, reverse=True)
    found: list[tuple[int, int]] = []
    for name in names:
        for match in re.finditer(re.escape(name), normal):
            if not any(match.start() < end and start < match.end() for start, end in found):
                found.append(match.span())
    return sorted(found)


def _joins(normal: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    return bool(_JOINED.fullmatch(_SPACES.sub("", normal[one[1] : other[0]])))


def _meaning(name: str, named: Mapping[int, Sequence[str]]) -> AbstractSet[int]:
    return {concept for concept, names in named.items() if name in names}


def _without(reading: Reading, side: str, others: Sequence[str]) -> Reading:
    """The question with only one of its subjects."""
    own = set(words.words(side))
    dropped = {word for other in others for word in words.words(other)} - own
    topic = reading.topic
    for other in others:
        topic = topic.replace(other, " ")
    kept = tuple(word for word in reading.words if word not in dropped)
    return replace(reading, words=kept, topic=_SPACES.sub(" ", topic).strip())
