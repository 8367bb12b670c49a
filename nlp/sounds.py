"""How Chinese characters are said, without tones, and names to be found by their sound.

Whoever types by sound picks the wrong character (学席 for 学习) or leaves the letters (xuexi); and a speaker
of the south has no zh, ch, sh, no ng, and one sound for l and n. So names are kept under their folded sound.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple, TypeVar

PINYIN = Path(__file__).with_name("pinyin.txt")
MOST_WAYS = 4  # of saying one name: 重 is chong and zhong
LONGEST_SYLLABLE = 6  # letters: zhuang
_FIRST, _LAST = 0x4E00, 0x9FFF
_FOLDED = re.compile("zh|ch|sh|ng|l|v")
Key = TypeVar("Key", str, int)
_FOLDS = {"zh": "z", "ch": "c", "sh": "s", "ng": "n", "l": "n", "v": "u"}


class _Table(NamedTuple):
    """For each character the place of its folded syllable, 0 for none: two bytes each, and the few characters
    that are said in several ways by themselves."""

    syllables: tuple[str, ...]
    first: "array[int]"
    others: dict[str, tuple[str, ...]]
    letters: frozenset[str]  # the syllables as they are typed


@cache
def _table() -> _Table:
    typed = dict(
        line.split() for line in PINYIN.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )
    syllables = tuple(dict.fromkeys(["", *map(folded, typed)]))
    place = {syllable: at for at, syllable in enumerate(syllables)}
    first = array("H", bytes(2 * (_LAST - _FIRST + 1)))
    others: dict[str, tuple[str, ...]] = {}
    for letters, characters in typed.items():
        for character in characters:
            code = ord(character) - _FIRST
            if first[code]:
                others[character] = (*others.get(character, ()), folded(letters))
            else:
                first[code] = place[folded(letters)]
    return _Table(syllables, first, others, frozenset(typed))


def folded(letters: str) -> str:
    """Pinyin letters with the sounds made one that half of the country does not tell apart."""
    return _FOLDED.sub(lambda match: _FOLDS[match.group()], letters)


def ways(character: str) -> tuple[str, ...]:
    """The folded syllables of a character; ("",) for one that is not in the table."""
    table, code = _table(), ord(character) - _FIRST
    said = table.syllables[table.first[code]] if 0 <= code <= _LAST - _FIRST else ""
    more = table.others.get(character)
    return (said, *more) if more else (said,)


def said_as(character: str) -> str:
    """The folded syllable of a character, as it is mostly said; "" for one that is not in the table."""
    code = ord(character) - _FIRST
    table = _table()
    return table.syllables[table.first[code]] if 0 <= code <= _LAST - _FIRST else ""


def sounds(said: Sequence[tuple[str, ...]]) -> Iterable[str]:
    """The folded sounds of a word, given the ways its characters are said; few at most."""
    if all(len(each) == 1 for each in said):
        return ("".join([each[0] for each in said]),)
    return map("".join, islice(product(*said), MOST_WAYS))


def spelt(letters: str) -> Iterable[str]:
    """The folded sounds of letters that are nothing but syllables, for each way to part them (few at most):
    `fangan` is fan gan and fang an."""
    return islice(_parted(letters), MOST_WAYS)


def _parted(letters: str) -> Iterator[str]:
    if not letters:
        yield ""
        return
    for end in range(min(LONGEST_SYLLABLE, len(letters)), 0, -1):
        if letters[:end] in _table().letters:
            yield from (folded(letters[:end]) + rest for rest in _parted(letters[end:]))


class BySound:
    """Chinese names under their folded sound, and the longer ones under their first and last two
    characters. Several names of one key stand in one text, with spaces between them: there are thousands."""

    def __init__(self, names: Iterable[str]) -> None:
        self.by_sound: dict[str, str] = {}
        self.openings: set[str] = set()  # the first two syllables of each
        self.ends: dict[int, str] = {}
        for name in names:
            said = [*map(ways, name)]
            for sound in sounds(said):
                _put(self.by_sound, sound, name)
            self.openings.update(sounds(said[:2]))
            if len(name) >= 4:
                _put(self.ends, pair(name[:2]), name)
                _put(self.ends, -pair(name[-2:]), name)

    def alike(self, sound: str) -> list[str]:
        """The names of one folded sound."""
        return self.by_sound.get(sound, "").split()

    def beginning_or_ending(self, word: str) -> list[str]:
        """The names of this length that begin or end with the same two characters."""
        begin, end = self.ends.get(pair(word[:2])), self.ends.get(-pair(word[-2:]))
        if begin is None and end is None:
            return []
        names = f"{begin or ''} {end or ''}"
        return [name for name in names.split() if len(name) == len(word)]


def pair(characters: str) -> int:
    """Two characters as a number, which takes a third of the room."""
    return ord(characters[0]) << 16 | ord(characters[1])


def _put(table: dict[Key, str], key: Key, name: str) -> None:
    known = table.get(key)
    if known is None:
        table[key] = name
    elif name not in known.split():
        table[key] = f"{known} {name}"
