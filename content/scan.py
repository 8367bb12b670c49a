"""What stands in the creators' folder against what is live, without reading twice what did not change."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from content.folder import Snapshot, Stamp, course_folders, stamp_of, take_snapshot
from content.live import Live
from content.problem import Problem
from content.source import declared_id
from content.written import CourseSource

# A file that was written again in the same tick of the file system's clock, to the same size, looks the same:
# what is younger than this is read again.
YOUNG_S = 2.0

ReadCourse = Callable[[Snapshot], tuple[CourseSource | None, list[Problem]]]


@dataclass(frozen=True)
class Refused:
    """A folder that cannot be published: its name, and the id that it claims, if that can be read."""

    name: str
    id: str | None


@dataclass
class Scan:
    """``unchanged`` are the ids of those that are live as they stand. ``problems`` are of the others;
    ``standing`` of all, as far as they have been read."""

    unchanged: list[str] = field(default_factory=list)
    courses: list[CourseSource] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    standing: list[Problem] = field(default_factory=list)
    folders: int = 0


@dataclass(frozen=True)
class _Read:
    """What reading a folder came to."""

    course: CourseSource | None
    refused: Refused | None
    problems: tuple[Problem, ...]


@dataclass
class _Seen:
    """A folder as it was when it was last read. ``mark`` (see `Stamp`) is empty while the folder is too
    young for it to be trusted."""

    mark: str
    digest: str
    bare_digest: str
    flawed: bool
    read: _Read | None = None
    problems: tuple[Problem, ...] = ()


class Scanner:
    """Looks at folders; remembers digests, and what reading those came to that did not go live.

    ``read`` makes a course of a folder's files; ``only``: the name of the one folder to look at.
    """

    def __init__(self, read: ReadCourse, only: str | None = None) -> None:
        self._read = read
        self._only = only
        self._seen: dict[Path, _Seen | None] = {}

    def scan(self, root: Path, live: Mapping[str, Live], touched: Collection[Path] | None = None) -> Scan:
        """All folders below ``root``. With ``touched`` only those are looked at, the others are as they were.

        Raises OSError when ``root`` cannot be listed.
        """
        folders = [folder for folder in course_folders(root) if self._only in (None, folder.name)]
        self._seen = {folder: self._seen[folder] for folder in folders if folder in self._seen}
        scan, known = Scan(), _Known.of(live)
        for folder in folders:
            snapshot = self._look(folder, may_differ=touched is None or folder in touched)
            seen = self._seen[folder]
            if seen is not None:
                self._take(scan, folder, seen, snapshot, known)
        return scan

    def forget(self) -> None:
        """The next look reads everything."""
        self._seen.clear()

    def _look(self, folder: Path, *, may_differ: bool) -> Snapshot | None:
        """The folder read, unless it is known to be what it was."""
        if folder in self._seen and not may_differ:
            return None
        seen, stamp = self._seen.get(folder), stamp_of(folder)
        if seen is not None and seen.mark == stamp.mark:
            return None
        snapshot = take_snapshot(folder)
        self._seen[folder] = None if snapshot is None else _seen(snapshot, stamp, seen)
        return snapshot

    def _take(self, scan: Scan, folder: Path, seen: _Seen, snapshot: Snapshot | None, known: _Known) -> None:
        """Sorts one folder into the scan; what is not live is read, unless that came to nothing before."""
        scan.folders += 1
        live_id = None if seen.flawed else known.id_of(seen)
        if live_id is not None:
            seen.read = None
            scan.standing += seen.problems
            scan.unchanged.append(live_id)
            return
        read = seen.read or _read(snapshot or take_snapshot(folder), self._read)
        seen.problems = read.problems
        seen.read = read if read.course is None or read.course.draft else None
        scan.problems += read.problems
        scan.standing += read.problems
        if read.course:
            scan.courses.append(read.course)
        elif read.refused:
            scan.refused.append(read.refused)


def _seen(snapshot: Snapshot, stamp: Stamp, before: _Seen | None) -> _Seen:
    flawed = bool(snapshot.problems)
    is_old = time.time() - stamp.newest_s > YOUNG_S
    same = before is not None and not flawed and before.digest == snapshot.digest
    return _Seen(
        mark=stamp.mark if is_old else "",
        digest=snapshot.digest,
        bare_digest=snapshot.bare_digest,
        flawed=flawed,
        read=before.read if before and same else None,
        problems=before.problems if before and same else (),
    )


def _read(snapshot: Snapshot | None, read: ReadCourse) -> _Read:
    if snapshot is None:  # gone since it was listed
        return _Read(None, None, ())
    course, problems = read(snapshot)
    refused = None if course else Refused(snapshot.name, declared_id(snapshot))
    return _Read(course, refused, tuple(problems))


@dataclass(frozen=True)
class _Known:
    """The live courses by what their folders were."""

    by_digest: Mapping[str, str]
    held: Mapping[str, str]

    @classmethod
    def of(cls, live: Mapping[str, Live]) -> _Known:
        listed = [one for one in live.values() if one.listed]
        return cls({one.digest: one.id for one in listed}, {one.held: one.id for one in listed if one.held})

    def id_of(self, seen: _Seen) -> str | None:
        return self.by_digest.get(seen.digest) or self.held.get(seen.bare_digest)
