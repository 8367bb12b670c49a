"""From `_concepts/` to the store: each file that changed, one transaction each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from content import tables as t
from content.concepts import ConceptFile, IsKnown, read_concepts, unknown_neighbours
from content.edition import move_catalogue
from content.problem import Problem
from infra.clock import Clock
from infra.database import Database, insert_if_absent
from infra.log import get_logger

log = get_logger("content")


@dataclass(frozen=True)
class Concepts:
    """The files below the folder against those in the store (file → digest): ``new`` are those that came or
    changed, ``gone`` the names of those that went."""

    live: Mapping[str, str]
    new: tuple[ConceptFile, ...]
    gone: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the files that publishing would bring in step."""
        return (*(file.name for file in self.new if not file.refused), *self.gone)


def look_at_concepts(db: Database, root: Path, *, may_forget: bool, is_known: IsKnown | None) -> Concepts:
    """What would change in the store, and what is wrong in the files that are not live as they stand.

    ``may_forget`` is False when the folder may only be out of reach: then no file is taken for deleted.
    """
    files, problems = read_concepts(root)
    live = _live(db)
    new = tuple(file for file in files if live.get(file.name) != file.digest)
    gone = live.keys() - {file.name for file in files} if may_forget and not problems else set()
    return Concepts(live, new, tuple(sorted(gone)), (*problems, *_problems(files, new, is_known)))


def publish_concepts(db: Database, clock: Clock, found: Concepts) -> tuple[str, ...]:
    """Brings the store in step; the names of the files that came, changed or went."""
    good = (file for file in found.new if not file.refused)
    changed = [file.name for file in good if _put(db, clock, file, found.live.get(file.name))]
    changed += [name for name in found.gone if _forget(db, name, found.live[name])]
    for name in changed:
        log.info("concepts_published", file=name)
    return tuple(changed)


def _live(db: Database) -> dict[str, str]:
    """File → digest."""
    row = t.concept_file.c
    with db.reading() as conn:
        return {one.name: one.digest for one in conn.execute(select(row.name, row.digest))}


def _put(db: Database, clock: Clock, file: ConceptFile, live: str | None) -> bool:
    """False when another node has been here first; its next look sees whatever is new."""
    with db.transaction() as conn:
        written = _write(conn, clock, file, live)
        if written:
            move_catalogue(conn)
    return written


def _write(conn: Connection, clock: Clock, file: ConceptFile, live: str | None) -> bool:
    row = t.concept_file.c
    stored = [concept.as_json() for concept in file.concepts]
    values = {"digest": file.digest, "concepts": stored, "changed_at": clock.now()}
    if live is None:
        return insert_if_absent(conn, t.concept_file, {"name": file.name, **values})
    changed = update(t.concept_file).where(row.name == file.name, row.digest == live).values(**values)
    return conn.execute(changed).rowcount == 1


def _forget(db: Database, name: str, digest: str) -> bool:
    row = t.concept_file.c
    with db.transaction() as conn:
        gone = conn.execute(delete(t.concept_file).where(row.name == name, row.digest == digest))
        if gone.rowcount == 1:
            move_catalogue(conn)
    return gone.rowcount == 1


def _problems(
    files: Iterable[ConceptFile], new: Iterable[ConceptFile], is_known: IsKnown | None
) -> list[Problem]:
    paths = {str(file.path) for file in new}
    found = [problem for file in new for problem in file.problems]
    doubted = unknown_neighbours(files, is_known) if paths and is_known else []
    return found + [problem for problem in doubted if problem.path in paths]
