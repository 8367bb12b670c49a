"""All courses of a catalogue, prepared: what an index is made of, and what the next one takes over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from nlp import about, counted
from nlp.about import About
from nlp.concept import Concept
from nlp.concepts import Concepts
from nlp.counted import Counted
from nlp.document import Document
from nlp.lexical import FIELDS
from nlp.prepare import Numbering, Prepared, own_words, prepare
from nlp.words import Own, bigrams

MOST_NUMBERS = 4  # times the terms in use; with more left over from old catalogues all is cut anew


@dataclass(frozen=True, slots=True)
class Material:
    """The courses in order, each with a digest of it in `keys`. `numbers` may know more terms than these
    courses have."""

    documents: tuple[Document, ...]
    keys: Sequence[str]
    titles: Sequence[str]
    tags: Sequence[str]
    words: Counted
    bigrams: Counted
    about: About
    numbers: Numbering
    own: Own

    def of(self, row: int) -> Prepared:
        """One course."""
        return Prepared(
            self.titles[row], self.tags[row], self.words.of(row), self.bigrams.of(row), self.about.of(row)
        )


def gather(
    documents: Iterable[Document],
    concepts: Iterable[Concept],
    known: Concepts,
    previous: Material | None = None,
) -> Material:
    """Prepare these courses of a shop with these `concepts` of its own, which are `known` as well; those that
    did not change are taken from the `previous` material."""
    catalogue = tuple(documents)
    keys = [key_of(document) for document in catalogue]
    if previous and previous.keys == keys:
        return replace(previous, documents=catalogue)
    own = own_words(catalogue, concepts)
    kept = _kept(previous, own) if previous else {}
    numbers = previous.numbers if previous and kept else Numbering({}, {})
    courses = [
        previous.of(row)
        if previous and (row := kept.get(key)) is not None
        else prepare(document, known, numbers, own)
        for key, document in zip(keys, catalogue, strict=True)
    ]
    return Material(
        catalogue,
        keys,
        [course.title for course in courses],
        [course.tags for course in courses],
        counted.together([course.words for course in courses], len(FIELDS)),
        counted.together([course.bigrams for course in courses], len(FIELDS)),
        about.together([course.about for course in courses]),
        numbers,
        own,
    )


def key_of(document: Document) -> str:
    """A digest of all that is searched in a course."""
    told = (document.title, document.summary, document.body, *document.tags)
    return blake2b("\0".join(told).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _kept(previous: Material, own: Own) -> dict[str, int]:
    """The courses that were cut as they would be now: those without the words that another catalogue's own
    words came with or left."""
    if len(previous.numbers.bigrams) > MOST_NUMBERS * (len(np.unique(previous.bigrams.terms)) + 1):
        return {}
    changed = previous.own.words ^ own.words
    rows = {row for word in changed for row in _may_have(previous, word)}
    return {key: row for row, key in enumerate(previous.keys) if row not in rows}


def _may_have(material: Material, word: str) -> list[int]:
    """The courses that have every bigram of a word."""
    numbers = [material.numbers.bigrams.get(pair, -1) for pair in dict.fromkeys(bigrams(word))]
    last = material.bigrams.ends[:, -1]
    found: set[int] | None = None
    for number in numbers:
        rows = {*np.searchsorted(last, np.flatnonzero(material.bigrams.terms == number), "right").tolist()}
        found = rows if found is None else found & rows
    return sorted(found or ())
