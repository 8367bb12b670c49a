"""Getting one course ready for searching: the slow part of building, done once for each course."""

from collections.abc import Iterable
from typing import NamedTuple

from nlp import words
from nlp.about import About
from nlp.concepts import Concept, Concepts
from nlp.counted import Counted, count
from nlp.document import Document

MAX_BODY_CHARS = 6_000  # of a course's free text; what comes later is told by the title as well
STANDS_FOR_SUMMARY = 200  # characters of the text, when there is no summary


class Prepared(NamedTuple):
    """A course cut up: its title and tags as `plain` texts, its counted words and bigrams, its concepts."""

    title: str
    tags: str
    words: Counted
    bigrams: Counted
    about: About


class Numbering(NamedTuple):
    """The numbers of all words and bigrams that were met. They only grow, and go from a catalogue to the
    next."""

    words: dict[str, int]
    bigrams: dict[str, int]


def prepare(document: Document, known: Concepts, numbers: Numbering, own: words.Own) -> Prepared:
    """Normalise, cut, and look for concepts."""
    fields = _fields(document)
    return Prepared(
        fields["title"],
        fields["tags"],
        count((words.words(text, own) for text in fields.values()), numbers.words),
        count((words.bigrams(text) for text in fields.values()), numbers.bigrams),
        known.about(fields),
    )


def own_words(documents: Iterable[Document], concepts: Iterable[Concept] = ()) -> words.Own:
    """The words that only this catalogue has, in its titles and tags and in the names of its own concepts."""
    all_of = tuple(documents)
    tags = {tag for document in all_of for tag in document.tags}
    names = {name for concept in concepts for name in concept.names}
    return words.Own.of({words.plain(each.title) for each in all_of}, map(words.plain, tags | names))


def _fields(document: Document) -> dict[str, str]:
    """In the order of `lexical.FIELDS`."""
    return {
        "title": words.plain(document.title),
        "tags": words.plain(" , ".join(document.tags)),
        "summary": words.plain(document.summary or document.body[:STANDS_FOR_SUMMARY]),
        "body": words.plain(document.body[:MAX_BODY_CHARS]),
    }
