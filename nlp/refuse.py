"""Does the best course help at all? A probability for every course, and what everyday talk looks like.

Raw scores cannot be compared between questions: the best course of a catalogue is the best for 红烧肉 too.
What
can be compared is how much of a question a course accounts for, and how much of it is everyday talk. The
weights are a logistic regression over labelled questions (see `evaluate`).
"""

from collections.abc import Mapping, Sequence
from math import log
from typing import NamedTuple

import numpy as np

from nlp import words
from nlp.everyday import proves_nothing
from nlp.lexical import Columns, Scores

HELPS = 0.5  # from here the best course is offered
SURELY = 0.6  # from here it is offered though nothing but likelihood speaks for it
MAY_HELP = 0.25  # from here a course is listed behind one that is offered
COMES_NEAR = 0.1  # from here a course is shown as the nearest when none is offered

# How much a word counts by the best place it stands in.
PLACES: Mapping[str, float] = {"title": 1.0, "tags": 1.0, "summary": 0.85, "body": 0.4}
ENOUGH = 12.0  # information of one rarish word, in nats
RARE_IN_TALK = 1000  # counts in jieba's list, below which a word of a course's text may tell of a subject
COMMON = 1_000


class Weights(NamedTuple):
    """Of the logistic regression, by what it looks at."""

    bias: float = -2.85
    covered: float = 2.3
    named: float = 1.9
    likely: float = 1.7
    everyday: float = -4.0
    absent: float = -4.3
    telling: float = 0.26  # the most telling word
    second: float = 0.39
    mean: float = 0.33
    said: float = 0.41  # for each word, up to MOST_SAID: a story is told at length
    size: float = -0.25  # for each e-fold of courses above USUAL: the best of many fits more by chance


WEIGHTS = Weights()
MOST_SAID = 4
USUAL, FEWEST, MOST = 400, 100, 5_000  # courses


class Topic(NamedTuple):
    """What a question is made of: the information of each word, which share is known and everyday, and how
    telling its whole words are, the most telling one first (see `telling.py`)."""

    information: Mapping[str, float]
    known: float
    everyday: float
    telling: tuple[float, ...]

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


def probability(
    topic: Topic, covered: Scores, named: Scores, likely: Scores, *, absent: float, weights: Weights = WEIGHTS
) -> Scores:
    """For every course the probability that it helps.

    `named` and `likely`: how far it is about a concept that the question names or is likely to mean, 0 to 1;
    `absent`: the share of the named concepts that the whole catalogue has no course about.
    """
    chance = weights.size * log(min(max(len(covered), FEWEST), MOST) / USUAL)
    logit = _of_the_question(topic, weights) + weights.absent * absent + chance
    logit = logit + weights.covered * covered + weights.named * named + weights.likely * likely
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float32)


def _of_the_question(topic: Topic, weights: Weights) -> float:
    first, second, *_ = *topic.telling, 0.0, 0.0
    mean = sum(topic.telling) / (len(topic.telling) or 1)
    told = weights.telling * first + weights.second * second + weights.mean * mean
    return (
        weights.bias
        + weights.everyday * topic.everyday
        + told
        + weights.said * min(len(topic.telling), MOST_SAID)
    )


def is_common(word: str) -> bool:
    """Whether general Chinese has a word so often that by itself it tells of no subject: 公司, 好看."""
    return words.general_count(word) >= COMMON


def may_tell(word: str) -> bool:
    """Whether a word can tell of a subject though no title, tag, summary or concept has it."""
    return not proves_nothing(word) and words.general_count(word) < RARE_IN_TALK


def information(word: str) -> float:
    """What a word is worth by its rarity in general Chinese, in nats."""
    if proves_nothing(word):
        return 0.0
    worth = log(words.GENERAL_TOTAL / (words.general_count(word) + 1))
    return worth if len(word) > 1 else worth / 2


def _places(sheet: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    best: dict[str, float] = {}
    for name, place in sorted(PLACES.items(), key=lambda item: item[1]):
        best.update(dict.fromkeys(sheet.get(name, ()), place))
    return best
