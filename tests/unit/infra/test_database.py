"""Transactions and column types: the same on each database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, String, Table, delete, select, update
from sqlalchemy.exc import StatementError

from infra import database as room
from infra.database import Database, JsonText, Patience, UtcDateTime, insert_if_absent
from infra.errors import ConfigError, Unavailable

NOW = datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC)
HARD_TEXTS = ["", "课伴", "👩‍👩‍👧‍👦🎉", "'; --", "\\", '{"a": "\u2028"}', "é e\u0301", "x" * 70_000]


@pytest.fixture
def notes(database: Database) -> Iterator[Table]:
    """A table of this test's own, made like the rooms' tables but not left among them."""
    made = room.table(
        "test_notes",
        Column("key", String(64), primary_key=True),
        Column("at", UtcDateTime, nullable=True),
        Column("data", JsonText, nullable=True),
    )
    room.metadata.remove(made)
    made.create(database.engine)
    yield made
    made.drop(database.engine)


def keys(database: Database, notes: Table) -> set[str]:
    with database.reading() as conn:
        return set(conn.execute(select(notes.c.key)).scalars())


def test_a_transaction_is_kept_when_its_block_ends(database: Database, notes: Table) -> None:
    with database.transaction() as conn:
        conn.execute(notes.insert().values(key="a"))
    assert keys(database, notes) == {"a"}


def test_a_transaction_is_taken_back_whole_when_its_block_fails(database: Database, notes: Table) -> None:
    with pytest.raises(RuntimeError), database.transaction() as conn:
        conn.execute(notes.insert().values(key="a"))
        conn.execute(notes.insert().values(key="b"))
        raise RuntimeError("on the way")
    assert keys(database, notes) == set()


def test_only_the_first_of_two_inserts_is_told_that_it_inserted(database: Database, notes: Table) -> None:
    with database.transaction() as conn:
        assert insert_if_absent(conn, notes, {"key": "a", "data": 1})
        assert not insert_if_absent(conn, notes, {"key": "a", "data": 2})
    with database.reading() as conn:
        assert conn.execute(select(notes.c.data)).scalar_one() == 1


def test_after_an_insert_that_was_not_needed_the_transaction_goes_on(
    database: Database, notes: Table
) -> None:
    with database.transaction() as conn:
        insert_if_absent(conn, notes, {"key": "a"})
        insert_if_absent(conn, notes, {"key": "a"})
        insert_if_absent(conn, notes, {"key": "b"})
    assert keys(database, notes) == {"a", "b"}


def test_keys_that_differ_in_case_or_accent_are_two(database: Database, notes: Table) -> None:
    """An openid is case-sensitive; MySQL compares without regard to case by default."""
    with database.transaction() as conn:
        assert all(insert_if_absent(conn, notes, {"key": key}) for key in ("oAbc", "oabc", "oABC", "oábc"))
        changed = conn.execute(update(notes).where(notes.c.key == "oabc").values(data=1)).rowcount
    assert changed == 1


def test_a_moment_comes_back_in_utc_to_the_microsecond(database: Database, notes: Table) -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    with database.transaction() as conn:
        conn.execute(notes.insert().values(key="a", at=beijing))
    with database.reading() as conn:
        found = conn.execute(select(notes.c.at).where(notes.c.at == NOW)).scalar_one()
    assert found == NOW and found.tzinfo is UTC


def test_moments_are_compared_as_moments(database: Database, notes: Table) -> None:
    with database.transaction() as conn:
        conn.execute(notes.insert().values(key="a", at=NOW))
        assert conn.execute(delete(notes).where(notes.c.at < NOW)).rowcount == 0
        assert conn.execute(delete(notes).where(notes.c.at <= NOW)).rowcount == 1


def test_a_moment_without_a_zone_is_refused(database: Database, notes: Table) -> None:
    with pytest.raises(StatementError, match="naive"), database.transaction() as conn:
        conn.execute(notes.insert().values(key="a", at=NOW.replace(tzinfo=None)))


def test_json_comes_back_as_it_was(database: Database, notes: Table) -> None:
    value = {"texts": HARD_TEXTS, "number": 2**53, "nothing": None, "yes": True, "deep": [[{}]]}
    with database.transaction() as conn:
        conn.execute(notes.insert().values(key="a", data=value))
        conn.execute(notes.insert().values(key="b", data=None))
    with database.reading() as conn:
        found = {row.key: row.data for row in conn.execute(select(notes))}
    assert found == {"a": value, "b": None}


def test_a_database_that_answers_can_be_pinged(database: Database) -> None:
    database.ping()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://nobody:hunter2@127.0.0.1:1/none",
        "mysql+pymysql://nobody:hunter2@127.0.0.1:1/none",
    ],
)
def test_a_database_that_does_not_answer_is_unavailable_and_its_password_unsaid(url: str) -> None:
    nobody = Database(url)
    with pytest.raises(Unavailable) as caught:
        nobody.ping()
    nobody.close()
    assert "hunter2" not in str(caught.value)


def test_a_file_where_no_folder_can_be_made_is_told_by_its_key() -> None:
    with pytest.raises(ConfigError, match=r"database\.url: the folder /proc/none cannot be made"):
        Database("sqlite:////proc/none/keban.db")


@pytest.mark.parametrize("url", ["", "keban.db", "nosuch://x", "postgresql+nosuch://x"])
def test_an_address_that_is_none_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url") as caught:
        Database(url)
    assert "sqlite:///" in caught.value.hint


def test_a_write_that_waits_too_long_for_another_one_is_unavailable(db: Database) -> None:
    """SQLite has one writer at a time; who waits for more than the pool's patience is told."""
    impatient = Database(str(db.url))

    with impatient.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA busy_timeout=50")
    with db.transaction(), pytest.raises(Unavailable), impatient.transaction():
        raise AssertionError("two writers at once")
    impatient.close()


def test_a_row_that_another_holds_is_not_waited_for_without_end(database: Database, notes: Table) -> None:
    if database.dialect == "sqlite":
        return  # it has one writer at a time; see below
    with database.transaction() as conn:
        conn.execute(notes.insert().values(key="a"))
    began = time.monotonic()
    with database.transaction() as conn:
        conn.execute(update(notes).values(data=1))
        with pytest.raises(Unavailable), database.transaction() as second:
            second.execute(update(notes).values(data=2))
    assert time.monotonic() - began < 4.5


SLEEPS = {"postgresql": "SELECT pg_sleep(20)", "mysql": "SELECT SLEEP(20)", "mariadb": "SELECT SLEEP(20)"}


def test_a_statement_that_takes_too_long_is_unavailable(database: Database) -> None:
    impatient, began = Database(database.url, patience=Patience(statement_s=1)), time.monotonic()
    if impatient.dialect in SLEEPS:  # in SQLite nothing is slow but a lock
        for connection in (impatient.reading, impatient.transaction):
            with pytest.raises(Unavailable), connection() as conn:
                conn.exec_driver_sql(SLEEPS[impatient.dialect])
    impatient.ping()
    impatient.close()
    assert time.monotonic() - began < 6


def test_a_database_that_others_write_to_all_the_time_is_not_ready(db: Database) -> None:
    with db.transaction(), pytest.raises(Unavailable):
        db.ping()
    db.ping()


def test_a_file_that_cannot_be_written_is_not_ready(db: Database) -> None:
    with db.reading() as conn:
        conn.exec_driver_sql("PRAGMA query_only=ON")  # as good as a file system that is read-only
    with pytest.raises(Unavailable, match="readonly"):
        db.ping()


def test_a_server_that_can_only_be_read_is_not_ready(database: Database, notes: Table) -> None:
    if database.dialect != "postgresql":
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql(f"ALTER DATABASE {database.url.database} SET default_transaction_read_only = on")
    late = Database(database.url)
    with pytest.raises(Unavailable, match="only be read"):
        late.ping()
    with pytest.raises(Unavailable), late.transaction() as conn:
        conn.execute(notes.insert().values(key="a"))
    late.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://keban:first@hunter2@127.0.0.1:1/none",
        "mysql+pymysql://keban:first@hunter2:more@127.0.0.1:1/none",
    ],
)
def test_an_at_sign_in_a_password_is_refused_with_the_way_to_write_it(url: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url") as caught:
        Database(url)
    assert "%40" in caught.value.hint
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}" and "first" not in str(caught.value)


def test_whatever_a_driver_prints_of_a_password_is_masked() -> None:
    url = "postgresql+psycopg://keban:one%40hunter2%2Ftail@127.0.0.1:1/none?sslpassword=key-pass"
    secrets = room._secrets(Database(url).url)
    printed = (
        "failed to resolve host 'hunter2/tail@127.0.0.1', one%40hunter2%2Ftail, one@hunter2/tail, key-pass"
    )
    masked = room._masked(printed, secrets)
    assert [word for word in ("hunter2", "tail", "one", "key-pass") if word in masked] == []
    assert "127.0.0.1" in masked
