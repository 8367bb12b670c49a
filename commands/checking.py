"""``content check``: everything that is wrong, at once, for a person, an editor or continuous integration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from commands.tables import require_tables
from commands.telling import counted, tell, tell_as_json
from content.against_live import against_live
from content.check import read_folder, read_one
from content.concepts import ConceptFile, check_concepts, own_concepts
from content.live import ids_by_folder, read_live
from content.out_of_date import out_of_date
from content.problem import Problem, has_errors
from content.written import CourseSource
from infra.clock import SystemClock
from infra.database import Database
from infra.errors import ConfigError, NotFound, Unavailable
from infra.settings import Settings
from infra.stores import open_database
from nlp import is_known_concept
from payments.holders import holders_of


def check(settings: Settings, where: Path | None = None, *, as_json: bool = False) -> int:
    """Status 1 when a course could not be published. ``where``: one course's folder, or a file in it."""
    root = settings.content.path
    course = _course_folder(where, root) if where else None
    files: list[ConceptFile] = []
    if course is None:
        courses, problems = _read(settings, root)
        files, doubts = check_concepts(root, is_known_concept)
        problems += doubts
    elif course.parent == root.resolve():
        courses, problems = _of(course.name, root, *_read(settings, root))
    else:
        root, (courses, problems) = course.parent, read_one(course, settings.zone)
    problems += out_of_date(courses, SystemClock().now(), settings.zone)
    if as_json:
        tell_as_json(problems)
    else:
        tell(problems, root)
        print(f"{_count(courses)}{_own(files)}，{counted(problems)}。")
    return 1 if has_errors(problems) else 0


def _course_folder(where: Path, root: Path) -> Path | None:
    """The course in which ``where`` is; None for all of them. Raises NotFound."""
    if not where.exists():
        raise NotFound(f"没有 {where}", hint="写一门课的文件夹，例如 content/courses/python-crawler")
    here = where.resolve()
    if here == root.resolve():
        return None
    inside = [folder for folder in (here, *here.parents) if folder.parent == root.resolve()]
    if inside:
        return inside[0]
    courses = [folder for folder in (here, *here.parents) if (folder / "_index.md").is_file()]
    if not courses:
        raise NotFound(
            f"{where} 不在一门课里", hint="课程文件夹里要有 _index.md；可用 content new 生成一份样子"
        )
    return courses[-1]  # a chapter has one, too


def _of(
    name: str, root: Path, courses: list[CourseSource], problems: list[Problem]
) -> tuple[list[CourseSource], list[Problem]]:
    """What is told of one course's folder, when all were read."""
    inside = f"{root / name}/"
    return (
        [one for one in courses if one.folder == name],
        [one for one in problems if f"{one.path}/".startswith(inside)],
    )


def _read(settings: Settings, root: Path) -> tuple[list[CourseSource], list[Problem]]:
    """With what is live, when there is a database to ask; else by the files alone."""
    with _database(settings) as db:
        if db is None:
            return read_folder(root, zone=settings.zone)
        live = read_live(db)
        courses, problems = read_folder(root, ids_by_folder(live.values()), settings.zone)

        def count(ids: Sequence[str]) -> dict[str, int]:
            with db.reading() as conn:
                return holders_of(conn, ids, SystemClock().now())

        return courses, problems + against_live(db, live, courses, count)


@contextmanager
def _database(settings: Settings) -> Iterator[Database | None]:
    """None where nothing was ever published: a check makes no database, and needs none."""
    url = make_url(settings.database.url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        yield None
        return
    db = open_database(settings)
    try:
        yield db if _is_ready(db) else None
    finally:
        db.close()


def _is_ready(db: Database) -> bool:
    try:
        require_tables(db)
    except (ConfigError, Unavailable):
        return False
    return True


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
