"""The librarian: reads what a follower wrote, and finds the courses that help, with the reason, or says no.

    read    normalise → limits → slips, names, what is not wanted → chatter → intent   (reading.py)
    search  score by words, concepts, vectors → does the best one help?    (judge.py)
            → limits → reasons

A Librarian is built from a catalogue and never changes: any number of threads may ask it, and a new catalogue
makes a new one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import accumulate, islice
from pathlib import Path
from typing import Optional

import numpy as np

from nlp import chatter, concepts, follow, intent, lexical, reason, refuse, several, words, worries
from nlp.concepts import Concepts
from nlp.document import LEVELS, Document
from nlp.judge import Judge, Judgement, level_number
from nlp.limits import Limits
from nlp.prepare import Prepared, own_words, prepare
from nlp.reading import Reader, Reading
from nlp.vectors import WordVectors
from nlp.vectors import load as load_vectors

REMEMBERED = 1_024  # questions whose answers are kept, a few KB each
SHORT_OF_BEST = 0.15  # a course below this share of the best score is not listed
NEAREST = 3
KNOWN_ENOUGH = 0.5  # share of technical words from which a refused question still gets what comes near
BESIDE = 0.5 * concepts.NEAR_SHARE  # how far such a one is about a neighbour of a concept that was named
HOLDS_THE_NAME = 0.7  # least score of a title that holds a name as it was said
CALLED_SO = 0.3  # cosine of a title's bigrams from which a name may mean it


@dataclass(frozen=True, slots=True)
class Hit:
    """A course that was found: `score` 0 to 1, `reason` one line in Chinese made of what really matched."""

    id: str
    title: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`hits` best first, empty when nothing fits. Then `nearest` may hold what comes close, and `note` says
    in Chinese what stood in the way (a price nobody keeps to, for example)."""

    hits: tuple[Hit, ...] = ()
    nearest: tuple[Hit, ...] = ()
    note: str = ""


class Librarian:
    """Finds courses in one catalogue. Make one with `build`."""

    def __init__(
        self,
        courses: Sequence[Prepared],
        known: Concepts,
        word_vectors: WordVectors | None,
        own: words.Own | None = None,
    ) -> None:
        self._courses, self._own = tuple(courses), own or words.Own(())
        self._documents = tuple(course.document for course in courses)
        self._row = {document.id: row for row, document in enumerate(self._documents)}
        self._titles = lexical.Cosine([course.sheet.bigrams["title"] for course in courses])
        minutes = [document.minutes for document in self._documents if document.minutes]
        self._usual_minutes = int(np.median(minutes)) if minutes else None
        self._judge = Judge(courses, known, word_vectors)
        index = self._judge.lexical.words
        self._teachers = [words.plain(document.teacher) for document in self._documents]
        weigh, indexed = self._judge.weigh, index.__contains__
        heads = {
            word for course in courses for word in course.sheet.words["title"] + course.sheet.words["tags"]
        }
        self._read_new = Reader(
            known, index.vocabulary, weigh, indexed, own=self._own, teachers=self._teachers, heads=heads
        ).read
        # Followers ask much the same things: what was asked lately is answered from memory.
        self._read = lru_cache(maxsize=REMEMBERED)(self._read_new)
        self._find = lru_cache(maxsize=REMEMBERED)(self._search)
        self._stands_alone = lru_cache(maxsize=REMEMBERED)(
            lambda text: follow.stands_alone(self._read_alone(text), self)
        )

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        vectors: Path | None = None,
        previous: Optional["Librarian"] = None,
    ) -> "Librarian":
        """Index a catalogue of any size, none included. `vectors`: a file or folder that `vectors.load`
        reads. `previous`: the librarian of the catalogue before; what did not change is taken from it.

        Raises BadVectors, with one line that says what is wrong with that file.
        """
        known, catalogue = _our_concepts(), tuple(documents)
        own = own_words(catalogue)
        kept = previous._still_cut_so(own) if previous else {}
        courses = [kept.get(document) or prepare(document, known, own) for document in catalogue]
        return cls(courses, known, load_vectors(vectors) if vectors else None, own)

    def _still_cut_so(self, own: words.Own) -> dict[Document, Prepared]:
        """The courses that have none of the words that another catalogue's own words came with or left."""
        changed = self._own.words ^ own.words
        return {
            course.document: course
            for course in self._courses
            if not any(word in text for word in changed for text in course.fields.values())
        }

    def read(self, text: str, before: Sequence[str] = ()) -> Reading:
        """Understand a message, with what was asked before it (the first first) if it goes on from that; then
        the reading's `text` is a question that stands alone. Never fails."""
        reading = self._read_alone(text)
        if not before or self._stands_alone(reading.text):
            return reading
        *earlier, last = before[-follow.MOST_BEFORE :]
        return self._read_alone(follow.together(reading, self.read(last, earlier), self))

    def read_all(self, text: str) -> tuple[Reading, ...]:
        """Each question of a message that asks several; else the one reading of it. Never fails."""
        return several.read_all(text[: words.MAX_QUERY_CHARS], self._read_alone, self.names)

    def names(self, normal: str) -> list[str]:
        """The names of concepts in a `plain` text, as they stand there."""
        return self._judge.names(normal)

    def fits(self, reading: Reading) -> bool:
        """Whether any course fits a question."""
        return bool(self.search(reading).hits)

    def is_talk(self, reading: Reading) -> bool:
        """Whether a question has words of everyday talk."""
        return self._judge.weigh(reading.words).everyday > 0

    def _read_alone(self, text: str) -> Reading:
        if len(text) > words.MAX_QUERY_CHARS and worries.despair(words.plain(text[: words.MAX_TEXT_CHARS])):
            return Reading(
                text[: words.MAX_QUERY_CHARS], worries.CRISIS, 0.9
            )  # a long letter is read to its end
        return self._read(text[: words.MAX_QUERY_CHARS])

    def search(self, question: Reading | str, *, limit: int = 10, exclude: Iterable[str] = ()) -> Answer:
        """The courses that fit, best first; without those in `exclude` (ids)."""
        reading = self.read(question) if isinstance(question, str) else question
        return self._find(reading, limit, frozenset(exclude))

    def _search(self, reading: Reading, limit: int, exclude: frozenset[str]) -> Answer:
        if not self._documents:
            return Answer()
        left_out = {self._row[each] for each in exclude if each in self._row}
        left_out |= self._judge.about_any(reading.without)
        if reading.teacher:
            left_out |= {row for row, teacher in enumerate(self._teachers) if teacher != reading.teacher}
        if reading.intent == intent.OFFTOPIC:
            return Answer()
        if not reading.words:
            return self._browse(reading, limit, left_out)
        judged = self._judge.judge(reading)
        order: list[int] = np.argsort(-judged.score, kind="stable").tolist()
        if left_out:
            order = [row for row in order if row not in left_out]
        answer = self._answer(reading, judged, order, limit)
        # Whoever asks for a teacher sees what that teacher has.
        return answer if answer.hits or not reading.teacher else self._browse(reading, limit, left_out)

    def similar(self, course_id: str, *, limit: int = 3) -> tuple[Hit, ...]:
        """Courses like one of the catalogue, for its page. Raises KeyError for an unknown id."""
        course = self._courses[self._row[course_id]]
        freed = chatter.free(f"{course.fields['title']} {course.fields['tags']}")
        if not freed.words:
            return ()
        reading = Reading(course.document.title, intent.ASK, 1.0, words=freed.words, topic=freed.text)
        return self.search(reading, limit=limit, exclude=(course_id,)).hits

    def called(self, name: str, *, limit: int = 3) -> tuple[Hit, ...]:
        """Courses by what a follower calls them (`买 Python 爬虫`): by title only, best first."""
        normal = words.plain(name)
        holding = self._judge.titled(normal)
        alike = self._titles.similarities(words.bigrams(normal))
        near = [int(row) for row in np.argsort(-alike, kind="stable")[:limit] if alike[row] > CALLED_SO]
        rows = list(dict.fromkeys([*sorted(holding, key=self._welcome), *near]))[:limit]
        return tuple(self._named_hit(row, float(alike[row]), row in holding) for row in rows)

    def _welcome(self, row: int) -> tuple[int, int]:
        """Where to begin among courses of one name: with the beginner's, the cheaper one first."""
        document = self._documents[row]
        return level_number(document), document.price_fen

    def _named_hit(self, row: int, alike: float, holding: bool) -> Hit:
        document = self._documents[row]
        score = min(max(alike, HOLDS_THE_NAME) if holding else alike, 1.0)
        return Hit(document.id, document.title, score, "课名里就有" if holding else "课名最像")

    def _answer(self, reading: Reading, judged: Judgement, order: Sequence[int], limit: int) -> Answer:
        best = max((float(judged.helps[row]) for row in order[:NEAREST]), default=0.0)
        if best < refuse.HELPS or (best < refuse.SURELY and not self._firm(reading, judged, order[:NEAREST])):
            return Answer(nearest=self._hits(reading, judged, _near(judged, order), best, NEAREST))
        fitting = _fitting(judged, order, best)
        allowed = self._allowed(reading.limits, fitting)
        if not allowed:
            nearest = self._hits(reading, judged, fitting, best, NEAREST)
            return Answer(nearest=nearest, note=_none_keeps(reading.limits))
        sides = self._judge.sides(reading, judged.found, allowed)
        rows = dict.fromkeys([*sides, *allowed])
        hits = self._hits(reading, judged, rows, best, limit, weak=True)
        return Answer(_falling(hits) if sides else hits)

    def _allowed(self, said: Limits, rows: list[int]) -> list[int]:
        """The courses among these that keep to what was said of price, length, language and form."""
        if said.has_price:
            rows = [row for row in rows if said.allows(self._documents[row].price_fen)]
        if not said.has_manner:
            return rows
        longest = self._usual_minutes if said.short else None
        keeps = (self._documents[row] for row in rows)
        return [row for row, each in zip(rows, keeps, strict=True) if _given_so(said, each, longest)]

    def _firm(self, reading: Reading, judged: Judgement, rows: Iterable[int]) -> bool:
        """Whether one of these has more in common with the question than likelihood."""
        matches = (self._judge.in_common(reading, judged.found, row) for row in rows)
        return any(reason.subject(reading.text, match) for match in matches)

    def _hits(
        self,
        reading: Reading,
        judged: Judgement,
        rows: Iterable[int],
        best: float,
        limit: int,
        *,
        weak: bool = False,
    ) -> tuple[Hit, ...]:
        """The first of these courses as hits; one for which no reason can be given is none."""
        top = float(judged.score.max(initial=0.0)) or 1.0
        hits = (self._hit(reading, judged, row, best * float(judged.score[row]) / top, weak) for row in rows)
        return tuple(islice((hit for hit in hits if hit.reason), limit))

    def _hit(self, reading: Reading, judged: Judgement, row: int, score: float, weak: bool) -> Hit:
        document = self._documents[row]
        match = self._judge.in_common(reading, judged.found, row)
        line = reason.line(reading.text, match, reading.limits, document, weak=weak)
        told = (_taught(reading, document), line)
        return Hit(document.id, document.title, round(score, 4), "，".join(filter(None, told)))

    def _browse(self, reading: Reading, limit: int, left_out: set[int]) -> Answer:
        """No topic: the catalogue in its own order, by the limits, courses of many kinds first."""
        told = reading.without or reading.teacher or reading.limits != Limits()
        asked = reading.intent == intent.ASK and told
        if reading.intent != intent.RECOMMEND and not asked:
            return Answer()
        rows = [row for row in range(len(self._documents)) if row not in left_out]
        allowed = self._allowed(reading.limits, rows)
        if not allowed and rows:
            near = self._nearest(reading.limits, rows)
            return Answer(nearest=self._facts(reading, near), note=_none_keeps(reading.limits))
        return Answer(self._facts(reading, self._spread(allowed, reading.limits)[:limit]))

    def _nearest(self, said: Limits, rows: Iterable[int]) -> list[int]:
        """The cheapest for a price that none keeps to, the shortest for a length."""
        document = self._documents.__getitem__
        if said.has_price or not (said.short or said.max_minutes):
            return sorted(rows, key=lambda row: document(row).price_fen)[:NEAREST]
        return sorted(rows, key=lambda row: document(row).minutes)[:NEAREST]

    def _spread(self, rows: Sequence[int], said: Limits) -> list[int]:
        """By price when that was asked for, else by level, a second course of a kind later."""
        if said.cheap or said.dear:
            return sorted(rows, key=lambda row: self._documents[row].price_fen, reverse=said.dear)
        level = LEVELS.index(said.level or "beginner")
        seen: dict[str, int] = {}
        keyed: list[tuple[float, int]] = []
        for row in rows:
            document = self._documents[row]
            kind = document.tags[0] if document.tags else ""
            seen[kind] = seen.get(kind, 0) + 1
            off = abs(level_number(document) - level) * (2 if said.level else 1)
            keyed.append((seen[kind] + off, row))
        return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]

    def _facts(self, reading: Reading, rows: Iterable[int]) -> tuple[Hit, ...]:
        documents = (self._documents[row] for row in rows)
        return tuple(
            Hit(each.id, each.title, 0.5, "，".join(filter(None, (_taught(reading, each), told))))
            for each in documents
            if (told := reason.facts(reading.limits, each))
        )


def _taught(reading: Reading, document: Document) -> str:
    """The teacher, for whoever asked for one."""
    title = "" if document.teacher.endswith("老师") else "老师"
    return f"{document.teacher}{title}主讲" if reading.teacher else ""


def _falling(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """A course that was put before a better one is worth as much as that one here."""
    worth = accumulate((hit.score for hit in reversed(hits)), max)
    return tuple(replace(hit, score=score) for hit, score in zip(hits, reversed([*worth]), strict=True))


def _near(judged: Judgement, order: Sequence[int]) -> list[int]:
    """What a refused question may still be shown: what helps a little, or what is about a neighbour of a
    subject that this catalogue has not (反爬: 爬虫). Nothing for everyday talk."""
    if not judged.found and judged.topic.known < KNOWN_ENOUGH:
        return []
    helpful = [row for row in order[:NEAREST] if judged.helps[row] >= refuse.COMES_NEAR]
    rows = np.array(order)
    near = rows[judged.beside[rows] >= BESIDE]
    beside: list[int] = near[np.argsort(-judged.beside[near], kind="stable")].tolist()
    return list(dict.fromkeys([*beside, *helpful]))[:NEAREST]


def _fitting(judged: Judgement, order: Sequence[int], best: float) -> list[int]:
    floor = SHORT_OF_BEST * judged.score[order[0]]
    fits = (judged.score >= floor) & (judged.helps >= max(refuse.MAY_HELP, best / 2))
    rows = np.array(order)
    listed: list[int] = rows[fits[rows]].tolist()
    return listed


@cache
def _our_concepts() -> Concepts:
    """Our dictionary is the same for every catalogue of a process."""
    return Concepts(concepts.load())


def _given_so(said: Limits, document: Document, longest: int | None) -> bool:
    """Whether a course is as it should be given, as far as anybody said."""
    most = [limit for limit in (said.max_minutes, longest) if limit is not None]
    if most and document.minutes > min(most):
        return False
    return all(
        not wanted or not given or wanted == given
        for wanted, given in ((said.language, document.language), (said.form, document.form))
    )


def _none_keeps(said: Limits) -> str:
    if said.free:
        return "这一类暂时没有免费的"
    if said.has_price:
        return _no_such_price(said)
    if said.form == "video":
        return "这里的课都是图文，没有视频"
    if said.max_minutes is not None or said.short:
        return "这么短的暂时没有"
    return "这样的暂时没有"


def _no_such_price(said: Limits) -> str:
    if said.max_price_fen is not None and said.min_price_fen is None:
        return f"{reason.price(said.max_price_fen)}以内暂时没有合适的"
    return "这个价位暂时没有合适的"
