"""What the librarian reads: one course as plain text. No table row, no file, no page."""

import re
from dataclasses import dataclass

_HAN = re.compile(r"[\u4e00-\u9fff]")
LEVELS = ("beginner", "intermediate", "advanced")


@dataclass(frozen=True, slots=True)
class Document:
    """One course as the librarian sees it.

    `body` is free text only: whatever stands here can come back in a reason, so paid text must stay out.
    `price_fen` is in fen (0: free); `level` is one of LEVELS, or empty when nobody said. So are `minutes`
    (0), `language` (zh, en) and `form` (text, video, audio, live): what nobody said of a course is not held
    against it, but one that is described in Chinese is taken to be taught in it. `rating` (0 to 5, 0: none
    yet), `updated` (an ISO date, or empty) and `learners` part courses that fit equally well.
    """

    id: str
    title: str
    summary: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    level: str = ""
    price_fen: int = 0
    teacher: str = ""
    rating: float = 0.0
    updated: str = ""
    learners: int = 0
    minutes: int = 0
    language: str = ""
    form: str = ""

    @property
    def taught_in(self) -> str:
        """The language, as it was said or as the course is described."""
        described = self.title + self.summary
        return self.language or ("zh" if _HAN.search(described) else "")
