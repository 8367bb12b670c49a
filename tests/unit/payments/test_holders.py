"""Whom a change to a course would reach."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from infra.clock import ManualClock
from infra.database import Database
from payments.holders import holders_of
from payments.tables import grants


def give(db: Database, clock: ManualClock, openid: str, item: str, **more: object) -> None:
    now = clock.now()
    row = {
        "openid": openid, "item_kind": "course", "item_id": item, "source": "order:1", "status": "active",
        "starts_at": now, "expires_at": None, "created_at": now, "updated_at": now,
    }  # fmt: skip
    with db.transaction() as conn:
        conn.execute(insert(grants).values(**row | more))


def test_each_follower_counts_once_and_while_the_course_is_open(db: Database, clock: ManualClock) -> None:
    give(db, clock, "oAnna", "one")
    give(db, clock, "oAnna", "one", source="order:2")
    give(db, clock, "oBert", "one")
    give(db, clock, "oCarl", "one", status="revoked")
    give(db, clock, "oDora", "one", expires_at=clock.now() + timedelta(days=1))
    give(db, clock, "oAnna", "two")
    give(db, clock, "oEmma", "*", item_kind="all")
    clock.advance(2 * 86_400)
    with db.reading() as conn:
        assert holders_of(conn, ["one", "two", "three"], clock.now()) == {"one": 2, "two": 1}
        assert holders_of(conn, [], clock.now()) == {}
