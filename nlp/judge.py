"""Every course against one question: how well it ranks, how likely it helps, and what they have in common."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nlp import concepts, lexical, reason, refuse, words
from nlp.about import Table
from nlp.concepts import Concepts, Found, Meaning
from nlp.document import LEVELS, Document
from nlp.fuse import CONCEPTS, CONCEPTS_ALONE, LEXICAL, LIKELY, NAMED, VECTORS, Part, fuse
from nlp.lexical import Scores
from nlp.limits import Limits
from nlp.prepare import Prepared
from nlp.reading import Reading
from nlp.vectors import VectorIndex, WordVectors
from nlp.vocabulary import Vocabulary

LEVEL_OFF = (1.0, 0.85, 0.5)  # a course one or two levels away from the one asked for
CHEAP_LEAN = 0.3  # what the dearest course loses when something cheap is wanted
CERTAIN = 0.5  # strength of a concept from which a reason may say so
CERTAIN_NEAR = CERTAIN * concepts.NEAR_SHARE  # and of a neighbour of such a one
BESIDE_IT = 0.7  # how much of a concept is missed where only a neighbour is taught
EXPANSION = 0.5  # weight of a word that the question did not say but named in another way


_COMPARES = re.compile(r"哪一?[个门种]|还是|区别|不同|对比|比较|选谁|选哪|\bvs\b|\bor\b|怎么选")


class Judgement(NamedTuple):
    """All courses against one question: rank score, probability of help, how far each is about a neighbour
    of what the question names, and what that rests on."""

    score: Scores
    helps: Scores
    beside: Scores
    found: Sequence[Found]
    topic: refuse.Topic
    evidence: refuse.Evidence


class Judge:
    """The indexes of one catalogue."""

    def __init__(
        self, courses: Sequence[Prepared], known: Concepts, word_vectors: WordVectors | None
    ) -> None:
        sheets = [course.sheet for course in courses]
        self._courses, self._concepts = courses, known
        self.lexical = lexical.Lexical(sheets)
        self._vectors = _vector_index(word_vectors, sheets, self.lexical) if word_vectors else None
        self._sense = _sense(word_vectors, known) if word_vectors else None
        self._presence = refuse.Presence([sheet.words for sheet in sheets])
        self._about_each = Table([course.about for course in courses], len(known))
        self._subjects = _subjects(courses)
        self._by_title = {course.fields["title"]: row for row, course in enumerate(courses)}
        about = [course.about for course in courses]
        self._vocabulary = Vocabulary(sheets, known, about, self._subjects)
        self._levels = np.array([level_number(course.document) for course in courses], dtype=np.int64)
        self._prices = np.array([course.document.price_fen for course in courses], dtype=np.float32)

    def judge(self, reading: Reading) -> Judgement:
        """Score every course."""
        table, senses = self._about_each, self._senses(reading)
        meaning = self._concepts.in_question(reading.topic, reading.words, self._sense, table.touched)
        found, topic = meaning.found, self.weigh(reading.words)
        seen = self._evidence(topic, meaning, senses)
        fused, helps = fuse(self._parts(reading, meaning, senses)), refuse.probability(seen)
        in_full = self._by_title.get(words.plain(reading.text))
        if in_full is not None:  # somebody typed the title
            fused[in_full] = helps[in_full] = 1.0
        # The probability knows what the ranks do not: how much of the question is accounted for.
        score = self._preferred(fused * np.sqrt(helps), reading.limits)
        return Judgement(score, helps, self._best(found, "near"), found, topic, seen)

    def names(self, normal: str) -> list[str]:
        """The names of concepts in a `plain` text, as they stand there."""
        return [name for names in self._concepts.mentions(normal).values() for name in names]

    def titled(self, name: str) -> set[int]:
        """The courses whose title holds a `plain` name: each of its words, or its very characters."""
        wanted = set(words.words(name))
        squeezed = name.replace(" ", "")
        if not wanted or len(squeezed) < 2:
            return set()
        han = not squeezed.isascii()
        return {
            row
            for row, course in enumerate(self._courses)
            if wanted <= course.sheet.words["title"].keys()
            or (han and squeezed in course.fields["title"].replace(" ", ""))
        }

    def about_any(self, names: Iterable[str]) -> set[int]:
        """The courses that have one of these names, or what it is a name of, in title or tags."""
        return {row for name in names for row in self._about(name)}

    def _about(self, name: str) -> Iterable[int]:
        wanted, meant = set(words.words(name)), self._concepts.mentions(name).keys()
        for row, course in enumerate(self._courses):
            head = course.sheet.words["title"].keys() | course.sheet.words["tags"].keys()
            if wanted <= head or (meant & course.about.keys() and meant & self._in_head(course)):
                yield row

    def _in_head(self, course: Prepared) -> set[int]:
        """The concepts that a title or a tag names."""
        return {*self._concepts.mentions(f"{course.fields['title']} , {course.fields['tags']}")}

    def sides(self, reading: Reading, found: Sequence[Found], order: Sequence[int]) -> list[int]:
        """For 前端和后端学哪个好 the first course in this order of each side; nothing for other questions."""
        named = [each.concept for each in found if each.how == "named"]
        if len(named) < 2 or not _COMPARES.search(words.plain(reading.text)):
            return []
        firsts = (next((row for row in order if self._is_about(row, concept)), None) for concept in named)
        return sorted({row for row in firsts if row is not None}, key=order.index)

    def _is_about(self, row: int, concept: int) -> bool:
        course = self._courses[row]
        return course.about.get(concept, 0.0) >= concepts.SUBJECT_FROM and concept in self._in_head(course)

    def weigh(self, topic_words: Sequence[str]) -> refuse.Topic:
        """What a question is made of, in this catalogue."""
        return self._vocabulary.weigh(topic_words)

    def in_common(self, reading: Reading, found: Sequence[Found], row: int) -> reason.Match:
        """What one course and the question have in common, for the reason."""
        about = self._courses[row].about
        by_how: dict[str, tuple[str, str]] = {}
        for each in found:
            if about.get(each.concept, 0.0) >= concepts.SUBJECT_FROM and (how := _certainty(each)):
                said = reason.quote(reading.text, each.said)
                by_how.setdefault(how, (said, self._concepts.concepts[each.concept].names[0]))
        places, common = self._places(reading, row)
        return reason.Match(**by_how, words=places, common=common)

    def _senses(self, reading: Reading) -> Scores:
        if self._vectors is None:
            return np.zeros(len(self._courses), dtype=np.float32)
        return self._vectors.scores(Counter(reading.words))

    def _parts(self, reading: Reading, meaning: Meaning, senses: Scores) -> list[Part]:
        expanded = dict.fromkeys(self._concepts.name_words(meaning.found), EXPANSION)
        return [
            Part(self.lexical.scores(expanded | Counter(reading.words), reading.topic), LEXICAL),
            Part(self._by_concepts(meaning), CONCEPTS if meaning.named.any() else CONCEPTS_ALONE),
            Part(senses, VECTORS),
        ]

    def _by_concepts(self, meaning: Meaning) -> Scores:
        """What a question likely means counts beside what it names: 写网页 names one thing of several."""
        named, likely = map(self._about_each.scores, (meaning.named, meaning.likely))
        return fuse([Part(named, NAMED), Part(likely, LIKELY)])

    def _best(self, found: Sequence[Found], how: str) -> Scores:
        """For every course its best match among the concepts that were found in this way."""
        return self._about_each.best((each.concept, each.strength) for each in found if each.how == how)

    def _evidence(self, topic: refuse.Topic, meaning: Meaning, senses: Scores) -> refuse.Evidence:
        return refuse.evidence(
            topic,
            self._presence.covered(topic),
            named=self._best(meaning.found, "named"),
            likely=self._about_each.likeliest(meaning.likely),
            sense=senses,
            missing=self._missing(meaning),
        )

    def _missing(self, meaning: Meaning) -> refuse.Missing:
        """What the question wants that no course is about; by less, where one is about a neighbour."""
        taught = self._about_each.touched
        likeliest = float(meaning.likely.max(initial=0.0))
        here = float(meaning.likely[taught].max(initial=0.0))
        elsewhere = likeliest**0.5 - here**0.5
        named = [each.concept for each in meaning.found if each.how == "named"]
        missed = [self._missed(concept) for concept in named]
        if not named or not any(missed):
            return refuse.Missing(elsewhere=elsewhere)
        if all(missed):
            return refuse.Missing(absent=sum(missed) / len(named), elsewhere=elsewhere)
        return refuse.Missing(aside=sum(missed) / len(named), elsewhere=elsewhere)

    def _missed(self, concept: int) -> float:
        if concept in self._subjects:
            return 0.0
        return 1.0 if self._subjects.isdisjoint(self._concepts.neighbours(concept)) else BESIDE_IT

    def _preferred(self, score: Scores, said: Limits) -> Scores:
        """Lean towards the level and the price that were asked for; nothing is thrown out for them."""
        if said.level:
            off = np.abs(self._levels - LEVELS.index(said.level))
            score = score * np.array(LEVEL_OFF, dtype=np.float32)[off]
        if said.cheap and (dearest := float(self._prices.max(initial=0.0))):
            score = score * (1 - CHEAP_LEAN * self._prices / np.float32(dearest))
        return score

    def _places(self, reading: Reading, row: int) -> tuple[Mapping[str, list[str]], list[str]]:
        """The matched words by the first place of the course that has them; 名字 or 手机 is no match, and
        stands apart."""
        found: dict[str, list[str]] = {}
        common: list[str] = []
        places = self._courses[row].sheet.words
        for word in dict.fromkeys(reading.words):
            place = next((name for name, counts in places.items() if word in counts), None)
            if place:
                (common if word in self._vocabulary.everyday else found.setdefault(place, [])).append(word)
        return found, common


def _certainty(found: Found) -> str:
    """How a reason may speak of a concept: as named, meant, near or perhaps meant; not at all of a weak
    one."""
    if found.strength >= (CERTAIN_NEAR if found.how == "near" else CERTAIN):
        return found.how
    return "perhaps" if found.how == "meant" else ""


def level_number(document: Document) -> int:
    """0 for beginners to 2 for the advanced; in the middle when nobody said."""
    return LEVELS.index(document.level) if document.level in LEVELS else 1


def _subjects(courses: Sequence[Prepared]) -> frozenset[int]:
    """The concepts that some course is about, and not only mentions."""
    least = concepts.SUBJECT_FROM
    return frozenset(place for course in courses for place, degree in course.about.items() if degree >= least)


def _sense(vectors: WordVectors, known: Concepts) -> concepts.Sense:
    """Compares a question with every need by word vectors."""
    needs = [Counter(need) for need in known.need_words]
    index = VectorIndex(vectors, needs, [{}] * len(needs), known.sense_idf)
    return lambda topic_words: index.scores(Counter(topic_words), feedback=False)


def _vector_index(
    vectors: WordVectors, sheets: Sequence[lexical.Sheet], index: lexical.Lexical
) -> VectorIndex:
    titles = [sheet.words["title"] + sheet.words["tags"] for sheet in sheets]
    bodies = [sheet.words["summary"] + sheet.words["body"] for sheet in sheets]
    return VectorIndex(vectors, titles, bodies, index.words.idf)
