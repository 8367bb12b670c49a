"""The other courses of the same folder, as far as a link to one needs to know them."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from content import keys
from content.frontmatter import FrontMatter
from content.problem import Findings
from content.showing import MEMBERS, ShowingFields
from content.textfile import read_text

MAX_BYTES = 1024 * 1024
_NAME = re.compile(r"[^/\\\x00.][^/\\\x00]*")


@dataclass(frozen=True)
class Neighbour:
    """A course's address and title, and the text of its page; not all see a draft, or what is for members."""

    slug: str
    title: str
    page: str
    draft: bool
    for_members: bool = False


class Neighbours:
    """Looks into the folders beside ``course``, when it is asked; None: there are none."""

    def __init__(self, course: Path | None) -> None:
        self._course = course
        self._found: dict[str, Neighbour | None] = {}

    @cached_property
    def names(self) -> list[str]:
        if self._course is None:
            return []
        try:
            entries = list(os.scandir(self._course.parent))
        except OSError:
            return []
        return sorted(entry.name for entry in entries if self._may_be(entry.name) and entry.is_dir())

    def find(self, name: str) -> Neighbour | None:
        """None unless ``name`` is a folder here with a readable `_index.md`."""
        name = name.strip().removesuffix("/_index")
        if name not in self._found:
            self._found[name] = self._read(name) if name in self.names else None
        return self._found[name]

    def _may_be(self, name: str) -> bool:
        mine = self._course.name if self._course else ""
        return _NAME.fullmatch(name) is not None and not name.startswith("_") and name != mine

    def _read(self, name: str) -> Neighbour | None:
        data = _bytes(self._course.parent / name / "_index.md") if self._course else None
        front = read_text(data, Findings("")) if data is not None else None
        return _neighbour(name, front) if front else None


def _bytes(path: Path) -> bytes | None:
    """A bounded, regular file that is no link; what is behind one belongs to somebody else."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or path.parent.is_symlink():
            return None
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= MAX_BYTES else None


def _neighbour(name: str, front: FrontMatter) -> Neighbour | None:
    silent = Findings("")
    fields = ShowingFields(keys.COURSE.settle(front.values, silent), silent)
    slug, title = fields.slug(name, ""), fields.text("title", most=200, needed=False)
    if not slug:
        return None
    return Neighbour(slug, title or name, front.body, fields.is_draft(), fields.visibility() == MEMBERS)


NOBODY = Neighbours(None)
