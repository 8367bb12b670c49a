"""How much one word tells that a question is about what this catalogue teaches.

The log-odds of a word among what the catalogue and its concepts say, against general Chinese (the counts of
jieba's list). 网页 tells of our trade and 脖子 does not, whether or not a course has the word. Measured on
unseen catalogues: the two most telling words part questions from small talk better than any coverage does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log

from nlp import words
from nlp.everyday import everyday_words, proves_nothing
from nlp.remembered import remembered

WORDS_KEPT = 8_192  # some 150 bytes each
PRIOR = 3_000  # words of general Chinese that are believed beside what was counted
RARELY = 30  # counts that a word without any is given
LEAST, MOST = -3.0, 6.0  # nats; no one word decides alone
UNHEARD = -1.0  # a Chinese word that neither knows
UNHEARD_LETTERS = 0.0  # one in letters may be a slip
EVERYDAY = 3.0  # what a word of everyday talk loses
A_FIELD = (
    0.05  # share of the courses whose title or tags have a word of everyday talk, from which it is none here
)
CATALOGUE_SHARE = 0.5  # at most, of the catalogue's own texts beside the concepts


class Telling:
    """The words of one catalogue; `said` by the concepts that it teaches, and `written` by itself; `heads`
    tells in which share of its titles and tags a word stands, `ours` which share of its courses our concepts
    know."""

    def __init__(
        self, said: Mapping[str, float], written: Mapping[str, float], heads: Mapping[str, float], ours: float
    ) -> None:
        total, own = sum(said.values()), sum(written.values())
        # A catalogue of another field has no concepts of ours: then its own texts say all.
        share = min(1.0, CATALOGUE_SHARE * total / own) if total and own else 1.0
        self._counts: Counter[str] = Counter(said)
        for word, count in written.items():
            self._counts[word] += count * share  # type: ignore[assignment] # counts may be parts
        self._total = total + own * share
        # A school of baking writes of 蛋糕, which is everyday talk to all others.
        self._of_one = remembered(self.of, WORDS_KEPT)
        self._everyday = {
            word: EVERYDAY
            * (1 - min(heads.get(word, 0.0) / A_FIELD, 1.0))
            * (ours if word in written else 1.0)
            for word in everyday_words()
        }

    def of(self, word: str) -> float:
        """In nats; above 0 it speaks for a question about courses."""
        if proves_nothing(word):
            return 0.0
        told = self._log_odds(word)
        return max(LEAST, told - self._everyday.get(word, 0.0))

    def of_all(self, topic_words: Iterable[str]) -> list[float]:
        """Of the whole words among these, the most telling one first."""
        whole = [word for word in words.whole(topic_words) if not proves_nothing(word)]
        return sorted(map(self._of_one, whole), reverse=True)

    def _log_odds(self, word: str) -> float:
        counted, general = self._counts[word], words.general_count(word)
        if not counted and not general:
            return UNHEARD_LETTERS if word.isascii() else UNHEARD
        expected = (general + RARELY) / words.GENERAL_TOTAL
        seen = (counted + PRIOR * expected) / (self._total + PRIOR)
        return max(LEAST, min(MOST, log(seen / expected)))
