"""Knowledge that needs no model: which plain words go with which subject.

A concept has names and needs. A question names a concept (`pandas`), or means one (`把网页上的表格存下来` →
爬虫); a course is about one as far as its title, tags, summary and text name it. So a question and a course
can meet without sharing a word.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp import words
from nlp.about import SUBJECT_FROM, About, about
from nlp.concept import FOLDER, BadConcepts, Concept, load, together
from nlp.cut import Cut, cut
from nlp.names import Names, joined
from nlp.needs import Needs, Sense
from nlp.postings import Scores
from nlp.vectors import VectorIndex, WordVectors

__all__ = [
    "FOLDER",
    "SUBJECT_FROM",
    "BadConcepts",
    "Concept",
    "Concepts",
    "Found",
    "Meaning",
    "Sense",
    "dictionary",
    "is_known",
    "load",
]

MEANT_FROM = 0.3  # likeness of a question with a need below which they only share a word
MEANT_SURELY = 0.75
NEAR_SHARE = 0.3  # what is left of a concept's strength for its neighbours
MOST_MEANT = 3
LATELY = 64  # questions, each looked at by several

_THE_OTHER_WAY = {"near": "near", "whole": "part", "before": "after"}


class Found(NamedTuple):
    """A concept in a question: its place in the dictionary, how strongly (0 to 1), which words of the
    question said it, and whether it was named, or only meant, or is a neighbour of one that was.

    `seed` is the concept that was said: this one itself, or the one that it is a neighbour of. `tie` is what
    a neighbour is to its seed: learnt "before" or "after" it, a "part" of it or the "whole", or just "near".
    """

    concept: int
    strength: float
    said: tuple[str, ...]
    how: str  # "named" | "meant" | "near"
    seed: int
    tie: str = ""


class Meaning(NamedTuple):
    """What a question is about: the concepts found in it, strongest first, and their weights: by name for
    those that are named and their neighbours, by likelihood for every concept; `more`: whether it says
    anything beside the names; `sure`: how nearly it has the words of one need, 0 to 1."""

    found: Sequence[Found]
    named: Mapping[int, float]
    likely: Scores
    more: bool = True
    sure: float = 0.0


class Concepts:
    """A dictionary of concepts, ready to be looked up by the words and by the sense of a question."""

    def __init__(
        self, concepts: Sequence[Concept], known: Cut | None = None, *, first_own: int | None = None
    ) -> None:
        """`known`: these concepts as they were cut before. From `first_own` on they are one shop's own."""
        self.first_own = len(concepts) if first_own is None else first_own
        own = own_names(concepts[self.first_own :])
        known = known or cut(concepts, own)
        self.concepts = tuple(concepts)
        self._names = Names(known.names, own)
        self._mentions = lru_cache(maxsize=LATELY)(self._names.mentions)
        self._name_words = [each[0] for each in known.name_words]
        self._near = tuple(map(tuple, known.near))
        self._ties = [
            dict(zip(near, ties, strict=True)) for near, ties in zip(known.near, known.ties, strict=True)
        ]
        self._beside = _both_ways(self._near)
        self._needs = Needs([concept.needs for concept in concepts], known, self._beside)
        own_name_words = known.name_words[self.first_own :]
        self.own_names = frozenset(word for each in own_name_words for name in each for word in name)
        first_need = int(np.searchsorted(self._needs.of, self.first_own))
        self.own_needs = frozenset(word for need in known.need_words[first_need:] for word in need)

    def __len__(self) -> int:
        return len(self.concepts)

    def knows(self, word: str) -> float:
        """How technical a counted word is: a name is, or a need of that word alone (变量); a word of a longer
        need is half."""
        if word in self._names or word in self._needs.terms:
            return 1.0
        return 0.5 * (word in self._needs.by_word)

    @property
    def codes(self) -> Iterable[str]:
        """Every name in letters, without separators."""
        return self._names.codes

    @property
    def sayable(self) -> set[str]:
        """Every Chinese name, without those that are slips themselves, and every need of a single word."""
        slips = {words.plain(name).replace(" ", "") for concept in self.concepts for name in concept.typos}
        return {name for name in self._names.chinese if name not in slips} | self._needs.terms

    @property
    def slips_in_letters(self) -> set[str]:
        """The names in letters that are slips themselves, without separators; `java script` is one only with
        its gap."""
        slips = {joined(words.plain(name)) for concept in self.concepts for name in concept.typos}
        real = (name for concept in self.concepts for name in concept.names if name not in concept.typos)
        return slips - {joined(words.plain(name)) for name in real}

    def name_words(self, found: Iterable[Found]) -> list[str]:
        """The counted words of the names of concepts, for those that were named: `paichong` → 爬虫."""
        return [word for each in found if each.how == "named" for word in self._name_words[each.concept]]

    def mentions(self, normal: str) -> Mapping[int, Sequence[str]]:
        """Every concept that a `plain` text names, with the names as they stand there."""
        return self._mentions(normal)

    def about(self, fields: Mapping[str, str]) -> About:
        """How far a course (its `plain` fields) is about each concept, 0 to 1."""
        return about(fields, self._names)

    def without_own(self, concepts: frozenset[int]) -> frozenset[int]:
        """Those of these that every shop has."""
        return frozenset(place for place in concepts if place < self.first_own)

    def neighbours(self, concept: int) -> AbstractSet[int]:
        """Of one concept, whichever of the two names the other."""
        return self._beside[concept]

    def said_of(self, taught: frozenset[int]) -> Counter[str]:
        """How often each word is said of these concepts and their neighbours."""
        return self._needs.said_of(taught.union(*(self._beside[place] for place in taught)))

    def sense(self, vectors: WordVectors) -> Sense:
        """Compares a question with every need by word vectors."""
        needs = [Counter(need) for need in self._needs.words]
        index = VectorIndex.of(vectors, needs, self._needs.by_word.idf)
        return lambda topic_words: index.scores(Counter(topic_words), feedback=False)

    def in_question(
        self,
        topic: str,
        topic_words: Sequence[str],
        sense: Sense | None = None,
        taught: npt.NDArray[np.int64] | None = None,
    ) -> Meaning:
        """What a freed question is about. `sense` may give the similarity of some words with every need,
        0 to 1, by word vectors; `taught` are the concepts that some course has to do with."""
        found = {
            place: Found(place, 1.0, tuple(names), "named", place)
            for place, names in self.mentions(topic).items()
        }
        likely = np.zeros(len(self.concepts), dtype=np.float32)
        sure, more = 0.0, _says_more(topic, found.values())
        if topic_words and len(self._needs.of):
            likeness, said = self._needs.likeness(topic, topic_words, sense)
            likely, sure = self._needs.likely(likeness, said, taught), float(likeness.max())
            if more:
                for meant in self._meant(topic_words, self._needs.alike_from(likeness, MEANT_FROM)):
                    found.setdefault(meant.concept, meant)
        for seed in tuple(found.values()):
            for place in self._near[seed.concept]:
                found.setdefault(place, self._neighbour(place, seed))
        strongest = sorted(found.values(), key=lambda each: -each.strength)
        return Meaning(strongest, self._named(found.values()), likely, more, sure)

    def _neighbour(self, place: int, seed: Found) -> Found:
        tie = self._ties[seed.concept][place]
        if tie == "near":
            tie = _THE_OTHER_WAY[self._ties[place].get(seed.concept, "near")]
        return Found(place, seed.strength * NEAR_SHARE, seed.said, "near", seed.concept, tie)

    def _named(self, found: Iterable[Found]) -> dict[int, float]:
        """A weight for the concepts that are named, and for the neighbours of those."""
        named = [each.concept for each in found if each.how == "named"]
        beside = {place: NEAR_SHARE for concept in named for place in self._near[concept]}
        return beside | dict.fromkeys(named, 1.0)

    def _meant(self, topic_words: Sequence[str], alike: Sequence[tuple[int, float]]) -> list[Found]:
        """The concepts of the needs that a question is like, the likest first."""
        best: dict[int, Found] = {}
        several = len(alike) > 0 and len(words.whole(topic_words)) > 1
        for need, likeness in alike:
            if len(best) == MOST_MEANT:
                break
            place = int(self._needs.of[need])
            if place not in best:
                in_need = self._needs.words[need]
                said = tuple(word for word in topic_words if word in in_need)
                sure = min(likeness / MEANT_SURELY, 1.0)
                # One word in common of several is a chance, not a sense.
                chance = several and len(words.whole(said)) == 1
                best[place] = Found(place, sure / 2 if chance else sure, said, "meant", place)
        return list(best.values())


@lru_cache(maxsize=4)
def dictionary(own: tuple[Concept, ...] = ()) -> Concepts:
    """Our concepts and a shop's own; made once."""
    listed, first_own = with_own(own)
    return Concepts(listed, first_own=first_own)


def with_own(own: Sequence[Concept]) -> tuple[tuple[Concept, ...], int]:
    """Our concepts, and behind them a shop's own, which stand in the place of ours of the same name; and
    where those begin."""
    own = together(own)
    theirs = {words.plain(concept.names[0]) for concept in own}
    ours = tuple(each for each in _ours() if words.plain(each.names[0]) not in theirs)
    return ours + own, len(ours)


def own_names(own: Iterable[Concept]) -> words.Own:
    """The names of a shop's own concepts, as words that no dictionary has."""
    return words.Own.of((), {words.plain(name) for concept in own for name in concept.names})


def is_known(name: str) -> bool:
    """Whether a name is one of our concepts', in any writing."""
    return bool(dictionary().mentions(words.plain(name)))


@cache
def _ours() -> tuple[Concept, ...]:
    return load()


def _both_ways(near: Sequence[Sequence[int]]) -> tuple[frozenset[int], ...]:
    beside: list[set[int]] = [set(others) for others in near]
    for place, others in enumerate(near):
        for other in others:
            beside[other].add(place)
    return tuple(frozenset(others - {place}) for place, others in enumerate(beside))


def _says_more(topic: str, named: Iterable[Found]) -> bool:
    """Whether a question says anything beside the names in it: 前端 alone names 前端, and means no need."""
    for each in named:
        for name in each.said:
            topic = topic.replace(name, " ")
    return len(topic.replace(" ", "")) > 1
