"""Getting one course ready for searching: the slow part of building, done once for each course."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nlp import words
from nlp.concepts import Concepts
from nlp.document import Document
from nlp.lexical import Sheet, cut

MAX_BODY_CHARS = 6_000  # of a course's free text; what comes later is told by the title as well
STANDS_FOR_SUMMARY = 200  # characters of the text, when there is no summary


@dataclass(frozen=True, slots=True)
class Prepared:
    """A course with its normalised fields, its counted words, and how far it is about each concept."""

    document: Document
    fields: Mapping[str, str]
    sheet: Sheet
    about: Mapping[int, float]


def prepare(document: Document, known: Concepts, own: words.Own | None = None) -> Prepared:
    """Normalise, cut, and look for concepts."""
    fields = _fields(document)
    return Prepared(document, fields, cut(fields, own), known.about(fields))


def own_words(documents: Iterable[Document]) -> words.Own:
    """The words that only this catalogue has."""
    all_of = tuple(documents)
    tags = {tag for document in all_of for tag in document.tags}
    return words.Own.of({words.plain(each.title) for each in all_of}, map(words.plain, tags))


def _fields(document: Document) -> dict[str, str]:
    return {
        "title": words.plain(document.title),
        "tags": words.plain(" , ".join(document.tags)),
        "summary": words.plain(document.summary or document.body[:STANDS_FOR_SUMMARY]),
        "body": words.plain(document.body[:MAX_BODY_CHARS]),
    }
