"""From a creator's folder to a checked, rendered course, and everything that is wrong with it at once.

Nothing here knows a database. A course with an error is not handed on; warnings let it pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from content import keys
from content.assets import is_image_name
from content.fields import MAX_SUMMARY_CHARS, MAX_TITLE_CHARS
from content.folder import Snapshot
from content.frontmatter import FrontMatter
from content.lessons import CourseTerms, LessonReader
from content.markdown import Rendered
from content.moment import SHANGHAI
from content.paywall import cut_at_more, refuse_paywall
from content.placeholders import note_placeholders
from content.problem import Findings, Problem, has_errors
from content.search_text import search_text
from content.showing import ShowingFields
from content.textfile import read_text
from content.typeset import Typesetter
from content.weigh import (
    weigh_addresses,
    weigh_lessons,
    weigh_offer,
    weigh_pictures,
    weigh_times,
    with_honest_price,
)
from content.wording import in_their_words
from content.written import CourseSource, LessonSource


def read_course(
    snapshot: Snapshot, zone: ZoneInfo = SHANGHAI, *, drafts: bool = False
) -> tuple[CourseSource | None, list[Problem]]:
    """One course and its problems; None when any of them is an error. ``zone``: of times that name none.

    ``drafts``: lessons that are drafts are read as well, and `CourseSource.draft_lessons` names them.
    """
    findings = Findings(snapshot.file("_index.md"), list(snapshot.problems))
    if "_index.md" not in snapshot.files:
        if not findings.problems:
            findings.error(1, "课程文件夹里没有 _index.md", "补上它；可用 content new 生成一份样子")
        return None, findings.problems
    reader = _Reader(snapshot, findings, zone, drafts=drafts)
    course = reader.course()
    problems = [in_their_words(one, reader.dialects.get(one.path, "")) for one in findings.problems]
    return (None if has_errors(problems) else course), problems


def declared_id(snapshot: Snapshot) -> str | None:
    """The id that a refused course's file still claims, as far as it can be read at all."""
    silent = Findings("")
    front = read_text(snapshot.files.get("_index.md", b""), silent)
    return (ShowingFields(keys.COURSE.settle(front.values, silent), silent).id("") or None) if front else None


class _Reader:
    """Reads one snapshot; the findings collect what is wrong on the way."""

    def __init__(self, snapshot: Snapshot, findings: Findings, zone: ZoneInfo, *, drafts: bool) -> None:
        self._snapshot = snapshot
        self._findings = findings
        self._zone = zone
        self._images = {path for path in snapshot.files if is_image_name(path)}
        slugs: dict[str, str] = {}
        self._typeset = Typesetter(snapshot, findings, slugs)
        self._lessons = LessonReader(snapshot, findings, zone, self._typeset, slugs, with_drafts=drafts)

    @property
    def dialects(self) -> dict[str, str]:
        """How the head of each file is written: yaml, toml or json."""
        return self._lessons.dialects

    def course(self) -> CourseSource | None:
        """Long because it names each field once; the order of the first lines matters: links need slugs."""
        front = read_text(self._snapshot.files["_index.md"], self._findings)
        if front is None:
            return None
        self.dialects[self._findings.path] = front.dialect
        is_offer = any(name.lower() == "includes" for name in front.values)
        known = keys.OFFER if is_offer else keys.COURSE
        fields = ShowingFields(known.settle(front.values, self._findings), self._findings)
        self._typeset.course_slug = fields.slug(self._snapshot.name, "文件夹改名，例如 python-crawler")
        showing = fields.showing(self._images, self._zone)
        terms = CourseTerms(fields.trial(), showing.drip_days, fields.is_draft())
        if not terms.is_draft:
            note_placeholders(front, self._findings)
        lessons = self._lessons.read(terms)
        page, lead_html = self._page(front)
        text, lessons = _searched(page, lessons)
        course = CourseSource(
            folder=self._snapshot.name,
            path=self._findings.path,
            digest=self._snapshot.digest,
            id=fields.id(self._snapshot.name),
            id_line=fields.line("id"),
            slug=self._typeset.course_slug,
            title=fields.text("title", most=MAX_TITLE_CHARS, example="Python 爬虫从零到一"),
            summary=fields.text("summary", most=MAX_SUMMARY_CHARS, example="一句话说清学完能做什么"),
            price_fen=fields.price("price", needed=True) or 0,
            price_original_fen=fields.price("price_original", needed=False),
            level=fields.level(),
            tags=() if is_offer else fields.tags(),
            teacher=fields.teacher(),
            access=fields.access(),
            refund=fields.refund(),
            draft=terms.is_draft,
            page_html=page.html,
            lead_html=lead_html,
            search_text=text,
            lessons=lessons,
            assets=self._typeset.assets(showing.cover),
            includes=fields.includes(),
            includes_line=fields.line("includes"),
            showing=showing,
            lines=fields.lines(),
            draft_lessons=frozenset(self._lessons.drafts),
        )
        self._weigh(course, fields)
        return with_honest_price(course, fields)

    def _weigh(self, course: CourseSource, fields: ShowingFields) -> None:
        if course.includes or fields.has("includes"):
            weigh_offer(course, fields, self._findings)
        else:
            weigh_lessons(course, fields, self._findings)
        weigh_times(course, fields, self._zone)
        weigh_pictures(course, self._snapshot, self._findings)
        weigh_addresses(course, self._findings)

    def _page(self, front: FrontMatter) -> tuple[Rendered, str]:
        """The course page, and the HTML of what stands above `<!--more-->`."""
        if not front.body.strip():
            self._findings.warning(front.body_line, "课程介绍是空的", "写写能学到什么、适合谁")
        refuse_paywall(front.body, self._findings, front.body_line)
        parts = cut_at_more(front.body)
        page = self._typeset.render("_index.md", front.body, front.body_line)
        if parts.below is None:
            return page, ""
        return page, self._typeset.render_again("_index.md", parts.above).html


def _searched(page: Rendered, lessons: Sequence[LessonSource]) -> tuple[str, tuple[LessonSource, ...]]:
    """The text for the search, and the lessons with what those add to it that have a day of their own."""
    text, kept = search_text(page.text, [(source.lesson, source.free_text) for source in lessons])
    sources = zip(lessons, kept, strict=True)
    return text, tuple(replace(source, lesson=lesson) for source, lesson in sources)
