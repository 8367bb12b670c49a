"""The librarian: reads what a follower wrote, and finds the courses that help, with the reason, or says no.

    read    normalise → limits → chatter → intent
    search  score by words, concepts and vectors → fuse → does the best one help? → limits → reasons

A Librarian is built from a catalogue and never changes: any number of threads may ask it, and a new catalogue
makes a new one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nlp import chatter, concepts, intent, lexical, limits, reason, refuse, words
from nlp.concepts import Concepts, Found
from nlp.document import LEVELS, Document
from nlp.fuse import CONCEPTS, LEXICAL, VECTORS, Part, fuse
from nlp.lexical import Scores
from nlp.limits import Limits
from nlp.spelling import Speller
from nlp.vectors import VectorIndex, WordVectors
from nlp.vectors import load as load_vectors

MAX_BODY_CHARS = 6_000  # of a course's free text; what comes later is told by the title as well
STANDS_FOR_SUMMARY = 200  # characters
SHORT_OF_BEST = 0.3  # a course below this share of the best score is not listed
NEAREST = 3
LEVEL_OFF = (1.0, 0.85, 0.7)  # a course one or two levels away from the one asked for
EXPANSION = 0.5  # weight of a word that the question did not say but named in another way
KNOWN_ENOUGH = 0.3  # share of technical words from which a refused question still gets what comes near
OFFTOPIC_FROM = 0.6  # share of everyday words


_OF_LEARNING = re.compile(r"[学课教]|推荐|入门|资料")
_LETTERS = re.compile(r"(?<![a-z0-9])[a-z]{4,}(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message was understood to be. `number` is a place in the last list (1 is the first), `name` a
    course as the follower called it, `words` the counted words of the topic, `topic` its freed text."""

    text: str
    intent: str
    confidence: float
    number: int | None = None
    name: str = ""
    limits: Limits = field(default_factory=Limits)
    words: tuple[str, ...] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A course that was found: `score` 0 to 1, `reason` one line in Chinese made of what really matched."""

    id: str
    title: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`hits` best first, empty when nothing fits. Then `nearest` may hold what comes close, and `note`
    says in
    Chinese what stood in the way (a price nobody keeps to, for example)."""

    hits: tuple[Hit, ...] = ()
    confident: bool = False
    nearest: tuple[Hit, ...] = ()
    note: str = ""


class _Judged(NamedTuple):
    """All courses against one question: rank score and probability of help, and the concepts behind them."""

    score: Scores
    helps: Scores
    found: Sequence[Found]
    topic: refuse.Topic


class Librarian:
    """Finds courses in one catalogue. Make one with `build`."""

    def __init__(
        self, documents: Sequence[Document], known: Concepts, word_vectors: WordVectors | None
    ) -> None:
        self._documents = tuple(documents)
        self._row = {document.id: row for row, document in enumerate(documents)}
        self._fields = [_fields(document) for document in documents]
        sheets = [lexical.cut(fields) for fields in self._fields]
        self._lexical = lexical.Lexical(sheets)
        self._by_title = {fields["title"]: row for row, fields in enumerate(self._fields)}
        self._titles = lexical.Cosine([sheet.bigrams["title"] for sheet in sheets])
        self._vectors = self._vector_index(word_vectors, sheets) if word_vectors else None
        self._presence = refuse.Presence([sheet.words for sheet in sheets])
        self._concepts = known
        self._strength = concepts.strengths([known.about(fields) for fields in self._fields], len(known))
        self._heads = frozenset(
            word for sheet in sheets for name in ("title", "tags", "summary") for word in sheet.words[name]
        )
        self._speller = Speller((*self._lexical.words.vocabulary, *known.codes))
        self._everyday = refuse.everyday_words() - frozenset(
            word for sheet in sheets for name in ("title", "tags") for word in sheet.words[name]
        )
        self._levels = np.array([_level_number(document) for document in documents], dtype=np.int64)
        self._prices = np.array([document.price_fen for document in documents], dtype=np.float32)

    @classmethod
    def build(cls, documents: Iterable[Document], *, vectors: Path | None = None) -> "Librarian":
        """Index a catalogue of any size, none included. `vectors`: a file or folder that `vectors.load`
        reads.

        Raises BadVectors, with one line that says what is wrong with that file.
        """
        return cls(tuple(documents), _our_concepts(), load_vectors(vectors) if vectors else None)

    def read(self, text: str) -> Reading:
        """Understand a message. Never fails: whatever cannot be understood is `ask` with low confidence."""
        normal = words.plain(text[: words.MAX_QUERY_CHARS])
        understood = limits.understand(normal)
        rest = self._mended(understood.rest)
        named = self._concepts.mentions(rest)
        freed = chatter.free(rest, [name for names in named.values() for name in names])
        found = intent.detect(normal, free_words=len(freed.words))
        if found.intent == intent.ASK:
            found = self._look_closer(found, normal, freed, bool(named), understood.limits)
        return Reading(
            text,
            found.intent,
            found.confidence,
            found.number,
            found.name,
            understood.limits,
            freed.words,
            freed.text,
        )

    def search(self, question: Reading | str, *, limit: int = 10, exclude: Iterable[str] = ()) -> Answer:
        """The courses that fit, best first; without those in `exclude` (ids)."""
        reading = self.read(question) if isinstance(question, str) else question
        if not self._documents:
            return Answer()
        left_out = {self._row[each] for each in exclude if each in self._row}
        if not reading.words:
            return self._browse(reading, limit, left_out)
        judged = self._judge(reading)
        order = [int(row) for row in np.argsort(-judged.score, kind="stable") if int(row) not in left_out]
        return self._answer(reading, judged, order, limit)

    def similar(self, course_id: str, *, limit: int = 3) -> tuple[Hit, ...]:
        """Courses like one of the catalogue, for its page. Raises KeyError for an unknown id."""
        row = self._row[course_id]
        document = self._documents[row]
        topic = " ".join(self._fields[row][name] for name in ("title", "tags"))
        freed = chatter.free(topic)
        reading = Reading(document.title, intent.ASK, 1.0, words=freed.words, topic=freed.text)
        return self.search(reading, limit=limit, exclude=(course_id,)).hits if freed.words else ()

    def called(self, name: str, *, limit: int = 3) -> tuple[Hit, ...]:
        """Courses by what a follower calls them (`买 Python 爬虫`): by title only, best first."""
        pairs = words.bigrams(words.plain(name))
        alike = self._titles.similarities(pairs)
        order = np.argsort(-alike, kind="stable")[:limit]
        return tuple(
            Hit(self._documents[row].id, self._documents[row].title, min(float(alike[row]), 1.0), "课名最像")
            for row in order
            if alike[row] > 0.3
        )

    def _vector_index(self, vectors: WordVectors, sheets: Sequence[lexical.Sheet]) -> VectorIndex:
        titles = [sheet.words["title"] + sheet.words["tags"] for sheet in sheets]
        bodies = [sheet.words["summary"] + sheet.words["body"] for sheet in sheets]
        return VectorIndex(vectors, titles, bodies, self._lexical.words.idf)

    def _mended(self, rest: str) -> str:
        """The question with slips in words of letters put right."""
        return _LETTERS.sub(lambda match: self._speller.mended(match.group()), rest)

    def _look_closer(
        self, found: intent.Intent, normal: str, freed: chatter.Freed, named: bool, said: Limits
    ) -> intent.Intent:
        """A question about nothing is a wish to look around; one about everyday things is off topic."""
        if not freed.words:
            return self._about_nothing(normal, said)
        topic = self._weigh(freed.words)
        if topic.everyday >= OFFTOPIC_FROM and not named:
            return intent.Intent(intent.OFFTOPIC, topic.everyday)
        if topic.known == 0 and not named:
            return intent.Intent(intent.OFFTOPIC, 0.6)
        return found

    def _about_nothing(self, normal: str, said: Limits) -> intent.Intent:
        if said.has_price or said.cheap or said.level:
            return intent.Intent(intent.RECOMMEND, 0.8)
        return intent.Intent(intent.RECOMMEND if _OF_LEARNING.search(normal) else intent.OFFTOPIC, 0.5)

    def _weigh(self, topic_words: Sequence[str]) -> refuse.Topic:
        return refuse.weigh(topic_words, self._knows, self._everyday)

    def _knows(self, word: str) -> float:
        return 1.0 if word in self._heads else self._concepts.knows(word)

    def _judge(self, reading: Reading) -> _Judged:
        found = self._concepts.in_question(reading.topic, reading.words)
        parts = [
            Part(self._lexical.scores(self._expanded(reading.words, found), reading.topic), LEXICAL),
            Part(concepts.scores(found, self._strength), CONCEPTS),
        ]
        if self._vectors:
            parts.append(Part(self._vectors.scores(Counter(reading.words)), VECTORS))
        fused = fuse(parts)
        topic = self._weigh(reading.words)
        helps = refuse.probability(
            topic,
            self._presence.covered(topic),
            concepts.best(found, self._strength, "named"),
            concepts.best(found, self._strength, "meant"),
        )
        named_in_full = self._by_title.get(words.plain(reading.text))
        if named_in_full is not None:
            fused[named_in_full] = helps[named_in_full] = 1.0
        # The probability knows what the ranks do not: how much of the question is accounted for.
        return _Judged(self._preferred(fused * np.sqrt(helps), reading.limits), helps, found, topic)

    def _expanded(self, asked: Sequence[str], found: Sequence[Found]) -> Mapping[str, float]:
        """The words asked for, and with less weight the names of the concepts they name."""
        expanded = dict.fromkeys(self._concepts.name_words(found), EXPANSION)
        return expanded | Counter(asked)

    def _preferred(self, score: Scores, said: Limits) -> Scores:
        """Lean towards the level and the price that were asked for; nothing is thrown out for a level."""
        if said.level:
            off = np.abs(self._levels - LEVELS.index(said.level)).clip(0, 2)
            score = score * np.array(LEVEL_OFF, dtype=np.float32)[off]
        if said.cheap and (dearest := float(self._prices.max(initial=0.0))):
            score = score * (1 - 0.3 * self._prices / np.float32(dearest))
        return score

    def _answer(self, reading: Reading, judged: _Judged, order: Sequence[int], limit: int) -> Answer:
        best = max((float(judged.helps[row]) for row in order[:NEAREST]), default=0.0)
        if best < refuse.HELPS:
            technical = judged.topic.known >= KNOWN_ENOUGH or judged.found
            near = [row for row in order[:NEAREST] if technical and judged.helps[row] >= refuse.COMES_NEAR]
            return Answer(nearest=self._hits(reading, judged, near, best, NEAREST))
        floor = SHORT_OF_BEST * float(judged.score[order[0]])
        least = max(refuse.COMES_NEAR, best / 2)
        fitting = [row for row in order if judged.score[row] >= floor and judged.helps[row] >= least]
        allowed = [row for row in fitting if reading.limits.allows(self._documents[row].price_fen)]
        if not allowed:
            near = fitting[:NEAREST]
            note = _no_such_price(reading.limits)
            return Answer(nearest=self._hits(reading, judged, near, best, NEAREST), note=note)
        hits = self._hits(reading, judged, allowed, best, limit)
        return Answer(hits, bool(hits) and best >= refuse.SURELY)

    def _hits(
        self, reading: Reading, judged: _Judged, rows: Iterable[int], best: float, limit: int
    ) -> tuple[Hit, ...]:
        """The first of these courses as hits; one for which no reason can be given is none."""
        top = float(judged.score.max(initial=0.0)) or 1.0
        hits = (self._hit(reading, judged, row, best * float(judged.score[row]) / top) for row in rows)
        return tuple(islice((hit for hit in hits if hit.reason), limit))

    def _hit(self, reading: Reading, judged: _Judged, row: int, score: float) -> Hit:
        document = self._documents[row]
        matched = self._match(reading, judged.found, row)
        told = reason.line(reading.text, matched, reading.limits, document)
        return Hit(document.id, document.title, round(score, 4), told)

    def _match(self, reading: Reading, found: Sequence[Found], row: int) -> reason.Match:
        """What this course and this question have in common, for the reason."""
        by_how: dict[str, tuple[str, str]] = {}
        for each in sorted(found, key=lambda one: -one.strength):
            if concepts.degree(self._strength, each.concept, row) > concepts.ABOUT_IN_TEXT:
                said = reason.quote(reading.text, each.said)
                by_how.setdefault(each.how, (said, self._concepts.concepts[each.concept].names[0]))
        return reason.Match(
            by_how.get("meant"), by_how.get("named"), by_how.get("near"), self._places(reading, row)
        )

    def _places(self, reading: Reading, row: int) -> Mapping[str, list[str]]:
        """The matched words by the first place of the course that has them."""
        found: dict[str, list[str]] = {}
        for word in dict.fromkeys(reading.words):
            if self._presence.has(word, row):
                place = next((name for name, text in self._fields[row].items() if word in text), "body")
                found.setdefault(place, []).append(word)
        return found

    def _browse(self, reading: Reading, limit: int, left_out: set[int]) -> Answer:
        """No topic: the catalogue in its own order, by the limits, courses of many kinds first."""
        wanted = reading.intent == intent.RECOMMEND or reading.limits != Limits()
        if not wanted:
            return Answer()
        rows = [row for row in range(len(self._documents)) if row not in left_out]
        allowed = [row for row in rows if reading.limits.allows(self._documents[row].price_fen)]
        if not allowed and rows:
            near = sorted(rows, key=lambda row: self._documents[row].price_fen)[:NEAREST]
            return Answer(nearest=self._facts(reading, near), note=_no_such_price(reading.limits))
        return Answer(self._facts(reading, self._spread(allowed, reading.limits)[:limit]), bool(allowed))

    def _spread(self, rows: Sequence[int], said: Limits) -> list[int]:
        level = LEVELS.index(said.level or "beginner")
        seen: dict[str, int] = {}
        keyed: list[tuple[float, int]] = []
        for row in rows:
            document = self._documents[row]
            first_tag = document.tags[0] if document.tags else ""
            seen[first_tag] = seen.get(first_tag, 0) + 1
            off = abs(int(self._levels[row]) - level) * (2 if said.level else 1)
            keyed.append((document.price_fen if said.cheap else seen[first_tag] + off, row))
        return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]

    def _facts(self, reading: Reading, rows: Sequence[int]) -> tuple[Hit, ...]:
        return tuple(
            Hit(each.id, each.title, 0.5, reason.facts(reading.limits, each))
            for each in (self._documents[row] for row in rows)
        )


@cache
def _our_concepts() -> Concepts:
    """Our dictionary is the same for every catalogue of a process."""
    return Concepts(concepts.load())


def _fields(document: Document) -> dict[str, str]:
    return {
        "title": words.plain(document.title),
        "tags": words.plain(" , ".join(document.tags)),
        # Without a summary the beginning of the text tells what the course is about.
        "summary": words.plain(document.summary or document.body[:STANDS_FOR_SUMMARY]),
        "body": words.plain(document.body[:MAX_BODY_CHARS]),
    }


def _level_number(document: Document) -> int:
    return LEVELS.index(document.level) if document.level in LEVELS else 1


def _no_such_price(said: Limits) -> str:
    if said.free:
        return "这一类暂时没有免费的"
    if said.max_price_fen is not None and said.min_price_fen is None:
        return f"{reason.price(said.max_price_fen)}以内暂时没有合适的"
    return "这个价位暂时没有合适的"
