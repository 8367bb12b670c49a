"""A draft as the files of a course, checked as the shelf would."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from content.folder import MAX_FILES, Snapshot
from content.importing.carry import Carrier
from content.importing.draft import Draft
from content.importing.frontpage import (
    Called,
    chapter_file,
    course_header,
    cover_of,
    lesson_header,
    summary_of,
)
from content.importing.header import flag_of, text_of
from content.importing.layout import Layout, lay_out
from content.importing.losses import Losses
from content.importing.passages import outside_code
from content.importing.pictures import MAX_PICTURES, Pictures
from content.paywall import cut_at_paywall
from content.problem import Findings, Problem
from content.source import read_course
from infra.errors import Refused

MAX_LESSONS = MAX_FILES - MAX_PICTURES - 100
_MORE = re.compile(r"^[ \t]*<!--\s*(?:more|truncate)\s*-->[ \t]*$", re.IGNORECASE | re.MULTILINE)
_GAP = re.compile(r"(?<=\n)\n{2,}")
_PAID_MARK = re.compile(r"^[ \t]*<!--\s*members-only\s*-->[ \t]*\n?", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Arranged:
    """The course's files by path; ``held_back`` are lessons that stay drafts until mended."""

    files: Mapping[str, bytes]
    lessons: int
    pictures: int
    held_back: tuple[Problem, ...]


def arrange(draft: Draft, called: Called, losses: Losses) -> Arranged:
    """Raises Refused when there is nothing to read in the draft, or too much."""
    texts = draft.texts
    if not texts:
        raise Refused("没有找到能当课时的文章", hint="检查路径；空的文件不算")
    if len(texts) > MAX_LESSONS:
        raise Refused(f"有 {len(texts)} 篇文章，一门课最多 {MAX_LESSONS} 课", hint="一次只搬其中一个文件夹")
    layout, pictures = lay_out(draft), Pictures(draft.media, losses)
    carrier = Carrier(draft, layout, pictures, losses, text_of(draft.header, "site"))
    made = _lessons(draft, layout, carrier, losses)
    made |= {f"{folder}/_index.md": chapter_file(name) for folder, name in layout.chapters.items()}
    made["_index.md"] = _index(draft, called, carrier, losses)
    files = {path: text.encode() for path, text in made.items()} | pictures.files
    files, held_back = _hold_back(called.slug, files, list(layout.files.values()))
    return Arranged(files, len(texts), len(pictures.files), tuple(held_back))


def _lessons(draft: Draft, layout: Layout, carrier: Carrier, losses: Losses) -> dict[str, str]:
    made: dict[str, str] = {}
    first = next((text.key for text in draft.texts if not text.draft), None)
    for text in draft.texts:
        file = layout.files[text.key]
        body = _tidy(carrier.body(text, file))
        has_mark = cut_at_paywall(body, Findings(""), 1).below is not None
        free = (text.key == first or flag_of(text.header, "free") is True) and not has_mark
        made[file] = f"{lesson_header(text, free=free, losses=losses)}{body.strip()}\n"
    return made


def _tidy(body: str) -> str:
    """Without the marks of a list's excerpt, and without the gaps that taken-out tags leave."""
    return outside_code(_GAP, lambda _: "\n", outside_code(_MORE, lambda _: "", body))


def _index(draft: Draft, called: Called, carrier: Carrier, losses: Losses) -> str:
    intro = draft.intro
    body = carrier.body(intro, "_index.md").strip() if intro else ""
    if intro and _PAID_MARK.search(body):
        # All of a course's page is public.
        body = _PAID_MARK.sub("", body)
        losses.of(intro.path, "课程介绍页里的付费分界线去掉了", "这一页人人能看；付费的内容移进课时")
    cover = _cover(draft, carrier)
    header = course_header(draft, called, cover, losses)
    return f"{header}{body or summary_of(draft, called.title)}\n"


def _cover(draft: Draft, carrier: Carrier) -> str:
    source = draft.intro or next(iter(draft.texts))
    address = cover_of(draft.header)
    if not address:
        return ""
    return carrier.picture(replace(source), address, "_index.md") or ""


def _hold_back(
    slug: str, files: dict[str, bytes], lessons: list[str]
) -> tuple[dict[str, bytes], list[Problem]]:
    """A lesson that the shelf would refuse becomes a draft, with its reason told: the rest can be used."""
    held: list[Problem] = []
    for _ in range(2):
        errors = [problem for problem in _checked(slug, files) if problem.severity == "error"]
        wrong = {problem.path: problem for problem in errors if problem.path in lessons}
        if not wrong:
            break
        held += wrong.values()
        for path in wrong:
            files[path] = _as_draft(files[path])
    return files, held


def _checked(slug: str, files: Mapping[str, bytes]) -> list[Problem]:
    # Paths are shown relative to the course, so that they can be compared; nobody asks for the digests.
    _, problems = read_course(Snapshot(slug, Path(), files, digest="", bare_digest=""))
    return [replace(problem, path=posixpath.normpath(problem.path)) for problem in problems]


def _as_draft(lesson: bytes) -> bytes:
    text = re.sub(r"\nfree: true(?=\n)", "", lesson.decode(), count=1)
    if re.match(r"---\n(?:[^-].*\n)*draft: true\n", text):
        return text.encode()
    return text.replace(
        "\n---\n", "\n# 这一课还有要改的地方，改好了再删掉这一行。\ndraft: true\n---\n", 1
    ).encode()
