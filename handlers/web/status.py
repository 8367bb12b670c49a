"""What an error is in HTTP: what a repeat would come to, and which way on its page offers."""

from __future__ import annotations

from datetime import datetime

from content.course import Course
from handlers.buying import NotOnSale
from handlers.gifts import TooManyTries
from infra.errors import KebanError, NotFound, Refused
from payments.errors import TooManyRequests

RETRY_AFTER_S = {429: 600, 503: 5}
HEADLINES = {
    403: "error.head_refused",
    404: "error.head_not_found",
    409: "error.head_refused",
    410: "error.head_gone",
    429: "error.head_too_many",
    503: "error.head_wait",
}


class Gone(NotFound):
    """A course that everybody could see, and that is offered no more."""

    say = "error.gone"


_STATUS: tuple[tuple[type[KebanError], int], ...] = (
    (Gone, 410),
    (NotOnSale, 410),
    (NotFound, 404),
    (TooManyTries, 429),
    (TooManyRequests, 429),
    (Refused, 403),
)


def status_of(error: KebanError) -> int:
    """The HTTP status that tells a caller what the error means for a repeat."""
    found = next((status for kind, status in _STATUS if isinstance(error, kind)), 0)
    return found or (503 if error.retryable else 409)


def require_shown(course: Course, *, owned: bool, now: datetime) -> None:
    """Raises Gone for a course that is off the shelf, and NotFound for one that never was on it; neither for
    who holds it.
    """
    if course.listed or owned:
        return
    if course.visibility == "members" or (course.opens_at is not None and course.opens_at > now):
        raise NotFound(f"course {course.slug!r} is not for everybody")
    raise Gone(f"course {course.slug!r} is withdrawn")
