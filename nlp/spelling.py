"""Forgiving a slip in a word of letters: `pyhton` → python. For slips in Chinese see `slips.py`."""

from collections.abc import Collection, Iterable
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4  # shorter words are too close to each other: go, c, r, js, css, ssh
SHORT = 5  # below, another letter makes another word, note and node; swapped or lost ones are a slip
SHORTEST_BASE = 3  # letters that are left of a form of a word
_ENDINGS = (
    ("ies", "y"),
    ("es", "e"),
    ("es", ""),
    ("s", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ed", "e"),
    ("ed", ""),
)
LONG = 8  # from here two slips are forgiven


class Speller:
    """Knows the words of letters of a catalogue and of the concepts; `meant` are words that are no slip,
    though nothing is found by them: love is not live. `listed` are slips that somebody has listed: what they
    mean is known."""

    def __init__(
        self, known: Iterable[str], meant: Collection[str] = (), listed: Collection[str] = ()
    ) -> None:
        self._meant, self._listed = meant, listed
        self._known = frozenset(word for word in known if word.isascii() and not word.isdigit())
        self._by_size: dict[tuple[int, str], list[str]] = {}  # length and first letter → words
        for word in sorted(self._known):
            self._by_size.setdefault((len(word), word[0]), []).append(word)

    def knows(self, word: str) -> bool:
        """Whether a word of letters is no slip."""
        return word in self._known or word in self._meant

    def mended(self, word: str) -> str:
        """The known word that this one is a slip of, or the word itself."""
        if len(word) < SHORTEST or self.knows(word) or word in self._listed or not word.isalpha():
            return word
        if base := next(filter(self._known.__contains__, _bases(word)), ""):
            return base
        slips = 2 if len(word) >= LONG else 1
        sizes = range(len(word) - slips, len(word) + slips + 1)
        near = [known for size in sizes for known in self._near(size, word) if _may_be_meant(word, known)]
        found = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=slips)
        return found[0] if found else word

    def _near(self, size: int, word: str) -> Iterable[str]:
        """The words of a size that begin with the first or the second letter of this one."""
        letters = dict.fromkeys(word[:2]) if size >= SHORTEST else ()
        return chain.from_iterable(self._by_size.get((size, letter), ()) for letter in letters)


def _bases(word: str) -> Iterable[str]:
    """What an English word may be a form of, the likeliest first: queries → query, caching → cache."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_BASE:
            yield word[: -len(ending)] + instead
    yield from (word + "s", word + "ing")


def _may_be_meant(word: str, known: str) -> bool:
    """The first letter is seldom wrong, but it may have changed places with the second."""
    if word[0] != known[0]:
        return word[:2] == known[1::-1]
    return len(word) >= SHORT or len(word) != len(known) or sorted(word) == sorted(known)
