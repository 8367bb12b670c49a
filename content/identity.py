"""Whose id is whose. Buyers' grants hang on ids, so an id that changes or stands twice is refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from content.problem import Findings, Problem
from content.written import CourseSource


def settle_ids(
    courses: Sequence[CourseSource], live: Mapping[str, str]
) -> tuple[list[CourseSource], list[Problem]]:
    """Takes out courses whose id or address is another's, or whose id is not what it was.

    ``live`` leads from the folder of each live course to its id.
    """
    problems: list[Problem] = []
    courses = _without_changed_ids(courses, live, problems)
    courses = _without_twins(courses, live, "id", "复制来的课程要换一个新的 id", problems)
    courses = _without_twins(courses, live, "slug", "改文件夹名，或文件头里的 slug", problems)
    return _without_foreign_aliases(courses, problems), problems


def _without_foreign_aliases(courses: Sequence[CourseSource], problems: list[Problem]) -> list[CourseSource]:
    """A former address that another course has, or claims as well, could lead to one of them only."""
    owners: dict[str, set[str]] = defaultdict(set)
    for course in courses:
        for slug in (course.slug, *course.showing.aliases):
            owners[slug].add(course.folder)
    good = []
    for course in courses:
        shared = [alias for alias in course.showing.aliases if owners[alias] != {course.folder}]
        for alias in shared:
            others = "、".join(sorted(owners[alias] - {course.folder}))
            Findings(course.path, problems).error(
                course.line("aliases"),
                f"曾用网址 {alias} 也是别的课程的：{others}",
                "从其中一门的 aliases 里删掉它",
            )
        if not shared:
            good.append(course)
    return good


def _without_changed_ids(
    courses: Sequence[CourseSource], live: Mapping[str, str], problems: list[Problem]
) -> list[CourseSource]:
    """An id may move to another folder; gone from all folders, its buyers would lose the course."""
    declared = {course.id for course in courses}
    good = []
    for course in courses:
        former = live.get(course.folder, course.id)
        if former == course.id or former in declared:
            good.append(course)
            continue
        Findings(course.path, problems).error(
            course.id_line,
            f"id 变了：线上是 {former}，文件里是 {course.id}",
            f"改回 id: {former}（买过的人靠它找回课程）；要开新课就换一个文件夹",
        )
    return good


def _without_twins(
    courses: Sequence[CourseSource],
    live: Mapping[str, str],
    key: Literal["id", "slug"],
    hint: str,
    problems: list[Problem],
) -> list[CourseSource]:
    groups: dict[str, list[CourseSource]] = defaultdict(list)
    for course in courses:
        groups[course.id if key == "id" else course.slug].append(course)
    good = []
    for value, group in groups.items():
        owner = _owner(group, live)
        good += [course for course in group if course is owner]
        for course in group:
            if course is not owner:
                others = "、".join(other.folder for other in group if other is not course)
                Findings(course.path, problems).error(
                    course.id_line, f"{key} “{value}” 和别的课程重复了：{others}", hint
                )
    return good


def _owner(group: Sequence[CourseSource], live: Mapping[str, str]) -> CourseSource | None:
    """The one that is live under this folder; among several newcomers nobody can tell whose it is."""
    if len(group) == 1:
        return group[0]
    return next((course for course in group if live.get(course.folder) == course.id), None)
