"""The terms of a purchase in words: how long it opens a course, and until when it can be given back."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from content.course import Course
from handlers.sentences import Sentences
from payments.refund_rule import rule_of

_DAYS = re.compile(r"(\d+)d")
_FIGURES = "一二三四五六七八九十"


def access_text(say: Sentences, access: str) -> str:
    """``forever``, ``365d`` or a last day ``2027-12-31``, as a follower reads it."""
    if access == "forever":
        return say("terms.forever")
    days = _days(access)
    if days is not None:
        return say("terms.days", days=days)
    last = date.fromisoformat(access)
    return say("terms.until", year=last.year, month=last.month, day=last.day)


def pace_text(say: Sentences, course: Course) -> str:
    """Told before it is bought: that lessons open bit by bit, and when all are open. Empty when all are."""
    days = max((lesson.opens_after_days for lesson in course.lessons), default=0)
    return say("terms.pace", days=days) if days else ""


def access_and_pace(say: Sentences, course: Course) -> str:
    return "，".join(filter(None, (access_text(say, course.access), pace_text(say, course))))


def refund_text(say: Sentences, rule: str) -> str:
    """``none``, ``7d`` or ``7d <1/3``, as a follower reads it."""
    read = rule_of(rule)
    if read is None:
        return say("terms.no_refund")
    if read.less_than is None:
        return say("terms.refund", days=read.days)
    return say("terms.refund_unread", days=read.days, share=share_text(read.less_than))


def share_text(share: Fraction) -> str:
    """``三分之一``, up to tenths; above that in figures."""
    if share == Fraction(1, 2):
        return "一半"
    if share.denominator > len(_FIGURES):
        return f"{share.numerator}/{share.denominator}"
    return f"{_FIGURES[share.denominator - 1]}分之{_FIGURES[share.numerator - 1]}"


def _days(term: str) -> int | None:
    found = _DAYS.fullmatch(term)
    return int(found.group(1)) if found else None
