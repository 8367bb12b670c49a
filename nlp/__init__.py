"""THE LIBRARIAN. Text in; ranked course ids, reasons and intent out. No database, no WeChat, no HTTP.

From a notebook:

    from nlp import Document, Librarian
    courses = [Document("py-crawler", "Python 爬虫从零到一", "把网页变成表格", tags=("爬虫",),
    price_fen=9900)]
    librarian = Librarian.build(courses)
    for hit in librarian.search("想自动把网页上的东西存成 Excel，200 以内").hits:
        print(f"{hit.score:.2f} {hit.title}  {hit.reason}")
"""

from nlp.alike import Like
from nlp.answer import Answer, Hit
from nlp.concepts import BadConcepts, Concept
from nlp.concepts import is_known as is_known_concept
from nlp.concepts import load as load_concepts
from nlp.document import LEVELS, Document
from nlp.librarian import Librarian
from nlp.limits import Limits
from nlp.reading import Reading
from nlp.vector_files import BadVectors
from nlp.wishes import change as wished_change

__all__ = [
    "LEVELS",
    "Answer",
    "BadConcepts",
    "BadVectors",
    "Concept",
    "Document",
    "Hit",
    "Librarian",
    "Like",
    "Limits",
    "Reading",
    "is_known_concept",
    "load_concepts",
    "wished_change",
]
