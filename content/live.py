"""The live pointers: which version of each course is on the shelf, and what its folder was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select, tuple_

from content import tables as t
from infra.database import Database

_BATCH = 200  # versions asked for by one query; SQLite and MySQL bound the number of parameters
_Facts = tuple[tuple[str, ...], bool]  # tags, and whether it is an offer
_NO_FACTS: _Facts = ((), False)


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


def read_live(db: Database, known: Mapping[str, Live] = MappingProxyType({})) -> dict[str, Live]:
    """All live pointers by id.

    ``known``: what was read before. A version never changes, and of one that is known nothing is looked up
    again: its row is long, and a catalogue has thousands.
    """
    with db.reading() as conn:
        pointers = conn.execute(select(t.course)).all()
        missing = [(one.id, one.version) for one in pointers if not _is_known(one, known)]
        facts = {(id_, live.version): (live.tags, live.is_offer) for id_, live in known.items()}
        for at in range(0, len(missing), _BATCH):
            facts |= _read_facts(conn, missing[at : at + _BATCH])
    return {one.id: _live(one, *facts.get((one.id, one.version), _NO_FACTS)) for one in pointers}


def _is_known(pointer: Any, known: Mapping[str, Live]) -> bool:
    live = known.get(pointer.id)
    return live is not None and live.version == pointer.version


def _read_facts(conn: Connection, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], _Facts]:
    """What the versions say of themselves; a place that is only claimed has none."""
    row = t.course_version.c
    wanted = select(row.course_id, row.version, row.tags, row.includes)
    found = conn.execute(wanted.where(tuple_(row.course_id, row.version).in_(keys)))
    return {(one.course_id, one.version): (tuple(one.tags or ()), bool(one.includes)) for one in found}


def ids_by_folder(live: Iterable[Live]) -> dict[str, str]:
    """Folder → id of each course on the shelf."""
    return {one.folder: one.id for one in live if one.listed}


def _live(pointer: Any, tags: tuple[str, ...], is_offer: bool) -> Live:
    return Live(
        pointer.id,
        pointer.version,
        pointer.listed,
        pointer.folder,
        pointer.digest,
        held=pointer.held,
        tags=tags,
        is_offer=is_offer,
    )
