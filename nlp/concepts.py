"""Knowledge that needs no model: which plain words go with which subject.

A concept has names (aliases, English, misspellings) and needs (how a beginner would put it). A question
names a
concept (`pandas`), or means one (`把网页上的表格存下来` → 爬虫); a course is about one as far as its
title, tags,
summary and text name it. So a question and a course can meet without sharing a word.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from nlp import chatter, words
from nlp.lexical import Cosine, Scores

FOLDER = Path(__file__).with_name("concepts")

# How far a course is about a concept, by the place that names it. Text counts by how often, up to a limit.
ABOUT = {"title": 1.0, "tags": 0.9, "summary": 0.65}
ABOUT_IN_TEXT, CHARS_A_MENTION = 0.35, 1000

SUBJECT_FROM = 0.3  # a summary that names it in passing, or a text that keeps naming it
EMPHASIS = 0.5  # what a course loses that only touches a concept
SHARE_OF_A_SUBJECT = 0.4  # of all mentions, from which a concept is the subject

MEANT_FROM = 0.3  # cosine of a question with a need below which they only share a word
SENSE_SHARE = 0.5  # of word vectors, where there are any, in the likeness of a question and a need
MEANT_SURELY = 0.75
NEAR_SHARE = 0.3  # what is left of a concept's strength for its neighbours
MOST_MEANT = 3

Sense = Callable[[Sequence[str]], Scores]

# Names of concepts that any program has in it.
_IN_CODE = frozenset(
    """
    app map string hash index sort class select join image cap test lock token shop tree graph product content
    admin session node hook encoding memory design project job network video game experiment kernel os
    es ip ps
    """.split()  # noqa: SIM905 - read as a line of words
)
_CHINESE = re.compile(r"[^\x00-\x7f]")


class BadConcepts(ValueError):
    """A file of concepts that cannot be used; the message names file, concept and fault."""


@dataclass(frozen=True, slots=True)
class Concept:
    """`names[0]` is the name as people say it; all are as written, not normalised."""

    names: tuple[str, ...]
    needs: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    def with_more(self, other: "Concept") -> "Concept":
        """This concept with what another of the same name adds."""
        more = (self.names + other.names[1:], self.needs + other.needs, self.near + other.near)
        return Concept(*more)


class Found(NamedTuple):
    """A concept in a question: its place in the dictionary, how strongly (0 to 1), which words of the
    question
    said it, and whether it was named, or only meant, or is a neighbour of one that was."""

    concept: int
    strength: float
    said: tuple[str, ...]
    how: str  # "named" | "meant" | "near"


def load(folder: Path = FOLDER) -> tuple[Concept, ...]:
    """Read every `*.toml` of a folder; entries of the same name add to each other. Raises BadConcepts."""
    together: dict[str, Concept] = {}
    for path in sorted(folder.glob("*.toml")):
        for concept in _read(path):
            name = concept.names[0]
            together[name] = together[name].with_more(concept) if name in together else concept
    return tuple(together.values())


class Concepts:
    """A dictionary of concepts, ready to be looked up by the words and by the sense of a question."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.concepts = tuple(concepts)
        self._chinese: dict[str, int] = {}  # name without spaces → concept
        self._code: dict[str, int] = {}  # name without separators → concept
        self._longest: dict[str, int] = {}  # first two characters → length of the longest name that begins so
        for place, concept in enumerate(concepts):
            for name in concept.names:
                self._add_name(words.plain(name), place)
        self._name_words = [words.words(words.plain(concept.names[0])) for concept in concepts]
        self._near = tuple(self._places(concept.near) for concept in concepts)
        needs = [(place, need) for place, concept in enumerate(concepts) for need in concept.needs]
        self._need_of = np.array([place for place, _ in needs], dtype=np.int64)
        freed = [chatter.free(words.plain(need)) for _, need in needs]
        self._need_words = [text.words for text in freed]
        self._terms = {text.text for (_, need), text in zip(needs, freed, strict=True) if text.text == need}
        self._needs_by_word = Cosine(self._need_words)
        self._needs_by_bigram = Cosine([words.bigrams(text.text) for text in freed])

    def __len__(self) -> int:
        return len(self.concepts)

    def knows(self, word: str) -> float:
        """How technical a counted word is: a name is, or a need of that word alone (变量); a word of a longer
        need is half."""
        if word in self._code or word in self._chinese or word in self._terms:
            return 1.0
        return 0.5 * (word in self._needs_by_word)

    @property
    def codes(self) -> Iterable[str]:
        """Every name in letters, without separators."""
        return self._code.keys()

    def name_words(self, found: Iterable[Found]) -> list[str]:
        """The counted words of the names of concepts, for those that were named: `paichong` → 爬虫."""
        return [word for each in found if each.how == "named" for word in self._name_words[each.concept]]

    def mentions(self, normal: str) -> dict[int, list[str]]:
        """Every concept that a `plain` text names, with the names as they stand there, longest names
        first."""
        found: dict[int, list[str]] = {}
        for place, name in (*self._chinese_mentions(normal), *self._code_mentions(normal)):
            found.setdefault(place, []).append(name)
        return found

    @property
    def need_words(self) -> Sequence[Sequence[str]]:
        """The counted words of every need, for comparing by sense."""
        return self._need_words

    def sense_idf(self, word: str) -> float:
        """The rarity of a word among the needs."""
        return self._needs_by_word.idf(word)

    def in_question(self, topic: str, topic_words: Sequence[str], sense: Sense | None = None) -> list[Found]:
        """The concepts of a freed question: those named, those meant, and their neighbours. `sense` may give
        the similarity of some words with every need, 0 to 1, by word vectors."""
        found = {
            place: Found(place, 1.0, tuple(names), "named") for place, names in self.mentions(topic).items()
        }
        if _says_more(topic, found.values()):
            for meant in self._meant(topic, topic_words, sense):
                found.setdefault(meant.concept, meant)
        for seed in tuple(found.values()):
            for place in self._near[seed.concept]:
                found.setdefault(place, Found(place, seed.strength * NEAR_SHARE, seed.said, "near"))
        return sorted(found.values(), key=lambda each: -each.strength)

    def about(self, fields: Mapping[str, str]) -> dict[int, float]:
        """How far a course (its `plain` fields) is about each concept, 0 to 1: by the best place that
        names it,
        and by its share of all that is named. A course on asyncio names 并发 more than one that touches
        it."""
        mentioned = {name: self.mentions(text) for name, text in fields.items()}
        mentioned["body"] = self._in_prose(mentioned.get("body", {}))
        counts = Counter(
            place for found in mentioned.values() for place, names in found.items() for _ in names
        )
        often = max(1.0, len(fields.get("body", "")) / CHARS_A_MENTION)
        in_text = {
            place: ABOUT_IN_TEXT * min(len(names) / often, 1.0)
            for place, names in mentioned.get("body", {}).items()
        }
        at_head = {
            place: _head(place, mentioned) * _emphasis(count / counts.total())
            for place, count in counts.items()
        }
        return {place: max(in_text.get(place, 0.0), degree) for place, degree in at_head.items()}

    def _in_prose(self, mentioned: Mapping[int, list[str]]) -> dict[int, list[str]]:
        """Without what is code: in a text c is a variable, app.py a file, and map a function of the
        language."""
        prose = {
            place: [name for name in names if self._is_prose(name)] for place, names in mentioned.items()
        }
        return {place: names for place, names in prose.items() if names}

    def _is_prose(self, name: str) -> bool:
        if _CHINESE.search(name):
            return True
        return len(name) > 1 and name not in _IN_CODE and _joined(name) in self._code

    def _meant(self, topic: str, topic_words: Sequence[str], sense: Sense | None) -> list[Found]:
        if not len(self._need_of) or not topic_words:
            return []
        similar = 0.5 * self._needs_by_word.similarities(topic_words)
        similar += 0.5 * self._needs_by_bigram.similarities(words.bigrams(topic))
        if sense:
            similar = (1 - SENSE_SHARE) * similar + SENSE_SHARE * sense(topic_words)
        best: dict[int, Found] = {}
        for row in np.argsort(-similar)[: 3 * MOST_MEANT]:
            if similar[row] < MEANT_FROM or len(best) == MOST_MEANT:
                break
            place = int(self._need_of[row])
            if place not in best:
                said = tuple(word for word in topic_words if self._needs_by_word.has(word, row))
                sure = min(float(similar[row]) / MEANT_SURELY, 1.0)
                # One word in common of several is a chance, not a sense.
                chance = len(_whole(said)) == 1 < len(_whole(topic_words))
                best[place] = Found(place, sure / 2 if chance else sure, said, "meant")
        return list(best.values())

    def _add_name(self, name: str, place: int) -> None:
        if not _CHINESE.search(name):
            self._code.setdefault(_joined(name) or name, place)
            return
        name = name.replace(" ", "")
        self._chinese.setdefault(name, place)
        self._longest[name[:2]] = max(self._longest.get(name[:2], 0), len(name))

    def _places(self, names: Iterable[str]) -> tuple[int, ...]:
        found = (place for name in names for place in self.mentions(words.plain(name)))
        return tuple(dict.fromkeys(found))

    def _chinese_mentions(self, text: str) -> Iterable[tuple[int, str]]:
        at, last = 0, len(text) - 1
        while at < last:
            size = self._longest.get(text[at : at + 2], 0)
            while size > 1 and (text[at : at + size] not in self._chinese or not _word_starts(text, at)):
                size -= 1
            if size > 1:
                name = text[at : at + size]
                yield self._chinese[name], name
                at += size
            else:
                at += 1

    def _code_mentions(self, text: str) -> Iterable[tuple[int, str]]:
        for match in words.CODE_RUN.finditer(text):
            run = match.group()
            yield from self._code_in_run(words.tokens(run), run)

    def _code_in_run(self, run: Sequence[words.Token], text: str) -> Iterable[tuple[int, str]]:
        at = 0
        while at < len(run):
            for size in (3, 2, 1):
                together = run[at : at + size]
                place = self._code.get(re.sub(r"[.\-_/]", "", "".join(token.text for token in together)))
                if place is not None and len(together) == size:
                    yield place, text[together[0].start : together[-1].end]
                    break
            else:
                size = 1
                yield from (
                    (self._code[word], run[at].text) for word in run[at].counted if word in self._code
                )
            at += size


def strengths(about: Sequence[Mapping[int, float]], concepts: int) -> csr_array:
    """Concepts by courses: how far each course is about each concept."""
    rows = [place for degrees in about for place in degrees]
    columns = [number for number, degrees in enumerate(about) for _ in degrees]
    values = [degree for degrees in about for degree in degrees.values()]
    shape = (concepts, len(about))
    return csr_array((np.array(values, dtype=np.float32), (rows, columns)), shape=shape)


def scores(found: Sequence[Found], strength: csr_array) -> Scores:
    """For every course how far it is about what a question names or means; a rare concept counts more."""
    size = strength.shape[1]
    total = np.zeros(size, dtype=np.float32)
    for each in found:
        courses, degrees = _row(strength, each.concept)
        spread = float(degrees.sum())
        rarity = np.log(1 + (size - spread + 0.5) / (spread + 0.5))
        total[courses] += np.float32(each.strength * rarity) * degrees
    return total


def best(found: Sequence[Found], strength: csr_array, how: str) -> Scores:
    """For every course its best match among the concepts found in this way, 0 to 1."""
    highest = np.zeros(strength.shape[1], dtype=np.float32)
    for each in found:
        if each.how == how:
            courses, degrees = _row(strength, each.concept)
            highest[courses] = np.maximum(highest[courses], np.float32(each.strength) * degrees)
    return highest


def _row(strength: csr_array, concept: int) -> tuple[Any, Any]:
    start, end = strength.indptr[concept], strength.indptr[concept + 1]
    return strength.indices[start:end], strength.data[start:end]


def _whole(counted: Sequence[str]) -> list[str]:
    """Without the parts of longer words: 小程序 is also counted as 程序, and said once."""
    return [word for word in counted if not any(word != other and word in other for other in counted)]


def _head(place: int, mentioned: Mapping[str, Mapping[int, Sequence[str]]]) -> float:
    named_in = (ABOUT[name] for name, found in mentioned.items() if name in ABOUT and place in found)
    return max(named_in, default=0.0)


def _emphasis(share: float) -> float:
    return 1 - EMPHASIS + EMPHASIS * min(share / SHARE_OF_A_SUBJECT, 1.0)


def _says_more(topic: str, named: Iterable[Found]) -> bool:
    """Whether a question says anything beside the names in it: 前端 alone names 前端, and means no need."""
    for each in named:
        for name in each.said:
            topic = topic.replace(name, " ")
    return len(topic.replace(" ", "")) > 1


def _joined(name: str) -> str:
    """A name in letters without its separators."""
    return re.sub(r"[ .\-_/]", "", name)


def _word_starts(text: str, at: int) -> bool:
    """A name that begins with a letter must not begin inside a word: `ai应用` is not in `mai应用`."""
    return not (text[at].isascii() and at and text[at - 1].isascii() and text[at - 1].isalnum())


def _read(path: Path) -> list[Concept]:
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8")).get("concept", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConcepts(f"{path}: {error}") from error
    return [_concept(path, entry) for entry in listed]


def _concept(path: Path, entry: Mapping[str, Any]) -> Concept:
    name = entry.get("name")
    unknown = set(entry) - {"name", "also", "english", "typos", "needs", "near"}
    if not isinstance(name, str) or unknown:
        raise BadConcepts(
            f"{path}: concept {name!r}: {'unknown ' + ', '.join(sorted(unknown)) if unknown else 'no name'}"
        )
    names = (name, *(other for key in ("also", "english", "typos") for other in entry.get(key, [])))
    return Concept(names, tuple(entry.get("needs", [])), tuple(entry.get("near", [])))
