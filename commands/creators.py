"""``content``: the creators' tools."""

from __future__ import annotations

import sys
from pathlib import Path

from commands.tables import require_tables
from content.check import read_folder
from content.concepts import ConceptFile, check_concepts, own_concepts
from content.problem import Problem, has_errors
from content.publish import Publisher
from content.scaffold import new_course
from content.source import CourseSource
from infra.clock import SystemClock
from infra.settings import Settings
from infra.stores import open_database
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
    _tell(problems, settings.content.path)
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


def publish(settings: Settings) -> int:
    """Brings the shelf in step with the folder; refused courses keep their live version."""
    db = open_database(settings)
    try:
        require_tables(db)
        report = Publisher(db, SystemClock(), is_known=is_known_concept, zone=settings.zone).publish(
            settings.content.path
        )
    finally:
        db.close()
    _tell(list(report.problems), settings.content.path)
    print(
        f"发布 {len(report.published)} 门，没有变化 {len(report.unchanged)} 门，"
        f"下架 {len(report.withdrawn)} 门，拒绝 {len({problem.path for problem in report.errors})} 个文件。"
    )
    if report.concepts:
        print(f"自己的概念更新了：{'、'.join(report.concepts)}")
    return 1 if report.errors else 0


def _tell(problems: list[Problem], root: Path) -> None:
    for problem in problems:
        print(str(problem).replace(f"{root}/", ""), file=sys.stderr)
