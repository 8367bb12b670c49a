"""From a folder to the shelf: what changed becomes a new version, course by course.

A refused course keeps its live version, a folder that is gone withdraws its course. Several nodes may publish
at once: the live pointer moves by a conditional update, and who comes second looks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from content import edition
from content import tables as t
from content.check import missing_root
from content.concepts import IsKnown
from content.folder import Snapshot, course_folders, take_snapshot
from content.identity import settle_ids
from content.moment import SHANGHAI
from content.offers import Known, settle_offers
from content.problem import Problem
from content.publish_concepts import publish_concepts
from content.source import CourseSource, declared_id, read_course
from infra.clock import Clock
from infra.database import Database, insert_if_absent
from infra.log import get_logger

log = get_logger("content")

CLAIM_TRIES = 5


@dataclass(frozen=True)
class Report:
    """What one publishing did, by course id, and what it found. ``problems`` are of changed files only;
    ``concepts`` are the names of the files of concepts that came, changed or went."""

    published: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    concepts: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def changed(self) -> bool:
        return bool(self.published or self.withdrawn or self.concepts)


@dataclass(frozen=True)
class _Live:
    """A course's live pointer."""

    id: str
    version: int
    listed: bool
    folder: str
    digest: str
    tags: tuple[str, ...] = ()
    is_offer: bool = False


@dataclass
class _Scan:
    """What stands in the folder, against what is live."""

    unchanged: list[str] = field(default_factory=list)
    courses: list[CourseSource] = field(default_factory=list)
    refused: list[Snapshot] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    folders: int = 0


class Publisher:
    """Publishes a folder of courses, and of the creator's own concepts, into a database.

    ``is_known`` tells whether a name is one of the concepts that every shop has, for the creator's own to
    stand beside. ``zone``: of times in the files that name none.
    """

    def __init__(
        self, db: Database, clock: Clock, *, is_known: IsKnown | None = None, zone: ZoneInfo = SHANGHAI
    ) -> None:
        self._db = db
        self._zone = zone
        self._clock = clock
        self._is_known = is_known

    def live_ids(self) -> dict[str, str]:
        """Folder → id of each live course."""
        return _ids_by_folder(self._live().values())

    def publish(self, root: Path) -> Report:
        """Brings the shelf in step with ``root``; what is wrong is in the report, not raised.

        Raises Unavailable when the database does not answer; what was published until then stays, and
        calling again does the rest.
        """
        live = self._live()
        try:
            scan = _scan(course_folders(root), live, self._zone)
        except OSError:
            return Report(problems=(missing_root(root),))
        good, clashes = settle_ids(scan.courses, _ids_by_folder(live.values()))
        good, taken = _without_taken_ids(good, scan.unchanged, live)
        concepts, doubts = publish_concepts(
            self._db, self._clock, root, may_forget=scan.folders > 0, is_known=self._is_known
        )
        good, wrong = settle_offers(good, _known(live, good), _kinds(live))
        problems = (*scan.problems, *clashes, *taken, *wrong, *doubts)
        wanted = [course for course in good if not course.draft]
        published = [course.id for course in wanted if self._put(course, live.get(course.id))]
        withdrawn = [one.id for one in _gone(live, scan, good) if self._withdraw(one)]
        unchanged = scan.unchanged + [course.id for course in wanted if course.id not in published]
        return Report(tuple(published), tuple(sorted(unchanged)), tuple(withdrawn), problems, concepts)

    def _live(self) -> dict[str, _Live]:
        row, version = t.course.c, t.course_version.c
        is_present = and_(version.course_id == row.id, version.version == row.version)
        wanted = select(t.course, version.tags, version.includes)
        with self._db.reading() as conn:
            rows = conn.execute(wanted.select_from(t.course.outerjoin(t.course_version, is_present)))
            return {one.id: _live(one) for one in rows}

    def _put(self, course: CourseSource, live: _Live | None) -> bool:
        """Makes ``course`` the live version; False when another node has published the very same."""
        for _ in range(CLAIM_TRIES):
            if live is None:
                self._make_place(course)
            elif live.listed and live.digest == course.digest:
                return False
            base_version = live.version if live else 0
            if self._write(course, base_version):
                log.info("course_published", course=course.id, version=base_version + 1)
                return True
            live = self._live().get(course.id)
        log.warning("course_not_published", course=course.id, cause="other nodes keep publishing it")
        return False

    def _make_place(self, course: CourseSource) -> None:
        """A row to claim, in its own transaction: inserting and claiming in one could deadlock on MySQL."""
        row = {"id": course.id, "version": 0, "listed": False, "folder": "", "digest": ""}
        with self._db.transaction() as conn:
            insert_if_absent(conn, t.course, {**row, "changed_at": self._clock.now()})

    def _write(self, course: CourseSource, base_version: int) -> bool:
        now = self._clock.now()
        with self._db.transaction() as conn:
            claimed = edition.claim(conn, course, base_version, now)
            if claimed:
                edition.write(conn, course, base_version + 1, now)
        return claimed

    def _withdraw(self, live: _Live) -> bool:
        with self._db.transaction() as conn:
            withdrawn = edition.withdraw(conn, live.id, live.version, self._clock.now())
        if withdrawn:
            log.info("course_withdrawn", course=live.id)
        return withdrawn


def _scan(folders: Iterable[Path], live: Mapping[str, _Live], zone: ZoneInfo) -> _Scan:
    """Hashes each folder, and reads those that are not live as they stand."""
    scan = _Scan()
    by_digest = {one.digest: one.id for one in live.values() if one.listed}
    for snapshot in filter(None, map(take_snapshot, folders)):
        scan.folders += 1
        if not snapshot.problems and snapshot.digest in by_digest:
            scan.unchanged.append(by_digest[snapshot.digest])
            continue
        course, problems = read_course(snapshot, zone)
        scan.problems += problems
        if course:
            scan.courses.append(course)
        else:
            scan.refused.append(snapshot)
    return scan


def _live(row: Any) -> _Live:
    return _Live(
        row.id,
        row.version,
        row.listed,
        row.folder,
        row.digest,
        tags=tuple(row.tags or ()),
        is_offer=bool(row.includes),
    )


def _known(live: Mapping[str, _Live], good: list[CourseSource]) -> Known:
    """What is on the shelf, and what this publishing brings."""
    known = Known()
    for one in live.values():
        if one.listed:
            known.add_one(one.id, one.tags, is_offer=one.is_offer)
    return known.add(good)


def _kinds(live: Mapping[str, _Live]) -> dict[str, bool]:
    return {one.id: one.is_offer for one in live.values() if one.version}


def _ids_by_folder(live: Iterable[_Live]) -> dict[str, str]:
    return {one.folder: one.id for one in live if one.listed}


def _without_taken_ids(
    courses: list[CourseSource], unchanged: list[str], live: Mapping[str, _Live]
) -> tuple[list[CourseSource], list[Problem]]:
    """A newcomer with the id of a course that is live and untouched is a copy that kept the id."""
    problems = [
        Problem(
            course.path,
            course.id_line,
            f"id “{course.id}” 和别的课程重复了：{live[course.id].folder}",
            "复制来的课程要换一个新的 id",
            "error",
        )
        for course in courses
        if course.id in unchanged
    ]
    return [course for course in courses if course.id not in unchanged], problems


def _gone(live: Mapping[str, _Live], scan: _Scan, good: list[CourseSource]) -> list[_Live]:
    """The listed courses to withdraw: those of no folder any more, and those that became drafts.

    When in doubt a course stays: an empty root is taken for a disk that is not mounted, and a refused folder
    whose id cannot be read might be any course, renamed.
    """
    folders = _ids_by_folder(live.values())
    refused = _refused_ids(scan, good, folders)
    if scan.folders == 0 or None in refused:
        return []
    kept = {*scan.unchanged, *refused, *(course.id for course in good if not course.draft)}
    return [one for one in live.values() if one.listed and one.id not in kept]


def _refused_ids(scan: _Scan, good: list[CourseSource], folders: Mapping[str, str]) -> set[str | None]:
    """The courses that refused folders may stand for: by what is live there, and by what they claim.

    Holds None when one of them cannot be told.
    """
    clashing = [course for course in scan.courses if course not in good]
    ids: set[str | None] = {course.id for course in clashing}
    ids |= {folders[course.folder] for course in clashing if course.folder in folders}
    for snapshot in scan.refused:
        known = {folders.get(snapshot.name), declared_id(snapshot)} - {None}
        ids |= known or {None}
    return ids
