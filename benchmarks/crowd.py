"""Followers by the thousand or the million, laid into the stores in the form that the service writes."""

from __future__ import annotations

import itertools
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, literal, select, true

from benchmarks import catalogue
from benchmarks.questions import OPENID, QUESTIONS, follower
from bot.conversation import TTL_S, Conversation, Listing, key_of, saving
from infra.clock import SystemClock
from infra.database import Database
from infra.keyvalue_sqlite import SqliteStore
from learners.members import Members
from learners.tables import events, learners
from payments.tables import grants

TALKS = 500  # different ones
LISTED = 12  # courses that a talk remembers
ONE_BUYER_IN = 10
SEED = 20_261_121


def fill(data: Path, followers: int) -> None:
    """Each of them has followed and talks about a list of courses; one in ten has bought one."""
    courses = sorted(place.name for place in catalogue.folder().iterdir())
    _fill_talks(data / "keyvalue.db", followers, courses)
    _fill_database(data / "keban.db", followers, courses[0])


def _fill_talks(path: Path, followers: int, courses: Sequence[str]) -> None:
    SqliteStore(path).close()
    values = itertools.cycle(_talks(courses))
    expires_at = time.time() + TTL_S
    rows = ((key_of(follower(number)), next(values), expires_at) for number in range(followers))
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.executemany("INSERT INTO kv (key, value, expires_at) VALUES (?, ?, ?)", rows)


def _talks(courses: Sequence[str]) -> list[bytes]:
    chance = random.Random(SEED)
    lists = (
        Listing(tuple(chance.sample(courses, LISTED)), 0, chance.choice(QUESTIONS)) for _ in range(TALKS)
    )
    return [saving(Conversation("", listing=listing))[0].new for listing in lists]


def _fill_database(path: Path, followers: int, course: str) -> None:
    """The first one's rows by the service's own hand, the others' after them."""
    db, clock = Database(f"sqlite:///{path}"), SystemClock()
    try:
        members = Members(db, clock)
        members.followed(follower(0))
        members.events.close()
        with db.transaction(durable=False) as conn:
            conn.execute(grants.insert().values(_grant(course, clock.now())))
            _multiply(conn, learners, range(1, followers))
            _multiply(conn, events, range(1, followers))
            _multiply(conn, grants, range(ONE_BUYER_IN, followers, ONE_BUYER_IN))
    finally:
        db.close()


def _grant(course: str, now: datetime) -> dict[str, Any]:
    item = {"openid": follower(0), "item_kind": "course", "item_id": course, "source": "order:BENCHMARK"}
    return item | {"status": "active", "starts_at": now, "created_at": now, "updated_at": now}


def _multiply(conn: Connection, rows: Table, numbers: range) -> None:
    """For each number a row like the first follower's."""
    count = select(literal(numbers.start).label("n")).cte("numbers", recursive=True)
    following = select(count.c.n + numbers.step).where(count.c.n + numbers.step < numbers.stop)
    count = count.union_all(following)
    values: dict[str, ColumnElement[Any]] = {column.name: column for column in rows.c if column.name != "id"}
    values["openid"] = func.printf(OPENID, count.c.n)
    copies = select(*values.values()).select_from(rows.join(count, true()))
    conn.execute(rows.insert().from_select(list(values), copies.where(rows.c.openid == follower(0))))
