"""Courses by what a follower calls them, by title only."""

import numpy as np

from nlp import words
from nlp.answer import Hit
from nlp.catalogue import Catalogue
from nlp.judge import level_number
from nlp.postings import Cosine

HOLDS_THE_NAME = 0.7  # least score of a title that holds a name as it was said
CALLED_SO = 0.3  # cosine of a title's bigrams from which a name may mean it


class Called:
    """The titles of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._judge = catalogue, catalogue.judge
        titles = (words.bigrams(words.plain(document.title)) for document in catalogue.documents)
        self._titles = Cosine.of([*titles])

    def called(self, name: str, limit: int) -> tuple[Hit, ...]:
        """Courses by what a follower calls them, best first."""
        normal = words.plain(name)
        holding = self._judge.titled(normal)
        alike = self._titles.similarities(words.bigrams(normal))
        near = [int(row) for row in np.argsort(-alike, kind="stable")[:limit] if alike[row] > CALLED_SO]
        rows = list(dict.fromkeys([*sorted(holding, key=self._welcome), *near]))[:limit]
        return tuple(self._named_hit(row, float(alike[row]), row in holding) for row in rows)

    def _welcome(self, row: int) -> tuple[int, int, int]:
        """Where to begin among courses of one name: with the beginner's, the cheaper one first."""
        document = self._catalogue.documents[row]
        return level_number(document), document.price_fen, row

    def _named_hit(self, row: int, alike: float, holding: bool) -> Hit:
        document = self._catalogue.documents[row]
        score = min(max(alike, HOLDS_THE_NAME) if holding else alike, 1.0)
        return Hit(document.id, document.title, score, "课名里就有" if holding else "课名最像")
