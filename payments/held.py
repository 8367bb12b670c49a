"""What a follower has and until when, and what an order would add to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, or_, select

from payments.access import counts_days, ends_at, renewed_until
from payments.rights import ALL, ANY, COURSE, TAG
from payments.tables import grants

Item = tuple[str, str]
"""``(kind, id)``: ``("course", "py")``, ``("tag", "爬虫")``, ``("all", "*")``."""
Tags = Mapping[str, Iterable[str]]
NO_TAGS: Tags = MappingProxyType({})


class Held(NamedTuple):
    """The latest end of each item that is open or will be; None is for ever."""

    ends: Mapping[Item, datetime | None]

    def lasts(self, item: Item, end: datetime | None, tags: Iterable[str] = ()) -> bool:
        """Whether the item is open until ``end`` at least, by itself, by one of its ``tags`` or with
        everything.
        """
        return any(
            self.ends[one] is None or (end is not None and _or_never(self.ends[one]) >= end)
            for one in (item, (ALL, ANY), *((TAG, tag) for tag in tags))
            if one in self.ends
        )

    def covers(self, items: Iterable[Item], access: str, placed_at: datetime, tags: Tags = NO_TAGS) -> bool:
        """Whether nothing of this is new: each item lasts as long as an order of ``placed_at`` promised.

        ``tags`` are those of the courses among the items, by id: here nobody knows what a tag opens.

        The promise counts from the order and not from its payment: of two orders that wait side by side, the
        one that is paid second must not be taken for a renewal of the first.
        """
        end = ends_at(access, placed_at)
        return all(
            self.lasts((kind, item_id), end, tags.get(item_id, ()) if kind == COURSE else ())
            for kind, item_id in items
        )

    def term(self, item: Item, access: str, now: datetime) -> tuple[datetime, datetime | None]:
        """From when until when a new grant would run: days begin where the days that are there end."""
        last = self.ends.get(item)
        if last is None or last <= now or not counts_days(access):
            return now, ends_at(access, now)
        return last, renewed_until(access, last)


def held_by(conn: Connection, openid: str, now: datetime) -> Held:
    """By grants that run or have yet to begin."""
    wanted = select(grants.c.item_kind, grants.c.item_id, grants.c.expires_at)
    return held_in(
        tuple(row) for row in conn.execute(wanted.where(grants.c.openid == openid, is_lasting(now)))
    )


def is_lasting(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(grants.c.status == "active", or_(grants.c.expires_at.is_(None), grants.c.expires_at > now))


def held_in(lasting: Iterable[tuple[Any, ...]]) -> Held:
    """From ``(item_kind, item_id, expires_at)`` of such grants."""
    ends: dict[Item, datetime | None] = {}
    for kind, item_id, end in lasting:
        item = (kind, item_id)
        ends[item] = end if item not in ends else _later(ends[item], end)
    return Held(ends)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


def _or_never(end: datetime | None) -> datetime:
    assert end is not None  # noqa: S101 - asked for by `lasts` only where it is not
    return end
