"""The lessons of a course, from their files in reading order: heads, cuts at the paywall, rendered parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from content import keys
from content.course import Lesson
from content.fields import MAX_TITLE_CHARS
from content.folder import Snapshot
from content.frontmatter import FrontMatter
from content.markdown import Rendered, Text
from content.outline import Place, outline
from content.paywall import MARK, cut_at_paywall
from content.placeholders import note_placeholders
from content.problem import Findings
from content.showing import ShowingFields
from content.textfile import line_of, read_text
from content.typeset import Typesetter
from content.written import LessonSource

CHARS_A_MINUTE = 350


@dataclass(frozen=True)
class CourseTerms:
    """What the course says of its lessons: how many are free to try, how many days each paid one waits for
    the one before, and whether all is still a draft.
    """

    trial: int = 0
    drip_days: int = 0
    is_draft: bool = False


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


class LessonReader:
    """Reads the lessons of one snapshot; the findings collect what is wrong on the way.

    ``slugs`` is filled on the way: a lesson's path → its slug. ``dialects`` has the writing of each file's
    head. ``drafts`` names the lessons that are drafts, which are read only ``with_drafts``.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        findings: Findings,
        zone: ZoneInfo,
        typeset: Typesetter,
        slugs: dict[str, str],
        *,
        with_drafts: bool,
    ) -> None:
        self._snapshot = snapshot
        self._findings = findings
        self._zone = zone
        self._typeset = typeset
        self._slugs = slugs
        self.dialects: dict[str, str] = {}
        self._with_drafts = with_drafts
        self.drafts: set[str] = set()
        self._course = CourseTerms()
        self._paid_lessons = 0
        self._heads: dict[str, tuple[FrontMatter, ShowingFields]] = {}
        self._unread: dict[str, Findings] = {}

    def read(self, course: CourseTerms) -> tuple[LessonSource, ...]:
        """In reading order."""
        self._course = course
        places = outline(self._snapshot, self._findings, self._weight_of)
        on_trial = {place.path for place in places[: course.trial]}  # drafts count: one less frees no other
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
            if not self._with_drafts:
                return None
            self.drafts.add(slug)
        self._take_slug(place.path, slug, self._at(place.path))
        return head

    def _take_slug(self, path: str, slug: str, findings: Findings) -> None:
        other = next((other for other, taken in self._slugs.items() if slug and taken == slug), None)
        if other:
            findings.error(1, f"课时网址 “{slug}” 和 {other} 重复了", "改文件名里编号后面的部分")
        self._slugs[path] = slug

    def _cut(self, place: Place, front: FrontMatter, fields: ShowingFields, *, on_trial: bool) -> _CutLesson:
        findings = self._at(place.path)
        if not self._course.is_draft:
            note_placeholders(front, findings)
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
            self._slugs[cut.place.path],
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
            slug=self._slugs[path],
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
        return own_days if fields.has("drip") else self._course.drip_days * (self._paid_lessons - 1)

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
        free_text = free_part.text.lower()
        for text in sorted(wanted):
            if text.lower() in free_text:
                line = line_of(text, self._snapshot.files[path])
                message = f"免费部分用了 {text.lstrip(']')}，它的定义却在付费部分"
                self._at(path).warning(line, message, "把定义移到分界线上面")

    def _at(self, path: str) -> Findings:
        return self._findings.of(self._snapshot.file(path))


def _has_mark(front: FrontMatter) -> bool:
    return cut_at_paywall(front.body, Findings(""), front.body_line).below is not None


def _cut(front: FrontMatter, free: bool, findings: Findings) -> tuple[str, str | None]:
    """The free text and the paid text of a lesson; without a mark it is all the one or all the other."""
    parts = cut_at_paywall(front.body, findings, front.body_line, free=free)
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
