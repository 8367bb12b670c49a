"""One concept, and the files it is read from: names (aliases, English, misspellings), needs (how a beginner
would put it) and neighbours."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from nlp import words

FOLDER = Path(__file__).with_name("concepts")
NAME_KEYS = ("also", "english", "typos")
OTHER_KEYS = ("needs", "near", "before", "part_of")

ALIKE = 0.6  # of a slip and the name that it is one of

_HEADER = re.compile(r"^[ \t]*\[\[\s*concept\s*\]\]", re.MULTILINE)


class BadConcepts(ValueError):
    """A file of concepts that cannot be used; the message names file, line, concept and fault."""


@dataclass(frozen=True, slots=True)
class Concept:
    """`names[0]` is the name as people say it; all are as written, not normalised. `typos` are those of the
    names that nobody should be told.

    Three kinds of neighbours, by name: `before` are learnt first, of `part_of` this is a part, `near` are
    the others.
    """

    names: tuple[str, ...]
    needs: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    typos: tuple[str, ...] = ()

    def mended(self, said: Iterable[str]) -> str:
        """The name that was meant, where all of this (`plain`) is slips of one; else empty."""
        typos = {words.plain(name) for name in self.typos}
        written = [*said]
        if not written or not typos.issuperset(written):
            return ""
        names = [name for name in self.names if words.plain(name) not in typos]
        likeness = [SequenceMatcher(None, words.plain(name), written[0]).ratio() for name in names]
        best = max(range(len(names)), key=likeness.__getitem__)
        return names[best if likeness[best] >= ALIKE else 0]  # pinyin is like no name

    def with_more(self, other: "Concept") -> "Concept":
        """This concept with what another of the same name adds."""
        return Concept(
            self.names + other.names[1:],
            self.needs + other.needs,
            self.near + other.near,
            self.before + other.before,
            self.part_of + other.part_of,
            self.typos + other.typos,
        )


def load(folder: Path = FOLDER) -> tuple[Concept, ...]:
    """Read every `*.toml` of a folder; entries of the same name add to each other. Raises BadConcepts."""
    return together(concept for path in sorted(folder.glob("*.toml")) for concept in _read(path))


def together(concepts: Iterable[Concept]) -> tuple[Concept, ...]:
    """Each name once, with all that is said of it."""
    by_name: dict[str, Concept] = {}
    for concept in concepts:
        name = concept.names[0]
        by_name[name] = by_name[name].with_more(concept) if name in by_name else concept
    return tuple(by_name.values())


def _read(path: Path) -> list[Concept]:
    try:
        text = path.read_text(encoding="utf-8")
        read = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"at line (\d+)", str(error))
        raise BadConcepts(f"{path}:{place[1] if place else 1}: {error}") from error
    listed = read.get("concept", [])
    if read.keys() - {"concept"} or not _are_tables(listed):
        raise BadConcepts(f"{path}:1: each entry begins with [[concept]], and all keys stand below one")
    lines = [text.count("\n", 0, match.end()) + 1 for match in _HEADER.finditer(text)]
    lines += [1] * len(listed)  # entries may be written without heads of their own
    return [_concept(f"{path}:{line}", entry) for line, entry in zip(lines, listed, strict=False)]


def _are_tables(listed: Any) -> bool:
    return isinstance(listed, list) and all(isinstance(entry, dict) for entry in listed)


def _concept(place: str, entry: Mapping[str, Any]) -> Concept:
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadConcepts(f'{place}: no name; write name = "…"')
    unknown = sorted(set(entry) - {"name", *NAME_KEYS, *OTHER_KEYS})
    if unknown:
        raise BadConcepts(f"{place}: concept {name!r}: unknown {', '.join(unknown)}")
    listed = {key: _texts(f"{place}: concept {name!r}: {key}", entry, key) for key in NAME_KEYS + OTHER_KEYS}
    names = (name, *(other for key in NAME_KEYS for other in listed[key]))
    return Concept(names, **{key: listed[key] for key in OTHER_KEYS}, typos=listed["typos"])


def _texts(place: str, entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    # A text by itself would be taken for a list of its letters.
    texts = entry.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
        raise BadConcepts(f'{place} is no list of texts; write {key} = ["…", "…"]')
    return tuple(texts)
