"""From a folder to the shelf: what changed becomes a new version, course by course.

A refused course keeps its live version, a folder that is gone withdraws its course. Several nodes may publish
at once: the live pointer moves by a conditional update, and who comes second looks again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from content import edition
from content import tables as t
from content.check import missing_root
from content.concepts import IsKnown
from content.identity import settle_ids
from content.live import Live, ids_by_folder, read_live
from content.moment import SHANGHAI
from content.offers import Known, settle_offers
from content.problem import Problem
from content.publish_concepts import Concepts, look_at_concepts, publish_concepts
from content.scan import ReadCourse, Scan, Scanner
from content.source import read_course
from content.written import CourseSource
from infra.clock import Clock
from infra.database import Database, insert_if_absent
from infra.log import get_logger

log = get_logger("content")

CLAIM_TRIES = 5


@dataclass(frozen=True)
class Report:
    """What one publishing did, by course id, and what it found. ``problems`` are of changed files only;
    ``concepts`` are the names of the files of concepts that came, changed or went; ``standing`` are the
    problems of all files that this publisher has read."""

    published: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    concepts: tuple[str, ...] = ()
    standing: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def changed(self) -> bool:
        return bool(self.published or self.withdrawn or self.concepts)


@dataclass(frozen=True)
class Plan:
    """What a publishing would do: the courses to put on the shelf, as they were read, and those to take off.

    ``concepts`` is None when there is no folder at all.
    """

    live: Mapping[str, Live]
    wanted: tuple[CourseSource, ...] = ()
    gone: tuple[Live, ...] = ()
    unchanged: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    standing: tuple[Problem, ...] = ()
    concepts: Concepts | None = None

    @property
    def changes(self) -> bool:
        return bool(self.wanted or self.gone or (self.concepts and self.concepts.changed))


class Publisher:
    """Publishes a folder of courses, and of the creator's own concepts, into a database.

    ``is_known`` tells whether a name is one of the concepts that every shop has, for the creator's own to
    stand beside. ``zone``: of times in the files that name none. ``read`` makes a course of a folder's
    files in another way than is usual, ``only`` names the one folder to look at. One publisher is used by one
    thread at a time: it remembers what it has read.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        is_known: IsKnown | None = None,
        zone: ZoneInfo = SHANGHAI,
        read: ReadCourse | None = None,
        only: str | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._is_known = is_known
        self._scanner = Scanner(read or (lambda snapshot: read_course(snapshot, zone)), only)
        self._live: Mapping[str, Live] = {}

    def live_ids(self) -> dict[str, str]:
        """Folder → id of each live course."""
        return ids_by_folder(self._read_live().values())

    def forget(self) -> None:
        """The next look reads every file again, whatever the file system says of it."""
        self._scanner.forget()

    def publish(self, root: Path, touched: Collection[Path] | None = None) -> Report:
        """Brings the shelf in step with ``root``; what is wrong is in the report, not raised.

        ``touched``: the courses' folders that may have changed since this publisher last looked; None for
        any of them. Raises Unavailable when the database does not answer; what was published until then
        stays, and calling again does the rest.
        """
        return self.carry_out(self.plan(root, touched))

    def plan(self, root: Path, touched: Collection[Path] | None = None) -> Plan:
        """Reads and checks what stands below ``root``, and changes nothing. Raises Unavailable."""
        live = self._read_live()
        try:
            scan = self._scanner.scan(root, live, touched)
        except OSError:
            return Plan(live, problems=(missing_root(root),))
        good, clashes = settle_ids(scan.courses, ids_by_folder(live.values()))
        good, taken = _without_taken_ids(good, scan.unchanged, live)
        good, wrong = settle_offers(good, _known(live, good), _kinds(live))
        between = (*clashes, *taken, *wrong)
        concepts = look_at_concepts(self._db, root, may_forget=scan.folders > 0, is_known=self._is_known)
        return Plan(
            live,
            wanted=tuple(course for course in good if not course.draft),
            gone=tuple(_gone(live, scan, good)),
            unchanged=tuple(scan.unchanged),
            problems=(*scan.problems, *between, *concepts.problems),
            standing=(*scan.standing, *between, *concepts.problems),
            concepts=concepts,
        )

    def carry_out(self, plan: Plan) -> Report:
        """Does what was planned; a course that another node has moved meanwhile becomes what was planned.

        Raises Unavailable.
        """
        if plan.concepts is None:
            return Report(problems=plan.problems, standing=plan.problems)
        concepts = publish_concepts(self._db, self._clock, plan.concepts)
        published = [course.id for course in plan.wanted if self._put(course, plan.live.get(course.id))]
        withdrawn = [one.id for one in plan.gone if self._withdraw(one)]
        same = [course.id for course in plan.wanted if course.id not in published]
        unchanged = sorted((*plan.unchanged, *same))
        return Report(
            tuple(published), tuple(unchanged), tuple(withdrawn), plan.problems, concepts, plan.standing
        )

    def _read_live(self) -> Mapping[str, Live]:
        self._live = read_live(self._db, self._live)
        return self._live

    def _put(self, course: CourseSource, live: Live | None) -> bool:
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
            live = self._read_live().get(course.id)
        log.warning("course_not_published", course=course.id, cause="other nodes keep publishing it")
        return False

    def _make_place(self, course: CourseSource) -> None:
        """A row to claim, in its own transaction: inserting and claiming in one could deadlock on MySQL."""
        row = {"id": course.id, "version": 0, "listed": False, "folder": "", "digest": "", "held": ""}
        with self._db.transaction() as conn:
            insert_if_absent(conn, t.course, {**row, "changed_at": self._clock.now()})

    def _write(self, course: CourseSource, base_version: int) -> bool:
        now = self._clock.now()
        with self._db.transaction() as conn:
            claimed = edition.claim(conn, course, base_version, now)
            if claimed:
                edition.write(conn, course, base_version + 1, now)
        return claimed

    def _withdraw(self, live: Live) -> bool:
        with self._db.transaction() as conn:
            withdrawn = edition.withdraw(conn, live.id, live.version, self._clock.now())
        if withdrawn:
            log.info("course_withdrawn", course=live.id)
        return withdrawn


def _known(live: Mapping[str, Live], good: list[CourseSource]) -> Known:
    """What is on the shelf, and what this publishing brings."""
    known = Known()
    for one in live.values():
        if one.listed:
            known.add_one(one.id, one.tags, is_offer=one.is_offer)
    return known.add(good)


def _kinds(live: Mapping[str, Live]) -> dict[str, bool]:
    return {one.id: one.is_offer for one in live.values() if one.version}


def _without_taken_ids(
    courses: list[CourseSource], unchanged: Collection[str], live: Mapping[str, Live]
) -> tuple[list[CourseSource], list[Problem]]:
    """A newcomer with the id of a course that is live and untouched is a copy that kept the id."""
    taken = set(unchanged)
    problems = [
        Problem(
            course.path,
            course.id_line,
            f"id “{course.id}” 和别的课程重复了：{live[course.id].folder}",
            "复制来的课程要换一个新的 id",
            "error",
        )
        for course in courses
        if course.id in taken
    ]
    return [course for course in courses if course.id not in taken], problems


def _gone(live: Mapping[str, Live], scan: Scan, good: Iterable[CourseSource]) -> list[Live]:
    """The listed courses to withdraw: those of no folder any more, and those that became drafts.

    When in doubt a course stays: an empty root is taken for a disk that is not mounted, and a refused folder
    whose id cannot be read might be any course, renamed.
    """
    folders = ids_by_folder(live.values())
    refused = _refused_ids(scan, good, folders)
    if scan.folders == 0 or None in refused:
        return []
    kept = {*scan.unchanged, *refused, *(course.id for course in good if not course.draft)}
    return [one for one in live.values() if one.listed and one.id not in kept]


def _refused_ids(scan: Scan, good: Iterable[CourseSource], folders: Mapping[str, str]) -> set[str | None]:
    """The courses that refused folders may stand for: by what is live there, and by what they claim.

    Holds None when one of them cannot be told.
    """
    passed = {course.path for course in good}
    clashing = [course for course in scan.courses if course.path not in passed]
    ids: set[str | None] = {course.id for course in clashing}
    ids |= {folders[course.folder] for course in clashing if course.folder in folders}
    for folder in scan.refused:
        known = {folders.get(folder.name), folder.id} - {None}
        ids |= known or {None}
    return ids
