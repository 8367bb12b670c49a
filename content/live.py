"""The live pointers: which version of each course is on the shelf, and what its folder was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select

from content import tables as t
from infra.database import Database


@dataclass(frozen=True)
class Live:
    """A course's live pointer.

    ``held``: the digest of the folder against which an earlier version was brought back; as long as the
    folder is that, the version stays. Empty when nothing is held.
    """

    id: str
    version: int
    listed: bool
    folder: str
    digest: str
    held: str = ""
    tags: tuple[str, ...] = ()
    is_offer: bool = False


def read_live(db: Database) -> dict[str, Live]:
    """All live pointers by id."""
    row, version = t.course.c, t.course_version.c
    is_present = and_(version.course_id == row.id, version.version == row.version)
    wanted = select(t.course, version.tags, version.includes)
    with db.reading() as conn:
        rows = conn.execute(wanted.select_from(t.course.outerjoin(t.course_version, is_present)))
        return {one.id: _live(one) for one in rows}


def ids_by_folder(live: Iterable[Live]) -> dict[str, str]:
    """Folder → id of each course on the shelf."""
    return {one.folder: one.id for one in live if one.listed}


def _live(row: Any) -> Live:
    return Live(
        row.id,
        row.version,
        row.listed,
        row.folder,
        row.digest,
        held=row.held,
        tags=tuple(row.tags or ()),
        is_offer=bool(row.includes),
    )
