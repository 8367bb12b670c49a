"""Everything that is wrong below a folder, at once, without publishing anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from content.folder import course_folders, take_snapshot
from content.identity import settle_ids
from content.moment import SHANGHAI
from content.offers import Known, settle_offers
from content.problem import Problem
from content.source import read_course
from content.written import CourseSource


def read_folder(
    root: Path, live: Mapping[str, str] | None = None, zone: ZoneInfo = SHANGHAI
) -> tuple[list[CourseSource], list[Problem]]:
    """All courses below ``root`` that have no error, and all problems.

    ``live`` (folder → id of each live course, see `Publisher.live_ids`) lets it find changed ids as well.
    ``zone``: of times in the files that name none.
    """
    try:
        folders = course_folders(root)
    except OSError:
        return [], [missing_root(root)]
    read = [read_course(snapshot, zone) for snapshot in map(take_snapshot, folders) if snapshot]
    good, clashes = settle_ids([course for course, _ in read if course], live or {})
    good, wrong = settle_offers(good, Known().add(good))
    return good, [problem for _, found in read for problem in found] + clashes + wrong


def read_one(folder: Path, zone: ZoneInfo = SHANGHAI) -> tuple[list[CourseSource], list[Problem]]:
    """One course by itself, wherever it is; what it includes of others is not looked at."""
    snapshot = take_snapshot(folder)
    if snapshot is None:
        return [], [
            Problem(
                str(folder / "_index.md"), 1, "课程文件夹是空的", "可用 content new 生成一份样子", "error"
            )
        ]
    course, problems = read_course(snapshot, zone)
    return [course] if course else [], problems


def missing_root(root: Path) -> Problem:
    return Problem(
        str(root), 1, "没有这个课程文件夹", "建一个，或检查 config.toml 里的 content.path", "error"
    )
