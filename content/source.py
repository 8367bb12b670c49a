"""From a creator's folder to a checked, rendered course, and everything that is wrong with it at once.

Nothing here knows a database. A course with an error is not handed on; warnings let it pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from content import keys
from content.assets import Asset, is_image_name
from content.course import Lesson
from content.fields import MAX_SUMMARY_CHARS, MAX_TITLE_CHARS
from content.folder import Snapshot
from content.frontmatter import FrontMatter
from content.markdown import Rendered, Text
from content.moment import SHANGHAI
from content.outline import Place, outline
from content.paywall import MARK, cut_at_more, cut_at_paywall, refuse_paywall
from content.placeholders import note_placeholders
from content.problem import Findings, Problem, has_errors
from content.showing import Showing, ShowingFields
from content.textfile import line_of, read_text
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

MAX_SEARCH_CHARS = 40_000
CHARS_A_MINUTE = 350
_SHOWN_TO_ALL = Showing()


@dataclass(frozen=True)
class LessonSource:
    """A lesson as it is published: ``free_html`` is the whole text of a free lesson, or what stands above the
    paywall, ``paid_html`` what stands below (None when there is nothing); both are sanitised."""

    lesson: Lesson
    free_html: str
    paid_html: str | None
    free_text: str


@dataclass(frozen=True)
class CourseSource:
    """A course as read from its folder. ``path`` is its `_index.md`, where ``id_line`` has the id.

    With ``includes`` it is a bundle or a membership, as `content.course.Course` has it.
    """

    folder: str
    path: str
    digest: str
    id: str
    id_line: int
    slug: str
    title: str
    summary: str
    price_fen: int
    price_original_fen: int | None
    level: str
    tags: tuple[str, ...]
    teacher: str
    access: str
    refund: str
    draft: bool
    page_html: str
    lead_html: str
    search_text: str
    lessons: tuple[LessonSource, ...]
    assets: tuple[Asset, ...]
    includes: tuple[tuple[str, str], ...] = ()
    includes_line: int = 1
    showing: Showing = _SHOWN_TO_ALL
    lines: Mapping[str, int] = field(default_factory=dict)
    draft_lessons: frozenset[str] = frozenset()

    def line(self, key: str) -> int:
        """Where a key stands in its file; the first line for one that is not there."""
        return self.lines.get(key, 1)

    @property
    def minutes(self) -> int:
        return sum(source.lesson.minutes for source in self.lessons)


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


@dataclass(frozen=True)
class _CutLesson:
    """A lesson's file as read, cut where its paid part begins, and nothing of it rendered yet."""

    place: Place
    front: FrontMatter
    fields: ShowingFields
    is_free: bool
    above: str
    below: str | None
    title: str
    opens_after_days: int
    opens_at: datetime | None


class _Reader:
    """Reads one snapshot; the findings collect what is wrong on the way."""

    def __init__(self, snapshot: Snapshot, findings: Findings, zone: ZoneInfo, *, drafts: bool) -> None:
        self._snapshot = snapshot
        self._findings = findings
        self._zone = zone
        self._images = {path for path in snapshot.files if is_image_name(path)}
        self._slug = ""
        self._draft = False
        self._drafts = drafts
        self._draft_slugs: set[str] = set()
        self._trial = 0
        self._drip_days = 0
        self._paid_lessons = 0
        self._heads: dict[str, tuple[FrontMatter, ShowingFields]] = {}
        self._unread: dict[str, Findings] = {}
        self._lesson_slugs: dict[str, str] = {}
        self._typeset = Typesetter(snapshot, findings, self._lesson_slugs)
        self.dialects: dict[str, str] = {}

    def course(self) -> CourseSource | None:
        """Long because it names each field once; the order of the first lines matters: links need slugs."""
        front = read_text(self._snapshot.files["_index.md"], self._findings)
        if front is None:
            return None
        self.dialects[self._findings.path] = front.dialect
        is_offer = any(name.lower() == "includes" for name in front.values)
        known = keys.OFFER if is_offer else keys.COURSE
        fields = ShowingFields(known.settle(front.values, self._findings), self._findings)
        self._slug = fields.slug(self._snapshot.name, "文件夹改名，例如 python-crawler")
        self._typeset.course_slug = self._slug
        self._draft = fields.is_draft()
        self._trial = fields.trial()
        showing = fields.showing(self._images, self._zone)
        self._drip_days = showing.drip_days
        self._note_placeholders(front, self._findings)
        lessons = self._lessons()
        page, lead_html = self._page(front)
        course = CourseSource(
            folder=self._snapshot.name,
            path=self._findings.path,
            digest=self._snapshot.digest,
            id=fields.id(self._snapshot.name),
            id_line=fields.line("id"),
            slug=self._slug,
            title=fields.text("title", most=MAX_TITLE_CHARS, example="Python 爬虫从零到一"),
            summary=fields.text("summary", most=MAX_SUMMARY_CHARS, example="一句话说清学完能做什么"),
            price_fen=fields.price("price", needed=True) or 0,
            price_original_fen=fields.price("price_original", needed=False),
            level=fields.level(),
            tags=() if is_offer else fields.tags(),
            teacher=fields.teacher(),
            access=fields.access(),
            refund=fields.refund(),
            draft=self._draft,
            page_html=page.html,
            lead_html=lead_html,
            search_text=_search_text(page, lessons),
            lessons=lessons,
            assets=self._typeset.assets(showing.cover),
            includes=fields.includes(),
            includes_line=fields.line("includes"),
            showing=showing,
            lines=fields.lines(),
            draft_lessons=frozenset(self._draft_slugs),
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

    def _note_placeholders(self, front: FrontMatter, findings: Findings) -> None:
        """A draft may keep the sample's texts for as long as it is one."""
        if not self._draft:
            note_placeholders(front, findings)

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

    def _lessons(self) -> tuple[LessonSource, ...]:
        places = outline(self._snapshot, self._findings, self._weight_of)
        on_trial = {place.path for place in places[: self._trial]}  # drafts count: one less frees no other
        # All addresses are known before the first text is rendered: lessons link to each other.
        read = [(place, *head) for place in places if (head := self._published(place))]
        drafts = [
            self._cut(place, front, fields, on_trial=place.path in on_trial) for place, front, fields in read
        ]
        # What each may show of another is known before the first is rendered, too.
        self._typeset.let_know([self._text(draft) for draft in drafts])
        return tuple(self._lesson(draft, at) for at, draft in enumerate(drafts, start=1))

    def _weight_of(self, path: str) -> int | None:
        """Reads the lesson's file, too, once for all."""
        findings, unread = self._at(path), Findings(self._snapshot.file(path))
        front = read_text(self._snapshot.files[path], unread)
        if front is None:
            self._unread[path] = unread
            return None
        self.dialects[findings.path] = front.dialect
        fields = ShowingFields(keys.LESSON.settle(front.values, findings), findings)
        self._heads[path] = (front, fields)
        return fields.weight()

    def _published(self, place: Place) -> tuple[FrontMatter, ShowingFields] | None:
        """What `_weight_of` has read, and the lesson's address taken; None for a draft, and for no text."""
        head = self._heads.get(place.path)
        if head is None:
            self._findings.problems += self._unread[place.path].problems
            return None
        slug = head[1].slug(place.name, "文件改名，例如 01-first-steps.md")
        if head[1].is_draft():
            if not self._drafts:
                return None
            self._draft_slugs.add(slug)
        self._take_slug(place.path, slug, self._at(place.path))
        return head

    def _take_slug(self, path: str, slug: str, findings: Findings) -> None:
        other = next((other for other, taken in self._lesson_slugs.items() if slug and taken == slug), None)
        if other:
            findings.error(1, f"课时网址 “{slug}” 和 {other} 重复了", "改文件名里编号后面的部分")
        self._lesson_slugs[path] = slug

    def _cut(self, place: Place, front: FrontMatter, fields: ShowingFields, *, on_trial: bool) -> _CutLesson:
        findings = self._at(place.path)
        self._note_placeholders(front, findings)
        is_free = fields.is_free() or (on_trial and not fields.says_whether_free and not _has_mark(front))
        above, below = _cut(front, is_free, findings)
        if fields.has("expiryDate"):
            fields.warning("expiryDate", "一节课不会自己过期，这一行不起作用", "要收起来就写 draft: true")
        return _CutLesson(
            place,
            front,
            fields,
            is_free,
            above,
            below,
            title=fields.text("title", most=MAX_TITLE_CHARS, example="第一课：先跑起来"),
            opens_after_days=self._wait_days(fields, has_paid=below is not None),
            opens_at=fields.opens_at(self._zone),
        )

    def _text(self, cut: _CutLesson) -> Text:
        return Text(
            cut.place.path,
            self._lesson_slugs[cut.place.path],
            cut.title,
            cut.above,
            cut.below,
            opens_after_days=cut.opens_after_days,
            opens_at=cut.opens_at,
        )

    def _lesson(self, cut: _CutLesson, position: int) -> LessonSource:
        path, front, fields = cut.place.path, cut.front, cut.fields
        free_part = self._typeset.render(path, cut.above, front.body_line)
        paid_part = self._paid_part(cut, free_part)
        lesson = Lesson(
            slug=self._lesson_slugs[path],
            title=cut.title,
            chapter=cut.place.chapter,
            position=position,
            free=cut.is_free,
            has_paid=paid_part is not None,
            minutes=fields.minutes() or _reading_minutes(front.body),
            opens_after_days=cut.opens_after_days,
            opens_at=cut.opens_at,
            aliases=fields.aliases(),
        )
        return LessonSource(lesson, free_part.html, paid_part.html if paid_part else None, free_part.text)

    def _wait_days(self, fields: ShowingFields, *, has_paid: bool) -> int:
        """By the lesson's own ``drip``, or by the course's: the first paid lesson at once."""
        own_days = fields.drip_days()
        if not has_paid:
            if own_days:
                fields.warning("drip", "这一课没有付费部分，drip 不起作用", "删掉这一行")
            return 0
        self._paid_lessons += 1
        return own_days if fields.has("drip") else self._drip_days * (self._paid_lessons - 1)

    def _paid_part(self, cut: _CutLesson, free_part: Rendered) -> Rendered | None:
        if cut.below is None:
            return None
        # All above it, the mark's line included, stands between it and the file's first line.
        first_line = cut.front.body_line + cut.front.body.count("\n") - cut.below.count("\n")
        paid_part = self._typeset.render(cut.place.path, cut.below, first_line, after=free_part)
        self._note_definitions_below(cut.place.path, free_part, paid_part)
        return paid_part

    def _note_definitions_below(self, path: str, free_part: Rendered, paid_part: Rendered) -> None:
        """The free part is rendered by itself, so what it points at must be defined in it."""
        wanted = [f"[^{label}]" for label in paid_part.footnote_labels - free_part.footnote_labels]
        wanted += [f"][{label}]" for label in paid_part.link_labels - free_part.link_labels]
        for text in sorted(wanted):
            if text.lower() in free_part.text.lower():
                line = line_of(text, self._snapshot.files[path])
                message = f"免费部分用了 {text.lstrip(']')}，它的定义却在付费部分"
                self._at(path).warning(line, message, "把定义移到分界线上面")

    def _at(self, path: str) -> Findings:
        return self._findings.of(self._snapshot.file(path))


def _has_mark(front: FrontMatter) -> bool:
    return cut_at_paywall(front.body, Findings(""), front.body_line).below is not None


def _cut(front: FrontMatter, free: bool, findings: Findings) -> tuple[str, str | None]:
    """The free text and the paid text of a lesson; without a mark it is all the one or all the other."""
    parts = cut_at_paywall(front.body, findings, front.body_line)
    if not front.body.strip():
        findings.error(front.body_line, "这一课是空的", "写上正文；还没写好就在文件头加 draft: true")
    if parts.below is None:
        return (front.body, None) if free else ("", front.body)
    line = front.body_line + parts.above.count("\n") + (1 if parts.above else 0)
    if free:
        findings.error(line, "写了 free: true，又写了付费分界线", f"删掉 free: true，或删掉 {MARK}")
    if not parts.below.strip():
        findings.error(line, "付费分界线下面是空的", "在下面写付费部分，或删掉这一行")
    return parts.above, parts.below


def _reading_minutes(body: str) -> int:
    return max(1, round(len(body) / CHARS_A_MINUTE))


def _search_text(page: Rendered, lessons: Sequence[LessonSource]) -> str:
    """Plain text for the search, of what everyone may read: the page, the outline, the free parts."""
    outline_titles = [source.lesson.title for source in lessons]
    free_texts = [source.free_text for source in lessons]
    return "\n".join(filter(None, [page.text, *outline_titles, *free_texts]))[:MAX_SEARCH_CHARS]
