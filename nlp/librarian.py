"""The librarian: reads what a follower wrote, and finds the courses that help, with the reason, or says no.

    read    normalise → limits → slips, names, what is not wanted → chatter → intent   (reading.py)
    search  score by words, concepts, vectors → does the best one help?    (judge.py)
            → limits → reasons    (finding.py)

A Librarian is built from a catalogue and never changes: any number of threads may ask it, and a new catalogue
makes a new one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Optional

import numpy as np
import numpy.typing as npt

from nlp import follow, intent, refuse, several, wishes, words, worries
from nlp.alike import Like
from nlp.answer import Answer, Hit
from nlp.called import Called
from nlp.catalogue import Catalogue
from nlp.concept import Concept
from nlp.document import Document
from nlp.finding import Finding
from nlp.reading import Reading
from nlp.remembered import remembered

FOUND_AT_ONCE = 12  # hits, so that who wants fewer and who wants more are answered by one search
REMEMBERED = 1_024  # questions whose answers are kept, a few KB each


class Librarian:
    """Finds courses in one catalogue. Make one with `build`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._judge = catalogue, catalogue.judge
        self._called = Called(catalogue)
        # Followers ask much the same things: what was asked lately is answered from memory.
        self._read = lru_cache(maxsize=REMEMBERED)(catalogue.reader.read)
        self._find = lru_cache(maxsize=REMEMBERED)(Finding(catalogue).search)
        self._kind = remembered(self._way, REMEMBERED)

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        concepts: Sequence[Concept] = (),
        vectors: Path | None = None,
        previous: Optional["Librarian"] = None,
        cache: Path | None = None,
    ) -> "Librarian":
        """Index a catalogue of any size, none included. `concepts`: the shop's own, beside ours and in the
        place of ours of the same name. `vectors`: a file or folder that `vector_files.load`
        reads. `previous`: the librarian of the catalogue before; what did not change is taken from it.
        `cache`: a folder for what takes long to make, so that the next build only reads it.

        Raises BadVectors, with one line that says what is wrong with that file.
        """
        before = previous._catalogue if previous else None
        return cls(Catalogue.build(documents, tuple(concepts), vectors, before, cache))

    def __contains__(self, course_id: str) -> bool:
        return course_id in self._catalogue.row

    def read(self, text: str, before: Sequence[str] = ()) -> Reading:
        """Understand a message, with what was asked before it (the first first) if it goes on from that; then
        the reading's `text` is a question that stands alone. Never fails."""
        reading = self._read_alone(text)
        if not before:
            return reading
        *earlier, last = before[-follow.MOST_BEFORE :]
        # Most messages stand alone; then only what somebody said of themselves may live on.
        alone = self._kind(reading.text) in (follow.Kind.ALONE, follow.Kind.ANEW)
        if alone and not any(map(wishes.newcomer, (*earlier, last))):
            return reading
        return self._read_alone(follow.together(reading, self.read(last, earlier), self))

    def goes_on(self, text: str) -> bool:
        """Whether a message is about the subject of the one before it, if there is one."""
        return self._kind(text[: words.MAX_QUERY_CHARS]) is follow.Kind.ON

    def read_all(self, text: str) -> tuple[Reading, ...]:
        """Each question of a message that asks several; else the one reading of it. Never fails."""
        return several.read_all(text[: words.MAX_QUERY_CHARS], self._read_alone, self.names)

    def names(self, normal: str) -> list[str]:
        """The names of concepts in a `plain` text, as they stand there."""
        return self._judge.names(normal)

    def fits(self, reading: Reading) -> bool:
        """Whether any course fits a question."""
        return bool(self.search(reading).hits)

    def keeps(self, reading: Reading) -> bool:
        """Whether any course that fits a question keeps to its limits."""
        found = self.search(reading)
        return bool(found.hits) and not found.note

    def is_talk(self, reading: Reading) -> bool:
        """Whether a question has words of everyday talk."""
        return self._judge.weigh(reading.words).everyday > 0

    def _way(self, text: str) -> follow.Kind:
        return follow.way(self._read_alone(text), self).kind

    def _read_alone(self, text: str) -> Reading:
        if len(text) > words.MAX_QUERY_CHARS and worries.despair(words.plain(text[: words.MAX_TEXT_CHARS])):
            return Reading(
                text[: words.MAX_QUERY_CHARS], worries.CRISIS, 0.9
            )  # a long letter is read to its end
        return self._read(text[: words.MAX_QUERY_CHARS])

    def search(self, question: Reading | str, *, limit: int = 10, exclude: Iterable[str] = ()) -> Answer:
        """The courses that fit, best first; without those in `exclude` (ids)."""
        reading = self.read(question) if isinstance(question, str) else question
        answer = self._find(reading, max(limit, FOUND_AT_ONCE), frozenset(exclude))
        return answer if len(answer.hits) <= limit else replace(answer, hits=answer.hits[:limit])

    def evidence(self, text: str, before: Sequence[str] = ()) -> npt.NDArray[np.float64]:
        """What `refuse.Evidence` sees of the best few courses for a question, a row each, the best first; no
        rows for what is no question about courses. For fitting `refuse.WEIGHTS`."""
        reading = self.read(text, before)
        if reading.intent != intent.ASK or not reading.words or not self._catalogue.documents:
            return np.zeros((0, len(refuse.WEIGHTS)))
        judged = self._judge.judge(reading)
        top = np.argsort(-judged.score, kind="stable")[: refuse.LOOKED_AT]
        seen = [
            np.broadcast_to(np.asarray(each, dtype=np.float64), judged.helps.shape)[top]
            for each in judged.evidence
        ]
        return np.stack(seen, axis=1)

    def similar(self, course_id: str, *, limit: int = 3) -> tuple[Like, ...]:
        """Courses like one of the catalogue, for its page; none for an unknown id."""
        return self.like((course_id,), limit=limit)

    def like(self, ids: Iterable[str], *, limit: int = 3, exclude: Iterable[str] = ()) -> tuple[Like, ...]:
        """Courses like those that somebody learnt (ids), best first, each `because` of one of them; without
        them and those in `exclude`."""
        return self._catalogue.alike.like(ids, limit=limit, exclude=exclude)

    def called(self, name: str, *, limit: int = 3) -> tuple[Hit, ...]:
        """Courses by what a follower calls them (`买 Python 爬虫`): by title only, best first."""
        return self._called.called(name, limit)
