"""What the librarian reads: one course as plain text. No table row, no file, no page."""

from dataclasses import dataclass

LEVELS = ("beginner", "intermediate", "advanced")


@dataclass(frozen=True, slots=True)
class Document:
    """One course as the librarian sees it.

    `body` is free text only: whatever stands here can come back in a reason, so paid text must stay out.
    `price_fen` is in fen (0: free); `level` is one of LEVELS, or empty when nobody said. So are `minutes`
    (0), `language` (zh, en) and `form` (text, video, audio, live): what nobody said of a course is not held
    against it. `rating` (0 to 5, 0: none yet), `updated` (an ISO date, or empty) and `learners` part courses
    that fit equally well.
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
