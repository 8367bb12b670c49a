"""What the answers work with: the rooms, put together once by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from content.shelf import Shelf
from handlers.found_lists import FoundLists
from handlers.library import Library
from handlers.sentences import Sentences
from infra.clock import Clock
from learners.members import Members
from learners.progress import Progress
from payments.till import Till


def nothing() -> None:
    """The nudge of a shop that no worker stands behind."""


@dataclass(frozen=True)
class Shop:
    """The rooms as the chat and the pages see them."""

    shelf: Shelf
    library: Library
    till: Till
    members: Members
    progress: Progress
    say: Sentences
    clock: Clock
    base_url: str
    zone: ZoneInfo
    selling: bool  # whether WeChat Pay is configured
    count: Callable[[str, float], int]  # one more under this key, which is forgotten after so many seconds
    customer_service: bool = True  # whether people may answer at WeChat's; see `handlers.chat.person`
    found_lists: FoundLists = field(default_factory=FoundLists, compare=False)
    nudge: Callable[[], None] = nothing  # wakes the worker: the outbox may hold something. Does not wait

    def course_url(self, slug: str) -> str:
        return f"{self.base_url}/courses/{slug}"

    def lesson_url(self, slug: str, lesson: str) -> str:
        return f"{self.base_url}/courses/{slug}/{lesson}"

    def gift_url(self, code: str) -> str:
        return f"{self.base_url}/gift/{code}"

    def pay_url(self, order_no: str) -> str:
        return f"{self.base_url}/pay/{order_no}"
