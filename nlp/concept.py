"""One concept, and the files it is read from: names (aliases, English, misspellings), needs (how a beginner
would put it) and neighbours."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("concepts")


class BadConcepts(ValueError):
    """A file of concepts that cannot be used; the message names file, concept and fault."""


@dataclass(frozen=True, slots=True)
class Concept:
    """`names[0]` is the name as people say it; all are as written, not normalised. `typos` are those of the
    names that nobody should be told."""

    names: tuple[str, ...]
    needs: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    typos: tuple[str, ...] = ()

    def with_more(self, other: "Concept") -> "Concept":
        """This concept with what another of the same name adds."""
        needs, near = self.needs + other.needs, self.near + other.near
        return Concept(self.names + other.names[1:], needs, near, self.typos + other.typos)


def load(folder: Path = FOLDER) -> tuple[Concept, ...]:
    """Read every `*.toml` of a folder; entries of the same name add to each other. Raises BadConcepts."""
    together: dict[str, Concept] = {}
    for path in sorted(folder.glob("*.toml")):
        for concept in _read(path):
            name = concept.names[0]
            together[name] = together[name].with_more(concept) if name in together else concept
    return tuple(together.values())


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
    needs, near, typos = (tuple(entry.get(key, [])) for key in ("needs", "near", "typos"))
    return Concept(names, needs, near, typos)
