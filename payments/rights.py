"""What a follower may read now, as a value that can be asked about any course."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

COURSE, TAG, ALL = "course", "tag", "all"
ANY = "*"  # the item of a grant of all


class Tagged(Protocol):
    """A course, a bundle or a membership, as far as access goes."""

    @property
    def id(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def includes(self) -> tuple[tuple[str, str], ...]:
        """What a bundle or a membership opens; a course has none."""


class Access(NamedTuple):
    """Ids of courses, tags whose courses are open, and whether everything is.

    ``suspended`` opens nothing: ``(kind, id)`` of what is closed while its money goes back.
    """

    courses: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    everything: bool = False
    suspended: tuple[tuple[str, str], ...] = ()

    def opens(self, course: Tagged) -> bool:
        if course.id in self.courses or self.everything or not self.tags.isdisjoint(course.tags):
            return True
        return bool(course.includes) and all(self.holds(*item) for item in course.includes)

    def goes_back(self, course: Tagged) -> bool:
        """Whether it would be open, were it not for money on its way back."""
        return bool(self.suspended) and not self.opens(course) and self._with_suspended().opens(course)

    def _with_suspended(self) -> Access:
        more = access_of(self.suspended)
        return Access(self.courses | more.courses, self.tags | more.tags, self.everything or more.everything)

    def holds(self, item_kind: str, item_id: str) -> bool:
        """Whether something sold is held as such: a course that only a tag opens is not."""
        held = {COURSE: self.courses, TAG: self.tags}.get(item_kind)
        return self.everything if held is None else item_id in held


def access_in(rows: Iterable[tuple[Any, ...]]) -> Access:
    """From ``(item_kind, item_id, status)`` of grants whose time it is."""
    found = list(rows)
    courses = frozenset([item for kind, item, status in found if kind == COURSE and status == "active"])
    if len(courses) == len(found):  # nearly everybody: in the path of each message
        return Access(courses)
    access = access_of([(kind, item) for kind, item, status in found if status == "active"])
    suspended = [(kind, item) for kind, item, status in found if status == "suspended"]
    return access._replace(suspended=tuple(suspended))


def access_of(items: Iterable[tuple[str, str]]) -> Access:
    """From ``(item_kind, item_id)`` of running grants. A kind that is not known here opens nothing."""
    held = list(items)
    courses = frozenset([item for kind, item in held if kind == COURSE])
    if len(courses) == len(held):
        return Access(courses)
    tags = frozenset([item for kind, item in held if kind == TAG])
    return Access(courses, tags, any(kind == ALL for kind, _ in held))
