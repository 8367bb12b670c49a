"""How long a purchase opens what it bought."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from payments.errors import BadOffer, TermOver

_BEIJING = ZoneInfo("Asia/Shanghai")
_DAYS = re.compile(r"([1-9][0-9]{0,4})d")


def ends_at(access: str, start: datetime) -> datetime | None:
    """The first moment (UTC) at which a grant begun at ``start`` no longer opens; None is for ever.

    Days end in Beijing: valid to 31 December is valid through the whole of the 31st, and 30 days run to the
    end of the thirtieth day, so nobody gets less than was promised. Raises BadOffer for an unreadable term.
    """
    if access == "forever":
        return None
    days = _DAYS.fullmatch(access)
    if days:
        return _end_of(start.astimezone(_BEIJING).date() + timedelta(days=int(days.group(1))))
    try:
        return _end_of(date.fromisoformat(access))
    except ValueError:
        raise BadOffer(f"access {access!r} is not a term", hint="forever, 365d or 2027-12-31") from None


def renewed_until(access: str, end: datetime) -> datetime | None:
    """The end of a term that begins where another one ended (exclusive): no day counts twice."""
    return ends_at(access, end - timedelta(microseconds=1))


def end_of_day(moment: datetime) -> datetime:
    """The first Beijing midnight that is not before: a term in days ends with a day."""
    return _end_of((moment - timedelta(microseconds=1)).astimezone(_BEIJING).date())


def counts_days(access: str) -> bool:
    """Whether the term is a number of days; the others end when they end, whenever they begin."""
    return _DAYS.fullmatch(access) is not None


def has_time_left(access: str, now: datetime) -> bool:
    """Whether a grant that begins now would open anything at all."""
    end = ends_at(access, now)
    return end is None or end > now


def require_time_left(access: str, now: datetime) -> None:
    """Raises TermOver for an offer whose last day has passed."""
    if not has_time_left(access, now):
        raise TermOver(f"access ended on {access}")


def start_of_day(now: datetime) -> datetime:
    """The Beijing midnight before, in UTC."""
    return _end_of(now.astimezone(_BEIJING).date() - timedelta(days=1))


@lru_cache(maxsize=4096)
def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), _BEIJING).astimezone(UTC)
