"""The rule under which a buyer may give a purchase back: ``none``, ``7d``, or ``7d <1/3``.

``7d <1/3`` is: within seven days, and while less than a third of it has been read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from payments.access import ends_at

WhyNot = Literal["not_given_back", "too_late", "read_too_much"]
_RULE = re.compile(r"([1-9][0-9]{0,4})d(?:\s*<\s*([1-9][0-9]?)/([1-9][0-9]?))?")


@dataclass(frozen=True)
class RefundRule:
    """``days`` after the day of the payment; ``less_than`` is the share that may not have been read."""

    days: int
    less_than: Fraction | None = None

    def ends_at(self, paid_at: datetime) -> datetime:
        """The first moment at which it is too late. Days end in Beijing, as those of access do."""
        end = ends_at(f"{self.days}d", paid_at)
        assert end is not None  # noqa: S101 - only a term for ever has no end
        return end


def rule_of(text: str) -> RefundRule | None:
    """None for what is not given back: ``none``, and whatever cannot be read."""
    found = _RULE.fullmatch(text.strip())
    if found is None:
        return None
    days, part, whole = found.groups()
    share = Fraction(int(part), int(whole)) if part else None
    return None if share is not None and share >= 1 else RefundRule(int(days), share)


def why_not(text: str, paid_at: datetime | None, now: datetime, read_share: Fraction) -> WhyNot | None:
    """Why a buyer may not give it back any more; None when they may.

    ``read_share``: how much of what was bought has been read since, from 0 to 1.
    """
    rule = rule_of(text)
    if rule is None or paid_at is None:
        return "not_given_back"
    if now >= rule.ends_at(paid_at):
        return "too_late"
    if rule.less_than is not None and read_share >= rule.less_than:
        return "read_too_much"
    return None
