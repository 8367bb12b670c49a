"""How long a purchase opens a course, and until when it can be given back, as creators write it."""

from __future__ import annotations

import re
from datetime import date

MAX_ACCESS_DAYS = 3650
MAX_REFUND_DAYS = 90
MAX_RULE_CHARS = 20

_SHARE = re.compile(r"([1-9][0-9]?)/([1-9][0-9]?)")
_DAYS = re.compile(r"([1-9][0-9]{0,4})d")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_access(text: str) -> bool:
    """``<n>d`` or an ISO date; ``forever`` is said elsewhere."""
    return _days(text, MAX_ACCESS_DAYS) or _is_day(text)


def is_refund_rule(text: str) -> bool:
    """``<n>d``, or ``<n>d <a/b``."""
    days, sign, share = text.partition("<")
    if len(text) > MAX_RULE_CHARS or not _days(days.strip(), MAX_REFUND_DAYS):
        return False
    return not sign or _is_share(share.strip())


def _is_share(text: str) -> bool:
    """More than nothing and less than all of it; else ``none`` or the days alone say it."""
    match = _SHARE.fullmatch(text)
    return match is not None and int(match[1]) < int(match[2])


def _days(text: str, most: int) -> bool:
    match = _DAYS.fullmatch(text)
    return match is not None and int(match[1]) <= most


def _is_day(text: str) -> bool:
    if _ISO_DAY.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
