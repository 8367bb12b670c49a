"""Finding the names of concepts in a text, as they stand there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial

from nlp import words

CHINESE = re.compile(r"[^\x00-\x7f]")
_LETTER = re.compile(r"[a-z]")
_IN_LETTERS = re.compile(r"[a-z0-9.]")
_GAP = re.compile(r"(?<=[^\x00-\x7f]) (?=[a-z0-9])|(?<=[a-z0-9+#]) (?=[^\x00-\x7f])")


SHORTEST = 2  # characters of a Chinese name; so short it may stand across the border of two words
SHORTEST_PLURAL = 3  # letters; ios and js are none
BORDERS_KEPT = 4_096  # stretches of eight characters, some 200 bytes each
AROUND = 3  # characters on each side that tell the words there


class Names:
    """The names of all concepts; a name may belong to several of them."""

    def __init__(self, names: Sequence[Sequence[str]], own: words.Own | None = None) -> None:
        """`names`: for each concept its `plain` names. `own`: names that our dictionaries would cut up."""
        self._torn = lru_cache(maxsize=BORDERS_KEPT)(partial(_torn, own=own))
        self._chinese: dict[str, tuple[int, ...]] = {}  # name without spaces → its concepts
        self._code: dict[str, tuple[int, ...]] = {}  # name without separators → its concepts
        self._longest: dict[str, int] = {}  # first two characters → length of the longest name that begins so
        for place, each in enumerate(names):
            for name in each:
                self._add(name, place)

    def __contains__(self, word: str) -> bool:
        return word in self._code or word in self._chinese

    @property
    def codes(self) -> Iterable[str]:
        """Every name in letters, without separators."""
        return self._code.keys()

    @property
    def chinese(self) -> Iterable[str]:
        """Every other name, without spaces."""
        return self._chinese.keys()

    def has_code(self, name: str) -> bool:
        """Whether this is a name in letters, however it is joined."""
        return joined(name) in self._code

    def mentions(self, normal: str) -> dict[int, list[str]]:
        """Every concept that a `plain` text names, with the names as they stand there."""
        found: dict[int, list[str]] = {}
        chinese = tuple(self._chinese_mentions(normal))
        rest = normal
        for _, name in chinese:
            if _LETTER.search(name):  # ai绘画 names no ai beside it
                rest = rest.replace(name, " ")
        for places, name in (*chinese, *self._code_mentions(rest)):
            for place in places:
                found.setdefault(place, []).append(name)
        return found

    def _add(self, name: str, place: int) -> None:
        if not CHINESE.search(name):
            _own(self._code, joined(name) or name, place)
            return
        name = name.replace(" ", "")
        _own(self._chinese, name, place)
        self._longest[name[:2]] = max(self._longest.get(name[:2], 0), len(name))

    def _chinese_mentions(self, text: str) -> Iterable[tuple[tuple[int, ...], str]]:
        """The longest name at each place. `ai 绘画` has the name ai绘画, and is told as it stands there."""
        gaps = [match.start() for match in _GAP.finditer(text)]
        whole = text
        if gaps:
            text = _GAP.sub("", text)
        at, last = 0, len(text) - 1
        while at < last:
            size = self._longest.get(text[at : at + 2], 0)
            while size > 1 and not (
                text[at : at + size] in self._chinese
                and _word_starts(text, at)
                and not (size == SHORTEST and self._is_torn(text, at))
            ):
                size -= 1
            if size > 1:
                name = text[at : at + size]
                yield self._chinese[name], _as_it_stands(whole, gaps, at, size) if gaps else name
                at += size
            else:
                at += 1

    def _is_torn(self, text: str, at: int) -> bool:
        begin = max(0, at - AROUND)
        return self._torn(text[begin : at + SHORTEST + AROUND], at - begin)

    def _code_mentions(self, text: str) -> Iterable[tuple[tuple[int, ...], str]]:
        if not _IN_LETTERS.search(text):
            return
        for match in words.CODE_RUN.finditer(text):
            run = match.group()
            yield from self._code_in_run(words.tokens(run), run)

    def _code_in_run(self, run: Sequence[words.Token], text: str) -> Iterable[tuple[tuple[int, ...], str]]:
        at = 0
        while at < len(run):
            for size in range(min(3, len(run) - at), 0, -1):
                together = run[at : at + size]
                name = re.sub(r"[.\-_/]", "", "".join(token.text for token in together))
                places = self._code.get(name) or (size > 1 and self._several(name, together[-1].text))
                if places:
                    yield places, text[together[0].start : together[-1].end]
                    break
            else:
                size = 1
                yield from (
                    (self._code[word], run[at].text) for word in run[at].counted if word in self._code
                )
            at += size

    def _several(self, name: str, last: str) -> tuple[int, ...] | None:
        """The concepts of a name of several words of which there are more: linked lists. One word by itself
        may be another's name, as that of robots.txt is."""
        if len(last) <= SHORTEST_PLURAL or not last.endswith("s") or not last.isalpha():
            return None
        return next(filter(None, map(self._code.get, singulars(name))), None)


def singulars(word: str) -> Iterable[str]:
    """What an English word that ends in an s may be the plural of, the likeliest first."""
    endings = (("ies", "y"), ("es", ""), ("s", ""))
    return (word.removesuffix(ending) + instead for ending, instead in endings if word.endswith(ending))


def joined(name: str) -> str:
    """A name in letters without its separators."""
    return re.sub(r"[ .\-_/]", "", name)


def in_prose(mentioned: Mapping[int, list[str]], names: Names) -> dict[int, list[str]]:
    """Without what is code: in a text c is a variable, app.py a file, and map a function of the language."""
    prose = {place: [name for name in found if _is_prose(name, names)] for place, found in mentioned.items()}
    return {place: found for place, found in prose.items() if found}


# Names of concepts that any program has in it.
_IN_CODE = frozenset(
    """
    app map string hash index sort class select join image cap test lock token shop tree graph product content
    admin session node hook encoding memory design project job network video game experiment kernel os
    es ip ps
    """.split()  # noqa: SIM905 - read as a line of words
)


def _is_prose(name: str, names: Names) -> bool:
    if CHINESE.search(name):
        return True
    return len(name) > 1 and name not in _IN_CODE and names.has_code(name)


def _own(owners: dict[str, tuple[int, ...]], name: str, place: int) -> None:
    known = owners.get(name, ())
    if place not in known:
        owners[name] = (*known, place)


def _as_it_stands(whole: str, gaps: Sequence[int], at: int, size: int) -> str:
    """What stands in the text with its gaps, for a stretch of the text without them."""
    start, end = at, at + size
    for gap in gaps:
        start += gap <= start
        end += gap < end
    return whole[start:end]


def _torn(text: str, at: int, own: words.Own | None) -> bool:
    """Whether a name of two characters is made of parts of other words: 导数 in 导数据, 并发 in 并发布."""
    for token in words.tokens(text, own):
        start, end = token.start, token.end
        if start < at < end < at + SHORTEST or at < start < at + SHORTEST < end:
            return True
    return False


def _word_starts(text: str, at: int) -> bool:
    """A name that begins with a letter must not begin inside a word: `ai应用` is not in `mai应用`."""
    return not (text[at].isascii() and at and text[at - 1].isascii() and text[at - 1].isalnum())
