"""The relational store: one engine, one way to open a transaction, types that mean the same everywhere.

SQLite (in WAL mode) is the default, PostgreSQL and MySQL/MariaDB work by URL. Rooms own their tables and
declare them on `metadata` through `table`; only the engine and the transaction are shared.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Dialect,
    Engine,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import ArgumentError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine

from infra.errors import ConfigError, Unavailable
from infra.files import make_folder
from infra.silence import Silence
from infra.statement import insert_if_absent

__all__ = [
    "Database",
    "JsonText",
    "LongText",
    "Patience",
    "UtcDateTime",
    "insert_if_absent",
    "metadata",
    "table",
]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SQLITE_WAIT_MS = 5_000
SQLITE_PING_WAIT_MS = 1_000
POOL_TIMEOUT_S = 3.0
CONNECT_TIMEOUT_S = 3
MAX_OVERFLOW = 16  # with the pool itself and two engines 40 connections a process at the most
TRUSTED_S = 1.0  # that a connection is alive still which has answered
KEPT_S = 60.0  # a connection out of use may have been cut off in silence
MOST_KEPT = 4  # of the pool for reading, for those who look up
SILENCE_S = 5  # of a server's machine, after which a connection is given up
SLACK_S = 0.5  # for a server to say that it has given a statement up, before it counts as silent
SHORTEST_FRAGMENT = 3
_WRITING = "keban_writing"
# Made once: `json.dumps` with options makes one a call.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_NO_TRANSACTIONS: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
# Conditional updates decide by the row count of what is committed, not of an old snapshot.
_COMMITTED_ONLY: dict[str, Any] = {"isolation_level": "READ COMMITTED"}

_MYSQL = ("mysql", "mariadb")
# A standby, or a server that its operator or a full disk has made read-only.
_READ_ONLY = {
    "postgresql": "SHOW transaction_read_only",
    "mysql": "SELECT @@global.read_only",
    "mariadb": "SELECT @@global.read_only",
}

# How drivers say that a server, or its machine, does not answer; what a server itself gives up, it names.
_TIMED_OUT = re.compile(r"timed out|timeout expired", re.IGNORECASE)

LongText = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def table(name: str, *items: SchemaItem) -> Table:
    """A table on the shared metadata.

    MySQL compares text without regard to case by default, and an openid is case-sensitive: hence the
    binary collation.
    """
    return Table(
        name,
        metadata,
        *items,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as naive UTC with microseconds in each database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in _MYSQL:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=False))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was given where UTC is needed")
        in_utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return in_utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


class JsonText(TypeDecorator[Any]):
    """Any JSON value as compact text, the same in each database."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(LongText)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _JSON.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a server has: for a statement, for a lock, and between two statements of a transaction.

    A follower is told that something is wrong only while WeChat waits: four seconds.
    """

    statement_s: int = 3
    lock_s: int = 2
    idle_s: int = 30


class Database:
    """An engine and its transactions.

    Raises ConfigError for a URL that cannot be used.
    """

    def __init__(self, url: str | URL, *, pool_size: int = 4, patience: Patience | None = None) -> None:
        patience = patience or Patience()
        self.url = _parse(url)
        self._secrets = _secrets(self.url)
        self._silence = Silence("database")
        self.engine = self._engine(pool_size, patience)
        self._durable = self.engine.execution_options(**{_WRITING: "durable"})
        self._relaxed = self.engine.execution_options(**{_WRITING: "relaxed"})
        # Reading has connections of its own, without transactions: one statement is one trip to the server.
        self._reader = self._engine(pool_size, patience, reading=True)
        self._kept: list[tuple[PoolProxiedConnection, float]] = []

    @property
    def dialect(self) -> str:
        """``sqlite``, ``postgresql``, ``mysql`` or ``mariadb``."""
        return self.engine.dialect.name

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Connection]:
        """One writing transaction: committed at the end of the block, rolled back on any error.

        ``durable=False`` is for what may be lost in a power cut (the event log): on SQLite the commit does
        not wait for the disk then. Raises Unavailable when the database cannot be reached or stays locked.
        """
        engine = self._durable if durable else self._relaxed
        with self._reachable(), engine.begin() as conn:
            yield conn

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading; each statement sees what was committed when it began."""
        with self._reachable(), self._reader.connect() as conn:
            yield conn

    def borrow(self) -> PoolProxiedConnection:
        """A connection of the driver for `infra.lookup`; `give_back` or `lost` ends the loan."""
        with self._reachable():
            try:
                return self._reader.raw_connection()
            except self.driver_errors as error:
                raise self._unavailable(error) from error

    def borrow_again(self) -> PoolProxiedConnection | None:
        """One that was lent a moment ago, if there is any: it costs nothing, and may have died meanwhile."""
        self._silence.admit()
        while self._kept:
            with suppress(IndexError):  # another thread was quicker
                connection, until_s = self._kept.pop()
                if until_s > time.monotonic():
                    return connection
                connection.close()  # the pool tries it before it lends it
        return None

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """For the next one who borrows."""
        self._silence.heard()
        if len(self._kept) < MOST_KEPT:
            self._kept.append((connection, time.monotonic() + KEPT_S))
        else:
            connection.close()

    @property
    def driver_errors(self) -> type[Exception]:
        """The base of what the driver raises."""
        errors: type[Exception] = self._reader.dialect.loaded_dbapi.Error
        return errors

    def lost(self, connection: PoolProxiedConnection, error: Any) -> bool:
        """Takes a connection on which the driver raised ``error``; whether that means that it had died."""
        died = self._reader.dialect.is_disconnect(error, connection.dbapi_connection, None)
        self._take_note(error)
        connection.invalidate()
        return died

    def ping(self) -> None:
        """Raises Unavailable unless the database answers and can be written to."""
        with self.reading() as conn:
            if self.dialect == "sqlite":
                _write_nothing(conn)
            elif str(conn.exec_driver_sql(_READ_ONLY[self.dialect]).scalar()).lower() not in ("0", "off"):
                raise Unavailable("the database can only be read")

    def close(self) -> None:
        while self._kept:
            self._kept.pop()[0].close()
        self.engine.dispose()
        self._reader.dispose()

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        self._silence.admit()
        try:
            yield
        except (OperationalError, InterfaceError, InternalError) as error:
            raise self._unavailable(error.orig or error) from error
        except PoolTimeout as error:
            raise Unavailable("all connections to the database are in use") from error
        else:
            self._silence.heard()

    def _unavailable(self, error: BaseException) -> Unavailable:
        self._take_note(error)
        return Unavailable("the database does not answer", hint=_masked(_first_line(error), self._secrets))

    def _take_note(self, error: BaseException) -> None:
        if _is_silence(error):
            self._silence.broken()
            self._leave_all()
        else:
            self._silence.heard()

    def _leave_all(self) -> None:
        """The connections that lie idle: each might be as silent, and they would be tried one by one."""
        while self._kept:
            with suppress(IndexError):
                self._kept.pop()[0].invalidate()
        self.engine.dispose()
        self._reader.dispose()

    def _engine(self, pool_size: int, patience: Patience, *, reading: bool = False) -> Engine:
        engine = _engine(self.url, pool_size, patience, reading=reading)
        if engine.dialect.driver == "psycopg":
            from infra.patient import end_waiting  # only where there is such a server

            end_waiting(engine, patience.statement_s + SLACK_S)
        if self.url.get_backend_name() != "sqlite":
            self._try_no_other(engine)
        return engine

    def _try_no_other(self, engine: Engine) -> None:
        """A connection that is silent when the pool tries it is no reason to wait for a new one as well.

        One that has answered a moment ago is not tried: that is a trip to the server for each transaction.
        """
        ping = engine.dialect.do_ping
        came_back_s: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

        @event.listens_for(engine, "checkin")
        def note_when(connection: Any, _record: ConnectionPoolEntry) -> None:
            if connection is not None:
                came_back_s[connection] = time.monotonic()

        def try_it(connection: Any) -> bool:
            if came_back_s.get(connection, 0.0) > time.monotonic() - TRUSTED_S:
                return True
            try:
                return ping(connection)
            except self.driver_errors as error:
                if _is_silence(error):
                    raise self._unavailable(error) from error
                raise

        engine.dialect.do_ping = try_it  # type: ignore[method-assign,assignment]


def insert_absent(conn: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts those of many rows that no unique key has yet; all have the same columns."""
    if not rows:
        return
    name = conn.dialect.name
    if name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as pg_insert

        conn.execute(pg_insert(into).on_conflict_do_nothing(), [dict(row) for row in rows])
    elif name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        conn.execute(sqlite_insert(into).on_conflict_do_nothing(), [dict(row) for row in rows])
    else:
        conn.execute(into.insert().prefix_with("IGNORE"), [dict(row) for row in rows])


def _parse(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, ImportError, ValueError):
        raise ConfigError(
            "database.url is not a database address",
            hint="e.g. sqlite:///var/keban.db or postgresql+psycopg://user:password@host/keban; "
            "in a password write @ as %40, : as %3A and / as %2F",
        ) from None  # the cause may repeat a part of a password
    if "@" in (parsed.host or ""):
        raise ConfigError(
            "database.url has more than one @", hint="in a user name or a password write @ as %40"
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError(
            "database.url keeps nothing: a SQLite address needs a file", hint="e.g. sqlite:///var/keban.db"
        )
    return parsed


def _engine(url: URL, pool_size: int, patience: Patience, *, reading: bool = False) -> Engine:
    on_sqlite = url.get_backend_name() == "sqlite"
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=MAX_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
        **(_file(url) if on_sqlite else _server(url, patience)),
        **(_NO_TRANSACTIONS if reading else {} if on_sqlite else _COMMITTED_ONLY),
    )
    if on_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    if on_sqlite and not reading:
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _file(url: URL) -> dict[str, Any]:
    make_folder(Path(str(url.database)).parent, "database.url")
    return {"connect_args": {"timeout": SQLITE_WAIT_MS / 1000, "check_same_thread": False}}


def _server(url: URL, patience: Patience) -> dict[str, Any]:
    limits = _mysql_limits(patience) if url.get_backend_name() in _MYSQL else _postgresql_limits(patience)
    return {
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "connect_args": {"connect_timeout": CONNECT_TIMEOUT_S, **limits},
    }


def _mysql_limits(patience: Patience) -> dict[str, Any]:
    waits = f"innodb_lock_wait_timeout = {patience.lock_s}, lock_wait_timeout = {patience.lock_s}"
    # Each server runs the comment that is meant for it. MySQL's limit is for reading only.
    limits = f"/*M!100101 , max_statement_time = {patience.statement_s} */"
    limits += f" /*!50704 , max_execution_time = {patience.statement_s * 1000} */"
    return {
        "init_command": f"SET time_zone = '+00:00', {waits} {limits}",
        # For everything else, and for a server that hangs, the socket has one.
        "read_timeout": patience.statement_s + SLACK_S,
        "write_timeout": patience.statement_s + SLACK_S,
    }


def _postgresql_limits(patience: Patience) -> dict[str, Any]:
    limits = {
        "statement_timeout": patience.statement_s,
        "lock_timeout": patience.lock_s,
        "idle_in_transaction_session_timeout": patience.idle_s,
    }
    return {
        "options": " ".join(f"-c {name}={seconds * 1000}" for name, seconds in limits.items()),
        "tcp_user_timeout": SILENCE_S * 1000,
        "keepalives": 1,
        "keepalives_idle": SILENCE_S,
        "keepalives_interval": 1,
        "keepalives_count": 3,
    }


def _prepare_sqlite(raw: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself; _begin_sqlite does.
    raw.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={SQLITE_WAIT_MS}"):
        raw.execute(f"PRAGMA {pragma}")


def _write_nothing(conn: Connection) -> None:
    """Writes a number that nobody reads: a lock, a full disk, a missing right show only in writing."""
    conn.exec_driver_sql(f"PRAGMA busy_timeout={SQLITE_PING_WAIT_MS}")
    try:
        conn.exec_driver_sql("PRAGMA synchronous=NORMAL")
        conn.exec_driver_sql("PRAGMA user_version=1")
    finally:
        conn.exec_driver_sql(f"PRAGMA busy_timeout={SQLITE_WAIT_MS}")


def _begin_sqlite(conn: Connection) -> None:
    relaxed = conn.get_execution_options().get(_WRITING) == "relaxed"
    conn.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if relaxed else 'FULL'}")
    # Takes the write lock at once: two writers queue here instead of failing half-way.
    conn.exec_driver_sql("BEGIN IMMEDIATE")


def _is_silence(error: BaseException) -> bool:
    return _TIMED_OUT.search(str(error)) is not None


def _first_line(error: BaseException) -> str:
    """What a driver says, in short."""
    said = str(error).strip()
    return said.splitlines()[0][:200] if said else type(error).__name__


def _secrets(url: URL) -> tuple[str, ...]:
    """What must not be printed: each password, also as it stands in the URL, and pieces of it; longest first.

    A driver that takes an address apart at another place than we do prints pieces.
    """
    named = [str(value) for key, value in url.query.items() if "pass" in key.lower()]
    whole = [secret for secret in (str(url.password or ""), *named) if secret]
    pieces = [piece for secret in whole for piece in re.split(r"[@:/?#\s]", secret)]
    found = {*whole, *(quote(secret, safe="") for secret in whole)}
    found |= {piece for piece in pieces if len(piece) >= SHORTEST_FRAGMENT}
    return tuple(sorted(found, key=len, reverse=True))


def _masked(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


__all__ = [
    "Column",
    "Connection",
    "Database",
    "JsonText",
    "LongText",
    "Patience",
    "UtcDateTime",
    "insert_absent",
    "insert_if_absent",
    "metadata",
    "table",
]
