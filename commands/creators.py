"""``content``: the creators' tools."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from content.check import read_folder
from content.concepts import ConceptFile, check_concepts, own_concepts
from content.problem import Problem, has_errors
from content.scaffold import new_course
from content.source import CourseSource
from infra.settings import Settings
from nlp import is_known_concept


def new(settings: Settings, slug: str) -> int:
    """Writes a course folder to start from."""
    files = new_course(settings.content.path, slug)
    print("\n".join(f"写好了：{file}" for file in files))
    print(
        "接下来：改好文字，再删掉 _index.md 里的 draft: true，它就可以上架了。\n"
        "  demo 开着时，一保存就发布；\n"
        "  在服务器上，先用 python manage.py content check 检查，再用 python manage.py content publish 发布。"
    )
    return 0


def check(settings: Settings) -> int:
    """Everything that is wrong, at once; status 1 when a course could not be published."""
    courses, problems = read_folder(settings.content.path, zone=settings.zone)
    files, doubts = check_concepts(settings.content.path, is_known_concept)
    problems += doubts
    tell(problems, settings.content.path)
    print(f"{_count(courses)}{_own(files)}，{len(problems)} 处要看一看。")
    return 1 if has_errors(problems) else 0


def _count(courses: list[CourseSource]) -> str:
    ready = [course for course in courses if not course.draft]
    offers = [course for course in ready if course.includes]
    beside = f"、{len(offers)} 个套餐或会员" if offers else ""
    lessons = sum(len(course.lessons) for course in ready)
    told = f"{len(ready) - len(offers)} 门课{beside}、{lessons} 节可以发布"
    drafts = len(courses) - len(ready)
    return f"{told}，另有 {drafts} 门还是草稿" if drafts else told


def _own(files: list[ConceptFile]) -> str:
    """Only for who has concepts of their own."""
    return f"，另有 {len(own_concepts(files))} 个自己的概念" if files else ""


def tell(problems: Iterable[Problem], root: Path) -> None:
    """Each problem as one line of the error stream, paths as seen from the creators' folder."""
    for problem in problems:
        print(str(problem).replace(f"{root}/", ""), file=sys.stderr)
