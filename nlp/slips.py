"""Forgiving slips in Chinese: a wrong character of the same sound (爬从 → 爬虫), one of a wrong shape in a
long name (机器学刃 → 机器学习), and a name typed in letters (`jiqi xuexi`, `paichong`).

Only what the cutter could make no sense of is looked at: single characters and words that general Chinese has
not. A name is put in their place only where every other word of the question stays whole.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlp import words
from nlp.chatter import STOP, places
from nlp.everyday import everyday_words
from nlp.sounds import BySound, folded, pair, said_as, spelt, ways
from nlp.spelling import Speller

SHORTEST, LONGEST = 2, 6  # characters of a stretch that is looked up
BY_SHAPE = 4  # characters from which one wrong one is forgiven, however it is said
SELDOM = 50  # counts below which a word is more likely a slip of a name that sounds the same: 视屏
STANDS_ALONE = 2_000  # counts in jieba's list from which a character is a word for itself
OFTEN = 7_500  # and from which it is one wherever it stands: 画, 打
SHORTEST_LETTERS = 5  # of a name in letters; below, English words sound like names
SHORTEST_HERE = 4  # of one that stands in a title or tag: jita
NEARLY_FROM = 6  # letters from which one wrong one is forgiven
SURELY_FROM = 8  # and from which it need not be made of syllables
MOST_TOGETHER = 4  # words of letters that may be one name: shen du xue xi

_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_PINYIN = re.compile(r"(?<![a-z0-9])[a-z]+(?:[ '][a-z]+)*(?![a-z0-9])")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,8}")

Pairs = tuple[tuple[str, str], ...]


class Mended(NamedTuple):
    """A text with its slips put right, and each slip with what was put in its place."""

    text: str
    pairs: Pairs = ()


class _Piece(NamedTuple):
    """A word of a run of characters: where it stands, whether it is a word of several characters, whether it
    stands where it is for sure: it says nothing by itself, or is a name."""

    start: int
    end: int
    whole: bool
    sure: bool


class Slips:
    """Knows the Chinese names of the concepts and of one catalogue, by sound and by shape."""

    def __init__(self, indexes: Sequence[BySound], speller: Speller) -> None:
        """`indexes`: the names to be found, the most likely ones first; what `speller` knows, or mends, is a
        word of letters and spells no name."""
        self._indexes, self._speller = indexes, speller
        # Looked at for every two characters of a question, so all indexes at once.
        self._openings = frozenset[str]().union(*(index.openings for index in indexes))
        self._ends = frozenset[int]().union(*(index.ends for index in indexes))

    def doubts(self, kept: Iterable[str], own: words.Own | None = None) -> tuple[bool, bool]:
        """Whether any of the words that a question was cut into may be a slip or part of one: of those in
        Chinese, and of those in letters."""
        chinese = [word for word in kept if not word.isascii()]
        letters = (word for word in kept if word.isascii())
        return (
            any(_counted(word) < OFTEN if len(word) == 1 else not _is_usual(word, own) for word in chinese),
            any(len(word) > 1 and word.isalpha() and not self._speller.knows(word) for word in letters),
        )

    def mended(
        self, text: str, named: Sequence[str] = (), own: words.Own | None = None, *, chinese: bool = True
    ) -> Mended:
        """Put slips right in a `plain` text. What is `named` in it already is left alone, and what is
        `chinese` if that is said to be right."""
        pairs: list[tuple[str, str]] = []
        if chinese and not text.isascii():
            text = _HAN.sub(lambda match: self._run(match.group(), named, own, pairs), text)
        text = _PINYIN.sub(lambda match: self._letters(match.group(), pairs), text)
        return Mended(text, tuple(pairs))

    def _run(
        self, run: str, named: Sequence[str], own: words.Own | None, pairs: list[tuple[str, str]]
    ) -> str:
        # Most questions sound like no other name: only where one does need their words be known.
        candidates = self._candidates(run)
        pieces = _pieces(run, named, own) if candidates else ()
        kept, done = "", 0
        for start, names in candidates:
            if start < done:
                continue
            stretch = run[start : start + len(names[0])]
            fitting = [name for name in names if _fits(stretch, name, start, pieces)]
            if fitting and not words.is_word(stretch, own):
                name = max(fitting, key=lambda name: _in_common(stretch, name))
                pairs.append((stretch, name))
                kept, done = kept + run[done:start] + name, start + len(name)
        return kept + run[done:]

    def _candidates(self, run: str) -> list[tuple[int, list[str]]]:
        """Where a name sounds or looks like a stretch that is not that name: the place and the names, from
        left to right, the longer ones first. Long because it is the one loop that every question goes
        through."""
        said = [said_as(character) for character in run]
        pairs = [pair(run[at : at + 2]) for at in range(len(run) - 1)]
        begins = [each in self._ends for each in pairs]
        ends = [-each in self._ends for each in pairs]
        found: list[tuple[int, list[str]]] = []
        for start in range(len(run) - 1):
            opens = said[start] + said[start + 1] in self._openings
            if not (opens or begins[start] or any(ends[start + BY_SHAPE - SHORTEST : start + LONGEST - 1])):
                continue
            sound, here = said[start], len(found)
            for end in range(start + SHORTEST, min(start + LONGEST, len(run)) + 1):
                sound += said[end - 1]
                by_shape = end - start >= BY_SHAPE and (begins[start] or ends[end - 2])
                if by_shape or (opens and any(sound in index.by_sound for index in self._indexes)):
                    names = self._like(run[start:end], sound)
                    if names:
                        found.insert(here, (start, names))
        return found

    def _like(self, stretch: str, sound: str) -> list[str]:
        named = [name for index in self._indexes for name in index.alike(sound)]
        alike = [name for name in named if len(name) == len(stretch)]
        if alike or len(stretch) < BY_SHAPE:
            return [] if stretch in alike else alike
        near = [name for index in self._indexes for name in index.beginning_or_ending(stretch)]
        return [name for name in near if OSA.distance(stretch, name) == 1]

    def _letters(self, run: str, pairs: list[tuple[str, str]]) -> str:
        """A run of words in letters, with names in the place of those that spell one."""
        each, kept = re.split(r"[ ']", run), list[str]()
        at = 0
        while at < len(each):
            sizes = range(min(MOST_TOGETHER, len(each) - at), 0, -1)
            name, size = next(
                ((name, size) for size in sizes if (name := self._spelt(each[at : at + size]))), ("", 1)
            )
            if name:
                pairs.append((" ".join(each[at : at + size]), name))
            kept.append(name or each[at])
            at += size
        return " ".join(kept) if len(kept) < len(each) or any(_HAN.match(one) for one in kept) else run

    def _spelt(self, each: Sequence[str]) -> str:
        """The name that these words of letters spell; a known word of letters is none."""
        letters = "".join(each)
        if len(letters) < SHORTEST_HERE or any(map(self._speller.knows, {letters, *each})):
            return ""
        said = list(spelt(letters))
        if len(letters) < SHORTEST_LETTERS:
            return next((name for sound in said for name in self._indexes[0].alike(sound)), "")
        found = next(filter(None, map(self._alike, said)), "")
        if found or len(each) > 1 or len(letters) < (NEARLY_FROM if said else SURELY_FROM):
            return found
        if self._speller.mended(letters) != letters:
            return ""
        return self._nearly(said[0] if said else folded(letters))

    def _alike(self, sound: str) -> str:
        names = (name for index in self._indexes for name in index.alike(sound))
        return next(names, "")

    def _nearly(self, sound: str) -> str:
        if len(sound) < NEARLY_FROM:
            return ""
        sizes = range(len(sound) - 1, len(sound) + 2)
        near = [
            other
            for index in self._indexes
            for other in index.by_sound
            if len(other) in sizes and other[:1] == sound[:1]
        ]
        found = process.extractOne(sound, near, scorer=OSA.distance, score_cutoff=1)
        return self._alike(found[0]) if found else ""


def names_among(names: Iterable[str]) -> Iterable[str]:
    """Those of these `plain` names that are Chinese all through, and short enough to be meant by a slip."""
    return (bare for name in names if _NAME.fullmatch(bare := name.replace(" ", "")))


def _pieces(run: str, named: Sequence[str], own: words.Own | None) -> list[_Piece]:
    """The words of a run; a name counts as one word, and what it cuts through as none."""
    locked = [span for name in named for span in places(run, name)]
    pieces = [_Piece(start, end, True, True) for start, end in locked]
    for token in words.tokens(run, own):
        if not any(token.start < end and start < token.end for start, end in locked):
            whole = len(token.text) > 1 and _is_word(token.text, own)
            pieces.append(_Piece(token.start, token.end, whole, token.text in STOP))
    return sorted(pieces)


def _is_word(word: str, own: words.Own | None) -> bool:
    if word in everyday_words() or word in STOP:
        return True
    counted = words.general_count(word)
    return counted >= SELDOM if counted else words.is_word(word, own)


def _is_usual(word: str, own: words.Own | None) -> bool:
    """As `_is_word`, without the rare ones that a long name may have in its place."""
    if own is not None and word in own.words:
        return True
    return word in STOP or word in everyday_words() or _counted(word) >= SELDOM


def _fits(stretch: str, name: str, start: int, pieces: Sequence[_Piece]) -> bool:
    """Whether a stretch may be a slip of a name: it tears no real word, and changes none."""
    end = start + len(stretch)
    inside = [piece for piece in pieces if piece.start < end and start < piece.end]
    if any(piece.whole and (piece.start < start or piece.end > end) for piece in inside):
        return False
    wrong = [piece for piece in inside if _differs(stretch, name, start, piece)]
    if any(piece.sure for piece in wrong):
        return False
    if any(piece.whole for piece in wrong) and not (
        len(stretch) >= BY_SHAPE and _sound_alike(stretch, name) and _all_rare(stretch, start, wrong)
    ):
        return False
    if len(stretch) >= BY_SHAPE and not _sound_alike(stretch, name):
        whole = inside[0].start == start and inside[-1].end == end
        return whole and _by_shape(stretch, name, wrong)
    return _by_sound(stretch, name, start, inside, wrong)


def _sound_alike(stretch: str, name: str) -> bool:
    return all(said_as(one) in ways(other) for one, other in zip(stretch, name, strict=True))


def _all_rare(stretch: str, start: int, wrong: Sequence[_Piece]) -> bool:
    """Whether the words that a long name would change are such as hardly anybody writes: 深读."""
    said = (stretch[max(piece.start - start, 0) : piece.end - start] for piece in wrong)
    return not any(_counted(word) or word in STOP or word in everyday_words() for word in said)


def _by_sound(stretch: str, name: str, start: int, inside: Sequence[_Piece], wrong: Sequence[_Piece]) -> bool:
    """Whether a stretch may be a slip of a name that sounds the same: half of its characters are right, and
    the wrong ones are no words by themselves."""
    if 2 * _in_common(stretch, name) < len(name):
        return False
    end = start + len(name)
    # A guess of the cutter that goes on behind the stretch is none: 数字|画成.
    loose = [piece for piece in wrong if piece.end - piece.start == 1 or piece.end > end]
    signs = (stretch[piece.start - start : end - start] for piece in loose if piece.start >= start)
    if any(_counted(one) >= OFTEN for sign in signs for one in sign):
        return False
    if len(name) >= BY_SHAPE:
        return True
    changed = [*_wrong(stretch, name)]
    if len(name) > SHORTEST or len(inside) == 1:
        return not any(one in STOP for one in changed)
    # Two single characters are more often two words: 画|线.
    return all(_counted(one) < OFTEN for one in stretch) and not any(map(_stands_alone, changed))


def _by_shape(stretch: str, name: str, wrong: Sequence[_Piece]) -> bool:
    """Whether a stretch is a name but for one character that makes no sense where it stands: it is seldom a
    word by itself, and its neighbour does not go with it."""
    if any(piece.end - piece.start == 1 for piece in wrong):
        return False
    return not any(map(_stands_alone, _wrong(stretch, name)))


def _wrong(stretch: str, name: str) -> Iterable[str]:
    """The characters of a stretch that the name has not in their place."""
    return (one for one, other in zip(stretch, name, strict=True) if one != other)


def _stands_alone(character: str) -> bool:
    return _counted(character) >= STANDS_ALONE


def _counted(character: str) -> int:
    return words.general_count(character)


def _differs(stretch: str, name: str, start: int, piece: _Piece) -> bool:
    begin, end = max(piece.start - start, 0), piece.end - start
    return stretch[begin:end] != name[begin:end]


def _in_common(stretch: str, name: str) -> int:
    return sum(one == other for one, other in zip(stretch, name, strict=True))
