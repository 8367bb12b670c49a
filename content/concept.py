"""What a creator teaches the search to understand: one subject, by its names and by what people say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class OwnConcept:
    """One entry of a file in `_concepts/`, checked; texts as they were written.

    ``also``, ``english`` and ``typos`` are other names, ``needs`` are what a beginner says instead of any
    name. Neighbours stand by name: learnt ``before`` this one, what this is ``part_of``, or just ``near``.
    """

    name: str
    also: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    typos: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also, *self.english, *self.typos)

    def as_json(self) -> dict[str, Any]:
        """For the store; `from_json` reads it."""
        lists = {key: list(getattr(self, key)) for key in LIST_KEYS}
        return {"name": self.name, **{key: items for key, items in lists.items() if items}}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> OwnConcept:
        return cls(stored["name"], **{key: tuple(stored.get(key, ())) for key in LIST_KEYS})


LIST_KEYS = tuple(each.name for each in fields(OwnConcept) if each.name != "name")
NAME_KEYS = ("also", "english", "typos")
NEIGHBOUR_KEYS = ("near", "before", "part_of")
KEYS = ("name", *LIST_KEYS)
