"""Changes that are written together mean the same on each database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from infra.database import Database
from infra.outbox import outbox, parcel
from infra.statement import Change, row_or, several
from infra.together import Overtaken, together
from payments.tables import notifications, orders, postings
from payments.transitions import moving

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)


def told(key: str) -> Change:
    return parcel(topic="receipt", key=key, payload={"title": "爬虫 100% %(now)s"}, now=NOW)


def keys(db: Database) -> list[str]:
    with db.reading() as conn:
        return list(conn.execute(select(outbox.c.key).order_by(outbox.c.id)).scalars())


def test_all_of_it_is_there(database: Database) -> None:
    with database.transaction() as conn, together(conn) as writing:
        writing.must(told("a"))
        writing.may(told("b"))
        assert keys(database) == []  # nothing before the end
    assert sorted(keys(database)) == ["a", "b"]
    with database.reading() as conn:
        assert conn.execute(select(outbox.c.payload).limit(1)).scalar_one() == {"title": "爬虫 100% %(now)s"}


def test_what_may_be_there_already_is_no_obstacle(database: Database) -> None:
    for _ in range(2):
        with database.transaction() as conn, together(conn) as writing:
            writing.may(told("a"))
            writing.may(told("b"))
    assert sorted(keys(database)) == ["a", "b"]


@pytest.mark.parametrize("matters", [1, 3])
def test_what_had_to_change_and_did_not_takes_all_back(database: Database, matters: int) -> None:
    with pytest.raises(Overtaken), database.transaction() as conn, together(conn) as writing:
        for matter in range(matters):
            writing.must(told(f"new {matter}"))
            writing.must(told("new 0"))  # there already, of this matter or the one before
            writing.next_matter()
    assert keys(database) == []


def test_matters_of_one_kind_are_all_written(database: Database) -> None:
    with database.transaction() as conn, together(conn) as writing:
        for at in range(7):
            writing.must(told(f"key {at}"))
            writing.must(several(postings, [posting(f"e{at}", "wechat", 1), posting(f"e{at}", "sales", -1)]))
            writing.next_matter()
    assert len(keys(database)) == 7
    with database.reading() as conn:
        assert len(conn.execute(select(postings.c.id)).all()) == 14


def posting(entry: str, account: str, fen: int) -> dict[str, Any]:
    of_order = {"order_no": "A", "out_trade_no": "A01", "at": NOW, "booked_at": NOW}
    return {"entry": entry, "account": account, "fen": fen, **of_order}


def test_a_unique_key_that_is_taken_is_an_error(database: Database) -> None:
    for _ in range(2):
        try:
            with database.transaction() as conn, together(conn) as writing:
                writing.must(several(postings, [posting("e", "wechat", 1), posting("e", "sales", -1)]))
                writing.must(told("a"))
            first = True
        except IntegrityError:
            first = False
    assert not first
    assert keys(database) == ["a"]


def test_a_row_that_is_there_becomes_what_is_said(database: Database) -> None:
    for status in ("refused", "done"):
        with database.transaction() as conn, together(conn) as writing:
            writing.must(row_or(notifications, notification(status), counted))
            writing.may(told("a"))
    with database.reading() as conn:
        (row,) = conn.execute(select(notifications.c.status, notifications.c.deliveries)).all()
    assert tuple(row) == ("done", 2)


def counted(new: Any) -> dict[str, Any]:
    return {"status": new["status"], "deliveries": notifications.c.deliveries + 1}


def notification(status: str) -> dict[str, Any]:
    text = {"id": "n", "kind": "payment", "event_type": "X", "body": "{}", "last_error": ""}
    return {**text, "status": status, "deliveries": 1, "received_at": NOW, "updated_at": NOW}


def test_a_path_that_no_arrows_lead_along_is_refused() -> None:
    with pytest.raises(ValueError, match="no way"):
        moving(orders, "A", "paid", "created", now=NOW)
