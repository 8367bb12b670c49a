"""`content import`: from a source to a course folder, whole or not at all, and never over anything."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from content.fields import MAX_PRICE_FEN, SLUG, yuan_to_fen
from content.folder import course_folders
from content.importing.arrange import Arranged, arrange
from content.importing.frontpage import Called
from content.importing.kinds import recognise
from content.importing.losses import Losses
from content.importing.names import MAX_COURSE_CHARS, MIN_COURSE_CHARS, course_name
from content.importing.source import open_source
from content.problem import Findings, Problem
from content.textfile import read_text
from infra.errors import Conflict, Refused


@dataclass(frozen=True)
class Wish:
    """What the creator asked for; texts that were not given are empty. ``price`` is in yuan."""

    source: Path
    into: Path
    slug: str = ""
    title: str = ""
    price: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Brought:
    """What came of it. ``losses`` name files of the source, ``held_back`` lessons of the course."""

    folder: Path
    label: str
    title: str
    files: Mapping[str, bytes]
    lessons: int
    pictures: int
    losses: tuple[Problem, ...]
    held_back: tuple[Problem, ...]


def bring(wish: Wish, *, dry: bool = False) -> Brought:
    """Imports a source; with ``dry`` nothing is written.

    Raises NotFound for a source that is not there, Refused for one that cannot be read or a bad wish,
    Conflict when the folder or its id is there already.
    """
    _refuse_bad(wish)
    losses = Losses()
    source = open_source(wish.source, losses)
    kind = recognise(source, wish.kind)
    draft = kind.read(source)
    title = wish.title or draft.title or source.name
    slug = wish.slug or course_name(draft.name if draft.name.isascii() else title)
    folder = wish.into / slug
    _refuse_taken(folder)
    made = arrange(draft, Called(slug, title, wish.price), losses)
    if not dry:
        _write_at_once(folder, made)
    return Brought(
        folder=folder,
        label=kind.label,
        title=title,
        files=made.files,
        lessons=made.lessons,
        pictures=made.pictures,
        losses=tuple(_placed(problem, source.root, folder) for problem in losses.problems),
        held_back=tuple(replace(problem, path=str(folder / problem.path)) for problem in made.held_back),
    )


def _placed(problem: Problem, root: Path, folder: Path) -> Problem:
    """With the whole path: of a file in the source, or of the new course's page."""
    return replace(problem, path=str(root / problem.path if problem.path else folder / "_index.md"))


def _refuse_bad(wish: Wish) -> None:
    if wish.slug and not (
        SLUG.fullmatch(wish.slug) and MIN_COURSE_CHARS <= len(wish.slug) <= MAX_COURSE_CHARS
    ):
        raise Refused(
            f"“{wish.slug}” 不能用作课程文件夹名",
            hint=f"{MIN_COURSE_CHARS} 到 {MAX_COURSE_CHARS} 个小写字母、数字和 -，例如 python-crawler",
        )
    fen = yuan_to_fen(wish.price) if wish.price else 0
    if fen is None or fen > MAX_PRICE_FEN:
        raise Refused(f"价格“{wish.price}”不是金额", hint='单位是元，最多两位小数：--price "99.00"')


def _refuse_taken(folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise Conflict(f"{folder} 已经有了，没有改动它", hint="用 --slug 换一个名字")
    for other in course_folders(folder.parent) if folder.parent.is_dir() else ():
        if _id_of(other) == folder.name:
            raise Conflict(f"{other.name} 的 id 已经是 {folder.name}", hint="用 --slug 换一个名字")


def _id_of(course: Path) -> str:
    try:
        front = read_text((course / "_index.md").read_bytes(), Findings(""))
    except OSError:
        return ""
    return front.values["id"].text if front and "id" in front.values else ""


def _write_at_once(folder: Path, made: Arranged) -> None:
    """The folder appears with all its files or not at all; a watcher never sees half of it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Hidden, beside its place: on the same disk, and no course until it is renamed.
        with tempfile.TemporaryDirectory(prefix=".import-", dir=folder.parent) as workshop:
            course = Path(workshop) / folder.name
            for path, data in made.files.items():
                target = course / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            course.rename(folder)
    except OSError as error:
        raise Refused(
            f"{folder} 写不进去：{error.strerror}", hint="检查磁盘空间和权限；什么都没有留下"
        ) from error
