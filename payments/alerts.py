"""The alerts: one row a matter. Told once when it begins, once a day while it stands, once when it is over.

Each of these is a conditional update, so of several workers one tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from infra.database import insert_if_absent
from payments.alert_tables import alerts

# The figure's label, and the words that belong to it; a word is also the key of the operator's sentence.
KINDS = {
    "unopened": ("unopened",),
    "surplus": ("surplus",),
    "difference": ("difference", "unread"),
    "backlog": ("refused", "overdue"),
    "verification": ("verification",),
}
_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words}
REMINDED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Matter:
    """What an operator has to know of: an order, a day; no follower. ``figure``: fen, seconds or a count."""

    word: str
    about: str
    figure: int = 0

    @property
    def key(self) -> str:
        return f"{self.word}:{self.about}"

    @property
    def kind(self) -> str:
        return _KIND_OF[self.word]


@dataclass(frozen=True)
class News:
    """``what``: ``begins``, ``stands`` (a day later) or ``over``."""

    what: str
    matter: Matter


def observe(conn: Connection, matter: Matter, now: datetime) -> None:
    """It is so now: a new row, or one that had ended begins anew."""
    text = str(matter.figure)
    of_key = alerts.c.key == matter.key
    row = {"key": matter.key, "kind": matter.kind, "about": matter.about, "text": text, "since": now}
    if insert_if_absent(conn, alerts, row | {"last_seen": now, "told_at": None, "ended_at": None}):
        return
    anew = {"since": now, "last_seen": now, "told_at": None, "ended_at": None, "text": text}
    conn.execute(update(alerts).where(of_key, alerts.c.ended_at.is_not(None)).values(**anew))
    conn.execute(update(alerts).where(of_key, alerts.c.last_seen < now).values(last_seen=now, text=text))


def standing(conn: Connection) -> list[tuple[Matter, datetime]]:
    """All that stand, oldest first, and when each was seen last."""
    wanted = select(alerts).where(alerts.c.ended_at.is_(None)).order_by(alerts.c.since, alerts.c.key)
    return [
        (Matter(row.key.split(":", 1)[0], row.about, int(row.text)), row.last_seen)
        for row in conn.execute(wanted)
    ]


def counts(conn: Connection) -> dict[str, int]:
    """How many stand, by kind; for the figures."""
    wanted = select(alerts.c.kind, func.count()).where(alerts.c.ended_at.is_(None)).group_by(alerts.c.kind)
    found = {row[0]: int(row[1]) for row in conn.execute(wanted)}
    return {kind: found.get(kind, 0) for kind in KINDS}


def news_of(conn: Connection, matters: Sequence[Matter], over: Iterable[Matter], now: datetime) -> list[News]:
    """Whom to tell what: claimed here, so it is told once."""
    told = update(alerts).where(alerts.c.ended_at.is_(None)).values(told_at=now)
    news = []
    for matter in matters:
        of_key = told.where(alerts.c.key == matter.key)
        if conn.execute(of_key.where(alerts.c.told_at.is_(None))).rowcount == 1:
            news.append(News("begins", matter))
        elif conn.execute(of_key.where(alerts.c.told_at <= now - REMINDED_AFTER)).rowcount == 1:
            news.append(News("stands", matter))
    for matter in over:
        ended = update(alerts).where(alerts.c.key == matter.key, alerts.c.ended_at.is_(None))
        if conn.execute(ended.values(ended_at=now)).rowcount == 1:
            news.append(News("over", matter))
    return news
