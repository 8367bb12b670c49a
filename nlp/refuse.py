"""Does the best course help at all? A probability for every course, and what everyday talk looks like.

Raw scores cannot be compared between questions: the best course of a catalogue is the best for 红烧肉 too.
What
can be compared is how much of a question a course accounts for, and how much of it is everyday talk. The
weights are a logistic regression over labelled questions (see `evaluate`).
"""

from collections.abc import Mapping
from functools import lru_cache
from math import log
from operator import mul
from typing import NamedTuple

import numpy as np

from nlp import words
from nlp.everyday import proves_nothing
from nlp.lexical import FIELDS
from nlp.sums import Scores, highest

HELPS = 0.28  # from here the best course is offered, as a question where little speaks for it
LIKELY = 0.5  # from here though it has nothing firm in common with the question
INSTEAD = 0.68  # from here where what was named is taught by nobody
SURELY = 0.58  # from here it is no question
MAY_HELP = 0.25  # from here a course is listed behind one that is offered
LOOKED_AT = 3  # the first of these that is likeliest speaks for all
COMES_NEAR = 0.1  # from here a course is shown as the nearest when none is offered

# How much a word counts by the best place it stands in.
PLACES: Mapping[str, float] = {"title": 1.0, "tags": 1.0, "summary": 0.85, "body": 0.4}
# The same by the places as bits.
PLACE_WORTH = np.array(
    [
        max((PLACES[name] for bit, name in enumerate(FIELDS) if places >> bit & 1), default=0.0)
        for places in range(16)
    ],
    dtype=np.float32,
)
WORDS_KEPT = 16_384  # words whose worth is remembered, some 150 bytes each
ENOUGH = 12.0  # information of one rarish word, in nats
RARE_IN_TALK = 1000  # counts in jieba's list, below which a word of a course's text may tell of a subject
COMMON = 1_000


class Weights(NamedTuple):
    """Of the logistic regression, by what it looks at (see `Evidence`)."""

    bias: float = -2.52
    covered: float = 2.02
    named: float = 1.11
    likely: float = 1.79
    everyday: float = -7.04
    trouble: float = -2.5
    absent: float = -3.2
    aside: float = -2.0
    elsewhere: float = -1.85
    unheard: float = -2.5
    known: float = 0.09
    telling: float = 0.35
    second: float = 0.3
    mean: float = 0.1
    said: float = 0.4
    size: float = -0.25
    length: float = 0.4
    aloof: float = 1.5


WEIGHTS = Weights()
FIRST_OF_EACH, FIRST_OF_ALL = 1, 4  # between these is what differs from course to course
MOST_SAID = 4
LONG = 20  # characters
USUAL, FEWEST, MOST = 400, 5, 5_000  # courses


class Topic(NamedTuple):
    """What a question is made of: the information of each word, which share is known and everyday, how
    telling its whole words are, the most telling one first (see `telling.py`), and how far they are from what
    technical prose is written in, 0 or below (nats; see `prose.py`); `foreign` is the share of the shop's own
    subjects that our concepts know nothing of (咖啡 beside courses on Python)."""

    information: Mapping[str, float]
    known: float
    everyday: float
    telling: tuple[float, ...]
    aloof: float = 0.0
    foreign: float = 0.0

    @property
    def total(self) -> float:
        return sum(self.information.values())


class Evidence(NamedTuple):
    """What speaks for and against every course, in the order of `Weights`; numbers are the same for all."""

    bias: float
    covered: Scores  # share of the question that it accounts for; less when that is little in itself
    named: Scores | float  # how far it is about a concept that the question names; 0 where it names none
    likely: Scores  # or is likely to mean
    everyday: float  # share of everyday talk
    trouble: float  # 1 where it is asked as the user of a thing asks
    absent: float  # 1 where it names concepts and nothing here is about any; less where a neighbour is taught
    aside: float  # share of the named concepts that nothing here is about, where one is taught
    elsewhere: float  # by how much a concept that nothing here is about is likelier than all that are
    unheard: float  # share of the question that is words in letters which no course here has
    known: float  # share of the question that is technical
    telling: float  # the most telling word
    second: float
    mean: float
    said: float  # words that tell, up to MOST_SAID: a story is told at length
    size: float  # e-folds of courses above USUAL: the best of many fits more by chance
    length: float  # characters in tens, up to LONG: who needs something tells of it
    aloof: float  # how far its words are from those of technical prose, 0 or below


class Missing(NamedTuple):
    """What a question wants and the catalogue has not; see `Evidence`."""

    absent: float = -1.62
    aside: float = -2.40
    elsewhere: float = -1.99
    unheard: float = -3.37


def evidence(
    topic: Topic,
    explained: Scores,
    *,
    named: Scores | float,
    likely: Scores,
    characters: int,
    trouble: bool,
    missing: Missing,
) -> Evidence:
    """All of it for one question of so many characters; `explained` is the information (nats) of the words
    that each course has, by the place they stand in."""
    covered = np.minimum(explained, np.float32(ENOUGH))
    covered *= explained
    covered *= np.float32(1 / ENOUGH / (topic.total or 1.0))
    # What nobody teaches is hardly meant where a title has the very words: 英语 is no interview in English.
    lead = 1 - min(highest(covered), 1.0)
    missing = missing._replace(elsewhere=missing.elsewhere * lead)
    first, second, *_ = *topic.telling, 0.0, 0.0
    mean = sum(topic.telling) / (len(topic.telling) or 1)
    told = (first, second, mean, float(min(len(topic.telling), MOST_SAID)))
    size = log(min(max(len(covered), FEWEST), MOST) / USUAL)
    length = min(characters, LONG) / 10
    against = (topic.everyday, float(trouble), *missing, topic.known)
    return Evidence(1.0, covered, named, likely, *against, *told, size, length, topic.aloof)


def probability(seen: Evidence, weights: Weights = WEIGHTS) -> Scores:
    """For every course the probability that it helps."""
    of_each, of_all = weights[FIRST_OF_EACH:FIRST_OF_ALL], (weights.bias, *weights[FIRST_OF_ALL:])
    same = (seen.bias, *seen[FIRST_OF_ALL:])
    # All with the sign turned round, as exp wants it.
    logit: Scores = seen.covered * np.float32(-of_each[0])
    if not isinstance(seen.named, float):
        logit -= seen.named * np.float32(of_each[1])
    logit -= seen.likely * np.float32(of_each[2])
    logit -= np.float32(sum(map(mul, of_all, same)))
    np.exp(logit, out=logit)
    logit += 1
    return np.reciprocal(logit, out=logit)


def is_common(word: str) -> bool:
    """Whether general Chinese has a word so often that by itself it tells of no subject: 公司, 好看."""
    return words.general_count(word) >= COMMON


def may_tell(word: str) -> bool:
    """Whether a word can tell of a subject though no title, tag, summary or concept has it."""
    return not proves_nothing(word) and words.general_count(word) < RARE_IN_TALK


@lru_cache(maxsize=WORDS_KEPT)
def information(word: str) -> float:
    """What a word is worth by its rarity in general Chinese, in nats."""
    if proves_nothing(word):
        return 0.0
    worth = log(words.GENERAL_TOTAL / (words.general_count(word) + 1))
    return worth if len(word) > 1 else worth / 2
