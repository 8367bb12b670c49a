"""Every course against one question: how well it ranks, how likely it helps, and what they have in common."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp import concepts, lexical, reason, refuse, sides, words
from nlp.about import Table
from nlp.aside import is_person
from nlp.concepts import Concepts, Found, Meaning
from nlp.document import LEVELS, Document
from nlp.everyday import of_a_user
from nlp.fuse import CONCEPTS, CONCEPTS_ALONE, LEXICAL, LIKELY, NAMED, VECTORS, Part, fuse
from nlp.limits import Limits
from nlp.material import Material
from nlp.needs import CHANCE
from nlp.postings import Numbers, Scores
from nlp.reading import Reading
from nlp.sums import highest
from nlp.vectors import VectorIndex, WordVectors
from nlp.vocabulary import Vocabulary

LEVEL_OFF = (1.0, 0.85, 0.5)  # a course one or two levels away from the one asked for
NEWCOMER = (1.0, 0.92, 0.8)  # what a broad question leaves of a course, from beginners' to advanced ones
CERTAIN = 0.5  # strength of a concept from which a reason may say so
SURE = 0.7  # and from which it may say that what was said is that concept
CERTAIN_NEAR = CERTAIN * concepts.NEAR_SHARE  # and of a neighbour of such a one
BESIDE_IT = 0.5  # how much of a concept is missed where only a neighbour is taught
IN_A_NAME = 0.5  # weight of a word that only stands in the name of what was named
OF_A_NEED = 1.0  # by how much concepts have more of a vote where a need is said nearly in its words
LIKELY_ENOUGH = 0.1  # weight of the likeliest concept from which concepts have their full vote
ASIDE = 0.5  # weight of a word that is only said beside the subject: 老板, 最好
EXPANSION = 0.5  # weight of a word that the question did not say but named in another way
GUESS = 0.3  # share of the likeliest concept's weight from which one may be told as a guess
MOST_GUESSED = 6
LATELY = 64
TITLES_KEPT = 2_048  # some KB each
_FIELDS = tuple(lexical.FIELDS)


class Judgement(NamedTuple):
    """All courses against one question: rank score, probability of help, and what that rests on."""

    score: Scores
    helps: Scores
    found: Sequence[Found]
    topic: refuse.Topic
    evidence: refuse.Evidence
    guessed: Sequence[int]  # the concepts that it likely means, the likeliest first


class Judge:
    """The indexes of one catalogue."""

    def __init__(self, material: Material, known: Concepts, word_vectors: WordVectors | None) -> None:
        self._titles, self._concepts = material.titles, known
        index = lexical.Bm25f(material.numbers.words, material.words, place_worth=refuse.PLACE_WORTH)
        self.lexical = lexical.Lexical(index, lexical.Bm25f(material.numbers.bigrams, material.bigrams))
        self._vectors = VectorIndex.of_courses(word_vectors, material.words, index) if word_vectors else None
        self._sense = known.sense(word_vectors) if word_vectors else None
        self._about_each = table = Table(material.about, len(known))
        self._subjects = table.subjects
        self._by_title = {title: row for row, title in enumerate(material.titles)}
        ours = table.mentioning(known.without_own(self._subjects))
        self._vocabulary = Vocabulary(index, known, self._subjects, ours)
        self._weigh = lru_cache(maxsize=LATELY)(self._vocabulary.weigh)  # reader and judge ask the same
        self._levels = np.array([level_number(each) for each in material.documents], dtype=np.int64)

    def judge(self, reading: Reading) -> Judgement:
        """Score every course."""
        table, senses = self._about_each, self._senses(reading)
        meaning = self._concepts.in_question(reading.topic, reading.words, self._sense, table.touched)
        found, topic = meaning.found, self.weigh(reading.words)
        expanded = self._expanded(reading.words, found)
        by_word = self.lexical.words.scores(expanded)
        explained = self.lexical.words.cover(topic.information)
        seen = self._evidence(reading, topic, explained, meaning)
        parts = self._parts(reading, meaning, by_word, senses, topic.foreign)
        fused, helps = fuse(parts), refuse.probability(seen)
        in_full = self._by_title.get(words.plain(reading.text))
        if in_full is not None:  # somebody typed the title
            fused[in_full] = helps[in_full] = 1.0
        # The probability knows what the ranks do not: how much of the question is accounted for.
        fused *= np.sqrt(helps)
        score = self._preferred(fused, reading.limits, broad=bool(meaning.named) and not meaning.more)
        return Judgement(score, helps, found, topic, seen, _likeliest(meaning.likely, table.touched))

    def _expanded(self, said: Sequence[str], found: Sequence[Found]) -> dict[str, float]:
        """The words of a question with those of what it names, and the weight of each. A word of a name that
        is taught says less by itself: the web of web scraping is no web development."""
        named = [each for each in found if each.how == "named"]
        weights = dict.fromkeys(self._concepts.name_words(named), EXPANSION)
        counted = Counter(said) if len(set(said)) < len(said) else dict.fromkeys(said, 1)
        taught = (name for each in named if each.concept in self._subjects for name in each.said)
        parts = {part for name in taught if " " in name for part in words.words(name)}
        for word, times in counted.items():
            weights[word] = times * (IN_A_NAME if word in parts else self._share(word))
        return weights

    def _share(self, word: str) -> float:
        """What is left of a word that is only said beside the subject, or for whom: 程序员 in a title."""
        return ASIDE if self._is_aside(word) else 1.0

    def _is_aside(self, word: str) -> bool:
        return self._vocabulary.is_aside(word) or is_person(word)

    def beside(self, found: Sequence[Found]) -> Scores:
        """How far each course is about a neighbour of what a question names."""
        return self._best(found, "near")

    def names(self, normal: str) -> list[str]:
        """The names of concepts in a `plain` text, as they stand there."""
        return [name for names in self._concepts.mentions(normal).values() for name in names]

    def titled(self, name: str) -> set[int]:
        """The courses whose title holds a `plain` name: each of its words, or its very characters."""
        wanted = set(words.words(name))
        squeezed = name.replace(" ", "")
        if not wanted or len(squeezed) < 2:
            return set()
        rows = set(self._with_all(wanted, lexical.TITLE).tolist())
        if not squeezed.isascii():
            rows |= {row for row, title in enumerate(self._titles) if squeezed in title.replace(" ", "")}
        return rows

    def alike(self, row: int, other: int) -> float:
        """The cosine of the bigrams of two titles, 0 to 1."""
        one, two = self._titles[row], self._titles[other]
        return 1.0 if one == two and one else _title(one).alike(_title(two))

    def about_any(self, names: Iterable[str]) -> set[int]:
        """The courses that have one of these names, or what it is a name of, in title or tags."""
        return {row for name in names for row in self._about(name)}

    def _about(self, name: str) -> set[int]:
        rows = set(self._with_all(set(words.words(name)), lexical.HEAD).tolist())
        return rows.union(
            *(self._about_each.in_head(each).tolist() for each in self._concepts.mentions(name))
        )

    def _with_all(self, wanted: Iterable[str], places: int) -> Numbers:
        """The courses that have each of these words in one of these places; without words all have."""
        everywhere = np.arange(len(self._titles), dtype=np.int32)
        found = (self.lexical.words.rows(word, places) for word in wanted)
        return reduce(lambda rows, more: np.intersect1d(rows, more, assume_unique=True), found, everywhere)

    def sides(self, reading: Reading) -> list[Judgement]:
        """The courses against each subject of 前端和后端学哪个好; nothing for a question about one."""
        named = self._concepts.mentions(words.plain(reading.text))
        taught = {concept: names for concept, names in named.items() if concept in self._subjects}
        return [self.judge(each) for each in sides.of(reading, taught)] if len(taught) > 1 else []

    def is_about_all(self, row: int, found: Iterable[Found]) -> bool:
        """Whether title or tags of a course name each concept that a question names, of those taught here."""
        named = {each.concept for each in found if each.how == "named"}
        return named & self._subjects <= self._about_each.heads_of(row)

    def weigh(self, topic_words: Sequence[str]) -> refuse.Topic:
        """What a question is made of, in this catalogue."""
        return self._weigh(tuple(topic_words))

    def in_common(
        self, reading: Reading, found: Sequence[Found], row: int, guessed: Sequence[int] = ()
    ) -> reason.Match:
        """What one course and the question have in common, for the reason."""
        about = self._about_each.degrees(row)
        by_how: dict[str, tuple[str, str]] = {}
        near: reason.Near | None = None
        for each in found:
            if about.get(each.concept, 0.0) < concepts.SUBJECT_FROM or not (how := _certainty(each)):
                continue
            said = reason.quote(reading.text, each.said)
            if how == "near":
                near = near or self._near(each, said, found)
            else:
                how, called = self._called(how, each)
                by_how.setdefault(how, (said, called))
        subjects = (each for each in guessed if about.get(each, 0.0) >= concepts.SUBJECT_FROM)
        guess = next((self._concepts.concepts[each].names[0] for each in subjects), "")
        return reason.Match(**by_how, near=near, guess=guess, words=self._places(reading, row))

    def _called(self, how: str, found: Found) -> tuple[str, str]:
        """How a reason may speak of a concept of the question, and what it calls it."""
        concept = self._concepts.concepts[found.concept]
        if how == "named" and (meant := concept.mended(found.said)):
            return "slip", meant
        only_touched = len(words.whole(found.said)) == 1 or found.strength < SURE
        return "touched" if how == "meant" and only_touched else how, concept.names[0]

    def _near(self, neighbour: Found, said: str, found: Sequence[Found]) -> reason.Near:
        """What a course teaches that is only about a neighbour of what was said."""
        teaches = self._concepts.concepts[neighbour.concept].names[0]
        said = self._concepts.concepts[neighbour.seed].mended(neighbour.said) or said
        seeds = {each.concept for each in found if each.how != "near" and each.said == neighbour.said}
        named = any(each.how == "named" for each in found if each.concept in seeds)
        return reason.Near(said, teaches, named and self._subjects.isdisjoint(seeds))

    def _senses(self, reading: Reading) -> Scores | None:
        if self._vectors is None:
            return None
        return self._vectors.scores(Counter(reading.words))

    def _parts(
        self, reading: Reading, meaning: Meaning, by_word: Scores, senses: Scores | None, foreign: float
    ) -> list[Part]:
        sure = max(meaning.sure - CHANCE, 0.0) / (1 - CHANCE)
        alone = CONCEPTS_ALONE * (1 + OF_A_NEED * sure) * trusted(meaning.likely, foreign)
        parts = [
            Part(self.lexical.together(by_word, words.bigrams(reading.topic)), LEXICAL),
            Part(self._by_concepts(meaning), CONCEPTS if meaning.named else alone),
        ]
        return parts if senses is None else [*parts, Part(senses, VECTORS)]

    def _by_concepts(self, meaning: Meaning) -> Scores:
        """What a question likely means counts beside what it names: 写网页 names one thing of several."""
        named, likely = self._about_each.named(meaning.named), self._about_each.likely(meaning.likely)
        return likely if named is None else fuse([Part(named, NAMED), Part(likely, LIKELY)])

    def _best(self, found: Sequence[Found], how: str) -> Scores:
        """For every course its best match among the concepts that were found in this way."""
        return self._about_each.best({each.concept: each.strength for each in found if each.how == how})

    def _evidence(
        self, reading: Reading, topic: refuse.Topic, explained: Scores, meaning: Meaning
    ) -> refuse.Evidence:
        normal = words.plain(reading.text)
        return refuse.evidence(
            topic._replace(everyday=self._small_talk(topic, meaning.found)),
            explained,
            named=self._best(meaning.found, "named") if meaning.named else 0.0,
            likely=self._about_each.likeliest(meaning.likely),
            characters=len(normal),
            trouble=of_a_user(normal),
            missing=self._missing(reading, topic, meaning),
        )

    def _small_talk(self, topic: refuse.Topic, found: Sequence[Found]) -> float:
        """The share of everyday talk; a word of a name that is taught is none: 信号 in 信号与系统."""
        if not topic.everyday:
            return 0.0
        taught = (each for each in found if each.how == "named" and each.concept in self._subjects)
        said = " ".join(name for each in taught for name in each.said)
        spared = (worth for word, worth in topic.information.items() if word in said and self._is_talk(word))
        return max(topic.everyday - sum(spared) / (topic.total or 1.0), 0.0)

    def _is_talk(self, word: str) -> bool:
        return word in self._vocabulary.everyday

    def _missing(self, reading: Reading, topic: refuse.Topic, meaning: Meaning) -> refuse.Missing:
        """What the question wants that no course is about; by less, where one is about a neighbour."""
        likeliest, here = highest(meaning.likely), highest(meaning.likely[self._about_each.touched])
        named = [each.concept for each in meaning.found if each.how == "named"]
        missed = sum(map(self._missed, named)) / len(named) if named else 0.0
        none_is = bool(named) and self._subjects.isdisjoint(named)
        return refuse.Missing(
            absent=missed if none_is else 0.0,
            aside=0.0 if none_is else missed,
            elsewhere=likeliest**0.5 - here**0.5,
            unheard=self._unheard(reading, topic, meaning.found),
        )

    def _unheard(self, reading: Reading, topic: refuse.Topic, found: Sequence[Found]) -> float:
        """The share of a question that is names in capital letters which no course has and which are none of
        what is taught: Laravel, where Python is. Written small it may be any English word."""
        unheard = [
            word
            for word in topic.information
            if word.isascii() and word not in reading.text and word not in self.lexical.words
        ]
        if not unheard:
            return 0.0
        known = " ".join(name for each in found if each.concept in self._subjects for name in each.said)
        worth = (topic.information[word] for word in unheard if word not in known)
        return sum(worth) / (topic.total or 1.0)

    def _missed(self, concept: int) -> float:
        if concept in self._subjects:
            return 0.0
        return 1.0 if self._subjects.isdisjoint(self._concepts.neighbours(concept)) else BESIDE_IT

    def _preferred(self, score: Scores, said: Limits, *, broad: bool) -> Scores:
        """Lean towards the level that was asked for; nothing is thrown out for it. Who names a subject and
        says no more about it most likely begins: of courses that fit about equally a newcomer's is first."""
        if said.level:
            off = np.abs(self._levels - LEVELS.index(said.level))
            score = score * np.array(LEVEL_OFF, dtype=np.float32)[off]
        elif broad:
            score = score * np.array(NEWCOMER, dtype=np.float32)[self._levels]
        return score

    def _places(self, reading: Reading, row: int) -> Mapping[str, list[str]]:
        """The matched words by the first place of the course that has them, `PASSING` for those in its text
        that tell of no subject (发生); what all people say (手机, 老板, 最好) is no match."""
        found: dict[str, list[str]] = {}
        matched = {word: places for word in reading.words if (places := self.lexical.words.places(word, row))}
        torn = {word for word in matched if self._is_torn(word, reading.words, matched)}
        for word, places in matched.items():
            if word in torn or self._is_talk(word) or self._is_aside(word):
                continue
            place = _FIELDS[(places & -places).bit_length() - 1]
            if place == "body" and not self._vocabulary.tells(word):
                place = reason.PASSING
            found.setdefault(place, []).append(word)
        return found

    def _is_torn(self, word: str, said: Iterable[str], matched: Mapping[str, int]) -> bool:
        """Whether it is only a part of what was said, and the course has not the whole: 机器 of 聊天机器人.
        One that is a name itself may stand for it: 后端 of 后端开发."""
        wholes = [each for each in said if word != each and word in each]
        return bool(wholes) and matched.keys().isdisjoint(wholes) and self._concepts.knows(word) < 1


def _likeliest(likely: Scores, taught: npt.NDArray[np.int64]) -> list[int]:
    """Of the concepts that are taught those about as likely as the likeliest, that one first."""
    here = likely[taught]
    least = np.float32(GUESS) * here.max(initial=0.0)
    near = np.flatnonzero(here >= least) if least > 0 else np.zeros(0, dtype=np.intp)
    chosen: list[int] = taught[near[(-here[near]).argsort(kind="stable")[:MOST_GUESSED]]].tolist()
    return chosen


class _Title:
    """The bigrams of a title, to be held against those of others."""

    __slots__ = ("counts", "length")

    def __init__(self, title: str) -> None:
        self.counts = Counter(words.bigrams(title))
        self.length = sqrt(sum(count**2 for count in self.counts.values()))

    def alike(self, other: "_Title") -> float:
        """The cosine."""
        both = self.counts.keys() & other.counts.keys()
        common = sum(self.counts[pair] * other.counts[pair] for pair in both)
        return common / (self.length * other.length or 1.0)


_title = lru_cache(maxsize=TITLES_KEPT)(_Title)  # the best few of one question are those of the next


def _certainty(found: Found) -> str:
    """How a reason may speak of a concept: as named, meant, near or perhaps meant; not at all of a weak
    one."""
    if found.strength >= (CERTAIN_NEAR if found.how == "near" else CERTAIN):
        return found.how
    return "perhaps" if found.how == "meant" else ""


def trusted(likely: Scores, foreign: float) -> float:
    """How far to trust what concepts make of a question that names none, 0 to 1. The likeliest of them may be
    hardly likely; and what they guess from the rest of a question about another trade says little: 在家 in
    想在家学咖啡拉花."""
    return min(highest(likely) / LIKELY_ENOUGH, 1.0) * (1 - foreign) ** 2


def level_number(document: Document) -> int:
    """0 for beginners to 2 for the advanced; in the middle when nobody said."""
    return LEVELS.index(document.level) if document.level in LEVELS else 1
