"""What is on the shelf, as the other rooms see it: no paid text stands in any of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from content.concept import OwnConcept

Level = Literal["beginner", "intermediate", "advanced"]

LEVEL_NAMES: Mapping[str, str] = {"beginner": "入门", "intermediate": "进阶", "advanced": "高级"}


@dataclass(frozen=True)
class Lesson:
    """One lesson; its text is asked of the shelf. ``minutes`` is the reading time, written by the creator or
    estimated.

    Its paid part opens ``opens_after_days`` days after the grant began; before ``opens_at`` nothing of it is
    read by anybody. ``aliases`` are its former slugs. ``search_text`` is what one that has its own day adds
    to the course's once it is out; with none it is in the course's already.
    """

    slug: str
    title: str
    chapter: str
    position: int
    free: bool
    has_paid: bool
    minutes: int
    opens_after_days: int = 0
    opens_at: datetime | None = None
    aliases: tuple[str, ...] = ()
    search_text: str = ""

    def is_out(self, now: datetime) -> bool:
        """Whether its day has come; before it the outline alone names it."""
        return self.opens_at is None or self.opens_at <= now


@dataclass(frozen=True)
class Course:
    """One course in one version.

    ``access`` is ``forever``, ``<n>d`` or an ISO date (the last day); ``refund`` is ``none``,
    ``<n>d`` or ``<n>d <a/b``.
    ``search_text`` is plain text of what is free and out. ``listed`` is False for what nobody is offered,
    while those who hold it read it: a withdrawn course, one that is not open yet or has ended, one for
    members only. ``lead_html`` is the page above ``<!--more-->``, or empty.

    ``cover`` is the path of a picture in the course's folder, or empty; ``cover_mark`` stands for what that
    shows. ``visibility``: ``public``, ``unlisted`` (has a page and is sold, but stands on no shelf and in no
    search) or ``members`` (neither listed nor sold). It is offered from ``opens_at`` until ``ends_at``.
    ``aliases`` are former slugs; ``learn`` says in short sentences what one can do afterwards; with
    ``drip_days`` each further paid lesson opens so many days later. ``weight``: the lighter ones come first,
    those without one last.

    ``first_published_at``: that of the first version; None says as much as ``published_at``.

    ``includes``: what a bundle or a membership opens, ``(("course", id), …)``, ``(("tag", name),)`` or
    ``(("all", "*"),)``. Such an offer has no lessons and no tags; a course includes nothing.
    """

    id: str
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
    page_html: str
    search_text: str
    lessons: tuple[Lesson, ...]
    version: int
    published_at: datetime
    listed: bool = True
    lead_html: str = ""
    includes: tuple[tuple[str, str], ...] = ()
    cover: str = ""
    cover_mark: str = ""
    weight: int | None = None
    opens_at: datetime | None = None
    ends_at: datetime | None = None
    visibility: str = "public"
    aliases: tuple[str, ...] = ()
    learn: tuple[str, ...] = ()
    drip_days: int = 0
    first_published_at: datetime | None = None

    @property
    def new_at(self) -> datetime:
        """When it came onto the shelf: a mended word makes no course new."""
        return self.opens_at or self.first_published_at or self.published_at

    @property
    def waits(self) -> bool:
        """Whether some lesson has its own day, or opens some days after a purchase."""
        return any(lesson.opens_after_days or lesson.opens_at for lesson in self.lessons)

    @property
    def is_offer(self) -> bool:
        """A bundle or a membership: sold as one, and read as the courses that it opens."""
        return bool(self.includes)

    @property
    def is_membership(self) -> bool:
        return any(kind != "course" for kind, _ in self.includes)

    def contains(self, course: Course) -> bool:
        """Whether this offer opens the course."""
        items = {("course", course.id), ("all", "*"), *(("tag", tag) for tag in course.tags)}
        return not course.is_offer and not items.isdisjoint(self.includes)

    @property
    def free_lessons(self) -> tuple[Lesson, ...]:
        return tuple(lesson for lesson in self.lessons if lesson.free)

    def to_try(self, now: datetime) -> Lesson | None:
        """The lesson to try the course with, if it has one that is out."""
        return next((lesson for lesson in self.free_lessons if lesson.is_out(now)), None)

    @property
    def minutes(self) -> int:
        return sum(lesson.minutes for lesson in self.lessons)

    def lesson(self, slug: str) -> Lesson | None:
        return next((lesson for lesson in self.lessons if lesson.slug == slug), None)

    def lesson_formerly(self, slug: str) -> Lesson | None:
        """The lesson that had this address once, for old links."""
        return next((lesson for lesson in self.lessons if slug in lesson.aliases), None)

    def after(self, slug: str) -> Lesson | None:
        """The lesson that follows ``slug``, or None at the end."""
        return self._beside(slug, 1)

    def before(self, slug: str) -> Lesson | None:
        """The lesson that precedes ``slug``, or None at the beginning."""
        return self._beside(slug, -1)

    def _beside(self, slug: str, step: int) -> Lesson | None:
        here = next((at for at, lesson in enumerate(self.lessons) if lesson.slug == slug), None)
        if here is None or not 0 <= here + step < len(self.lessons):
            return None
        return self.lessons[here + step]


@dataclass(frozen=True)
class Catalogue:
    """All courses at one version and moment. ``courses`` are on offer; ``withdrawn`` are kept for those who
    hold them; ``unlisted`` are sold on their own pages alone. ``moved_at`` is the last moment at which the
    clock put a course on or off the shelf, or a lesson among what is searched.

    ``offers`` are bundles and memberships; nobody searches for them, so they are no ``courses``.
    ``former_slugs`` leads from each slug that was ever published to a course id, for old links. ``concepts``
    are the creator's own, for the search.
    """

    version: int
    courses: tuple[Course, ...]
    withdrawn: tuple[Course, ...] = ()
    former_slugs: Mapping[str, str] = field(default_factory=dict)
    concepts: tuple[OwnConcept, ...] = ()
    offers: tuple[Course, ...] = ()
    unlisted: tuple[Course, ...] = ()
    for_members: tuple[Course, ...] = ()
    moved_at: datetime | None = None

    @property
    def moved(self) -> tuple[int, datetime | None]:
        """Changes whenever what is on the shelf does: by publishing, or by the clock."""
        return self.version, self.moved_at

    @property
    def opened_together(self) -> tuple[Course, ...]:
        """What a grant of a tag or of everything opens: the shelf, and what stands behind it."""
        return (*self.courses, *self.unlisted, *self.for_members)

    def contents_of(self, offer: Course) -> tuple[Course, ...]:
        """The courses that an offer opens: a bundle's as it names them, else as on the shelf."""
        known = self._contents.get((offer.id, offer.version))
        if known is None:
            known = self._contents[offer.id, offer.version] = self._contents_of(offer)
        return known

    @cached_property
    def _contents(self) -> dict[tuple[str, int], tuple[Course, ...]]:
        """What was asked once: a membership goes through the whole shelf."""
        return {}

    def _contents_of(self, offer: Course) -> tuple[Course, ...]:
        if offer.is_membership:
            return tuple(course for course in self.courses if offer.contains(course))
        named = (self._opened.get(course_id) for _, course_id in offer.includes)
        return tuple(course for course in named if course is not None)

    def offers_with(self, course: Course) -> tuple[Course, ...]:
        """The offers that open this course, too; bundles first."""
        return tuple(sorted((offer for offer in self.offers if offer.contains(course)), key=_bundles_first))

    def by_id(self, course_id: str) -> Course | None:
        """The course or offer, withdrawn ones included: look at ``listed`` before offering it."""
        return self._ids.get(course_id)

    def by_slug(self, slug: str) -> Course | None:
        """The course at this address, now or formerly; when its ``slug`` differs, redirect there."""
        return self._slugs.get(slug) or self._ids.get(self.former_slugs.get(slug, ""))

    @cached_property
    def _ids(self) -> dict[str, Course]:
        return {course.id: course for course in self._all}

    @cached_property
    def _opened(self) -> dict[str, Course]:
        return {course.id: course for course in self.opened_together}

    @cached_property
    def _slugs(self) -> dict[str, Course]:
        # What is on offer comes last and wins: a withdrawn course's address may have a new tenant.
        return {course.slug: course for course in self._all}

    @property
    def _all(self) -> tuple[Course, ...]:
        return (*self.withdrawn, *self.for_members, *self.unlisted, *self.offers, *self.courses)


def _bundles_first(offer: Course) -> tuple[bool, int, str]:
    return offer.is_membership, offer.price_fen, offer.id
