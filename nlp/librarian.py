"""The librarian: reads what a follower wrote, and finds the courses that help, with the reason, or says no.

    read    normalise → limits → chatter → intent
    search  score by words (and concepts, and vectors) → fuse → does the best one help? → limits → reasons

A Librarian is built from a catalogue and never changes: any number of threads may ask it, and a new catalogue
makes a new one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nlp import chatter, intent, lexical, limits, words
from nlp.document import Document
from nlp.limits import Limits

MAX_BODY_CHARS = 6_000  # of a course's free text; what comes later is told by the title as well


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
    """`hits` best first, empty when nothing fits. Then `nearest` may hold what comes close, and `note` says in
    Chinese what stood in the way (a price nobody keeps to, for example)."""

    hits: tuple[Hit, ...] = ()
    confident: bool = False
    nearest: tuple[Hit, ...] = ()
    note: str = ""


class Librarian:
    """Finds courses in one catalogue. Make one with `build`."""

    def __init__(self, documents: Sequence[Document], sheets: Sequence[lexical.Sheet]) -> None:
        self._documents = tuple(documents)
        self._row = {document.id: row for row, document in enumerate(documents)}
        self._prices = np.array([document.price_fen for document in documents], dtype=np.int64)
        self._lexical = lexical.Lexical(sheets)

    @classmethod
    def build(cls, documents: Iterable[Document], *, vectors: Path | None = None) -> "Librarian":
        """Index a catalogue of any size, none included."""
        listed = tuple(documents)
        return cls(listed, [lexical.cut(_fields(document)) for document in listed])

    def read(self, text: str) -> Reading:
        """Understand a message. Never fails: whatever cannot be understood is `ask` with low confidence."""
        normal = words.plain(text[: words.MAX_QUERY_CHARS])
        understood = limits.understand(normal)
        freed = chatter.free(understood.rest)
        found = intent.detect(normal, free_words=len(freed.words))
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
        if not self._documents or not reading.words:
            return Answer()
        scores = self._lexical.scores(reading.words, reading.topic)
        left_out = set(exclude)
        hits: list[Hit] = []
        for row in np.argsort(-scores, kind="stable"):
            document = self._documents[row]
            if scores[row] < 0.2 or len(hits) == limit:
                break
            if document.id not in left_out and reading.limits.allows(document.price_fen):
                hits.append(Hit(document.id, document.title, float(scores[row]), self._reason(reading, row)))
        return Answer(tuple(hits), bool(hits))

    def _reason(self, reading: Reading, row: int) -> str:
        matched = [word for word in dict.fromkeys(reading.words) if self._lexical.words.has(word, row)]
        return "讲到了" + "".join(f"「{word}」" for word in matched[:3]) if matched else ""


def _fields(document: Document) -> dict[str, str]:
    return {
        "title": words.plain(document.title),
        "tags": words.plain(" , ".join(document.tags)),
        "summary": words.plain(document.summary),
        "body": words.plain(document.body[:MAX_BODY_CHARS]),
    }
