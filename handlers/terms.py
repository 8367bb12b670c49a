"""The terms of a purchase in words: how long it opens a course, and until when it can be given back."""

from __future__ import annotations

import re
from datetime import date

from handlers.sentences import Sentences

_DAYS = re.compile(r"(\d+)d")


def access_text(say: Sentences, access: str) -> str:
    """``forever``, ``365d`` or a last day ``2027-12-31``, as a follower reads it."""
    if access == "forever":
        return say("terms.forever")
    days = _days(access)
    if days is not None:
        return say("terms.days", days=days)
    last = date.fromisoformat(access)
    return say("terms.until", year=last.year, month=last.month, day=last.day)


def refund_text(say: Sentences, rule: str) -> str:
    """``none`` or ``7d``, as a follower reads it."""
    days = refund_days(rule)
    return say("terms.no_refund") if days is None else say("terms.refund", days=days)


def refund_days(rule: str) -> int | None:
    """The days in which a purchase can be given back; None when it cannot."""
    return _days(rule)


def _days(term: str) -> int | None:
    found = _DAYS.fullmatch(term)
    return int(found.group(1)) if found else None
