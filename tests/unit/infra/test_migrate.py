"""Migrations: they make exactly the tables that the code declares, on each database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from infra.database import Database
from infra.migrate import is_behind, newest_revision, present_revision, upgrade
from migrations import check
from payments.tables import postings


@pytest.fixture
def empty(database_url: str) -> Database:
    return Database(database_url)


def test_an_empty_database_is_behind_and_an_upgraded_one_is_not(empty: Database) -> None:
    assert present_revision(empty) is None and is_behind(empty)
    upgrade(empty)
    assert present_revision(empty) == newest_revision() and not is_behind(empty)
    empty.close()


def test_the_migrations_make_the_tables_that_the_code_declares(empty: Database) -> None:
    upgrade(empty)
    assert check.differences(empty) == []
    empty.close()


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    upgrade(empty)
    upgrade(empty)
    assert not is_behind(empty)
    empty.close()


LEDGER = (
    "INSERT INTO ledger ({key}, kind, order_no, out_trade_no, fen, at, booked_at) VALUES"
    " (:key, :kind, :order_no, :out_trade_no, :fen, '2026-01-05 10:00:00', '2026-01-05 10:00:01')"
)
ORDER = (
    "INSERT INTO orders (order_no, openid, item_kind, item_id, title, total_fen, access, refund_rule, status,"
    " paid_by, expires_at, closing_tries, due_at, created_at, updated_at) VALUES (:order_no, 'oLin',"
    " 'course', 'py', 'Python', 9900, 'forever', '7d', :status, :paid_by, '2026-01-05 12:00:00', 0,"
    " '2026-01-05 12:00:00', '2026-01-05 10:00:00', '2026-01-05 10:00:00')"
)
GRANT = (
    "INSERT INTO grants (openid, item_kind, item_id, source, status, starts_at, created_at, updated_at)"
    " VALUES ('oLin', 'course', 'py', :source, 'active', '2026-01-05 10:00:00', '2026-01-05 10:00:00',"
    " '2026-01-05 10:00:00')"
)
# Bought and in part given back; paid a second time; and paid for what was owned already.
MOVEMENTS = [
    ("payment:42-A01", "A", "A01", 9900),
    ("refund:A01R01", "A", "A01", -3000),
    ("payment:42-A02", "A", "A02", 9900),
    ("payment:42-B01", "B", "B01", 9900),
    ("refund:B01R01", "B", "B01", -9900),
]


def with_old_books(db: Database) -> None:
    key = db.engine.dialect.identifier_preparer.quote("key")
    with db.transaction() as conn:
        for order_no, status in (("A", "partially_refunded"), ("B", "refunded")):
            paid = {"order_no": order_no, "status": status, "paid_by": f"{order_no}01"}
            conn.execute(text(ORDER), paid)
        conn.execute(text(GRANT), {"source": "order:A"})
        for entry, order_no, out_trade_no, fen in MOVEMENTS:
            row = {"key": entry, "kind": entry.split(":")[0], "order_no": order_no, "fen": fen}
            conn.execute(text(LEDGER.format(key=key)), row | {"out_trade_no": out_trade_no})


def test_the_old_ledger_is_copied_with_both_sides_of_each_movement(empty: Database) -> None:
    upgrade(empty, "0003")
    with_old_books(empty)
    upgrade(empty)
    with empty.reading() as conn:
        rows = conn.execute(select(postings.c.entry, postings.c.account, postings.c.fen)).all()
        moments = set(conn.execute(select(postings.c.at)).scalars())
        order = conn.execute(text("SELECT is_gift, contents FROM orders WHERE order_no = 'A'")).one()
    assert sorted(map(tuple, rows)) == sorted(
        [(entry, "wechat", fen) for entry, _, _, fen in MOVEMENTS]
        + [(entry, "sales" if paid == "A01" else "owed", -fen) for entry, _, paid, fen in MOVEMENTS]
    )
    assert moments == {datetime(2026, 1, 5, 10, tzinfo=UTC)}
    assert (bool(order.is_gift), order.contents) == (False, None)
    empty.close()


def test_the_check_of_the_linter_agrees() -> None:
    assert check.main() == 0


def test_a_percent_sign_in_the_path_of_the_project_is_no_problem(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    folder.mkdir()
    db = Database(f"sqlite:///{folder}/keban.db")
    upgrade(db)
    assert not is_behind(db)
    db.close()
