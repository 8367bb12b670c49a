"""Does the best course help at all? A probability for every course, and what everyday talk looks like.

Raw scores cannot be compared between questions: the best course of a catalogue is the best for 红烧肉 too.
What
can be compared is how much of a question a course accounts for, and how much of it is everyday talk. The
weights are a logistic regression over labelled questions (see `evaluate`).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import log
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nlp import words
from nlp.lexical import Columns, Scores

EVERYDAY = Path(__file__).with_name("everyday.txt")

HELPS = 0.5  # from here the best course is offered
MAY_HELP = 0.25  # from here a course is listed behind one that is offered
COMES_NEAR = 0.1  # from here a course is shown as the nearest when none is offered

# How much a word counts by the best place it stands in.
PLACES: Mapping[str, float] = {"title": 1.0, "tags": 1.0, "summary": 0.85, "body": 0.4}
ENOUGH = 12.0  # information of one rarish word, in nats
RARE_IN_TALK = 1000  # counts in jieba's list, below which a word of a course's text may tell of a subject
COMMON = 1_000
_NUMERALS = frozenset("零一二三四五六七八九十百千万两")
_WORDS_OF_GENERAL_CHINESE = 60_000_000  # the total behind the counts of jieba's list


class Weights(NamedTuple):
    """Of the logistic regression, by what it looks at."""

    bias: float = -0.9
    covered: float = 4.0
    named: float = 4.0
    meant: float = 3.5
    known: float = 1.0
    everyday: float = -6.0
    absent: float = -3.0


WEIGHTS = Weights()


class Topic(NamedTuple):
    """What a question is made of: the information of each word, and which share is known and everyday."""

    information: Mapping[str, float]
    known: float
    everyday: float

    @property
    def total(self) -> float:
        return sum(self.information.values())


class Presence(Columns):
    """For each course the best place that each word stands in; rarity plays no part."""

    def __init__(self, sheets: Sequence[Mapping[str, Mapping[str, int]]]) -> None:
        super().__init__([_places(sheet) for sheet in sheets])
        self._idf = np.ones_like(self._idf)

    def covered(self, topic: Topic) -> Scores:
        """For every course, the share of a question's information that it accounts for, 0 to 1; less when
        that is little in itself: one common word proves nothing."""
        explained = self.scores(topic.information)
        share = explained / np.float32(topic.total or 1.0)
        return np.asarray(share * np.minimum(explained / ENOUGH, 1.0), dtype=np.float32)


def weigh(topic_words: Sequence[str], knows: Callable[[str], float], everyday: frozenset[str]) -> Topic:
    """Look at a question's counted words. A word is worth what its rarity in general Chinese tells."""
    information = {word: _information(word) for word in topic_words}
    total = sum(information.values()) or 1.0
    known = sum(worth * knows(word) for word, worth in information.items() if word not in everyday)
    common = sum(worth for word, worth in information.items() if word in everyday)
    return Topic(information, known / total, common / total)


def probability(
    topic: Topic, covered: Scores, named: Scores, meant: Scores, *, absent: float, weights: Weights = WEIGHTS
) -> Scores:
    """For every course the probability that it helps.

    `named` and `meant`: how far it is about a concept that the question names or means, 0 to 1; `absent`: the
    share of the named concepts that the whole catalogue has no course about.
    """
    same_for_all = weights.bias + weights.known * topic.known + weights.everyday * topic.everyday
    logit = same_for_all + weights.absent * absent
    logit = logit + weights.covered * covered + weights.named * named + weights.meant * meant
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float32)


@cache
def everyday_words() -> frozenset[str]:
    """The words of everyday talk, from `everyday.txt`."""
    lines = EVERYDAY.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def proves_nothing(word: str) -> bool:
    """Digits, numerals and single letters: whatever they stand in, they are no evidence."""
    return word.isdigit() or word in _NUMERALS or (len(word) == 1 and word.isascii())


def is_common(word: str) -> bool:
    """Whether general Chinese has a word so often that by itself it tells of no subject: 公司, 好看."""
    return words.general_count(word) >= COMMON


def may_tell(word: str) -> bool:
    """Whether a word can tell of a subject though no title, tag, summary or concept has it."""
    return not proves_nothing(word) and words.general_count(word) < RARE_IN_TALK


def _information(word: str) -> float:
    if proves_nothing(word):
        return 0.0
    worth = log(_WORDS_OF_GENERAL_CHINESE / (words.general_count(word) + 1))
    return worth if len(word) > 1 else worth / 2


def _places(sheet: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    best: dict[str, float] = {}
    for name, place in sorted(PLACES.items(), key=lambda item: item[1]):
        best.update(dict.fromkeys(sheet.get(name, ()), place))
    return best
