"""Writing in the path of every payment: statements compiled once, then handed to the driver.

To build an update and to look it up in SQLAlchemy's cache costs several times what the update does. Elsewhere
that does not matter. What is run here is seen by the engine's events, and its errors are SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam
from sqlalchemy.dialects import mysql, postgresql, sqlite

from infra.lookup import Prepared

Build = Callable[[str], Insert | Update]


class Statement:
    """``change(conn, name=…)`` runs it with values for its `bindparam`; returns how many rows changed.

    ``build`` makes it for a kind of database (``sqlite``, ``postgresql``, …).
    """

    def __init__(self, build: Build) -> None:
        self._build = build
        self._prepared: dict[str, Prepared] = {}

    def __call__(self, conn: Connection, **given: Any) -> int:
        prepared = self.prepared(conn.dialect)
        return conn.exec_driver_sql(prepared.sql, prepared.parameters(given)).rowcount

    def prepared(self, dialect: Dialect) -> Prepared:
        """The statement's text depends on the kind of database alone."""
        made = self._prepared.get(dialect.name)
        if made is None:
            self._prepared[dialect.name] = made = Prepared(dialect, self._build(dialect.name))
        return made


class Change(NamedTuple):
    """A statement with its values: what is to be written, not written yet."""

    statement: Statement
    given: Mapping[str, Any]

    def run(self, conn: Connection) -> int:
        """How many rows it changed."""
        return self.statement(conn, **self.given)


def absent(into: Table, values: Mapping[str, Any]) -> Change:
    """A row that is inserted unless a unique key already has it."""
    return Change(_insert(into, tuple(values)), values)


def several(into: Table, rows: Sequence[Mapping[str, Any]]) -> Change:
    """Several rows of the same columns in one statement; one that is there already is an error."""
    names = tuple(rows[0])
    given = {f"{name}_{at}": row[name] for at, row in enumerate(rows) for name in names}
    return Change(_insert_all(into, names, len(rows)), given)


def row_or(into: Table, values: Mapping[str, Any], then: Callable[[Any], Mapping[str, Any]]) -> Change:
    """A row, or, where its primary key is there already, what ``then`` makes of that row.

    ``then`` is given the columns of the row that was to be inserted. The same ``then`` must always say the
    same: it is asked once.
    """
    return Change(_upsert(into, tuple(values), then), values)


def insert_if_absent(conn: Connection, into: Table, values: Mapping[str, Any]) -> bool:
    """Inserts a row unless a unique key already has it; True if this call inserted it.

    The decision is the database's, in one statement, so two callers never both get True.
    """
    return absent(into, values).run(conn) == 1


@lru_cache(maxsize=128)
def _insert(into: Table, names: tuple[str, ...]) -> Statement:
    row = _binds(into, names)

    def build(dialect: str) -> Insert:
        if dialect == "postgresql":
            return postgresql.insert(into).values(row).on_conflict_do_nothing().inline()
        if dialect == "sqlite":
            return sqlite.insert(into).values(row).on_conflict_do_nothing().inline()
        return into.insert().prefix_with("IGNORE").values(row).inline()

    return Statement(build)


@lru_cache(maxsize=128)
def _insert_all(into: Table, names: tuple[str, ...], count: int) -> Statement:
    rows = [
        {name: bindparam(f"{name}_{at}", type_=into.c[name].type) for name in names} for at in range(count)
    ]
    return Statement(lambda _dialect: into.insert().values(rows))


@lru_cache(maxsize=32)
def _upsert(into: Table, names: tuple[str, ...], then: Callable[[Any], Mapping[str, Any]]) -> Statement:
    row, key = _binds(into, names), list(into.primary_key.columns)

    def build(dialect: str) -> Insert:
        if dialect == "postgresql":
            on_postgresql = postgresql.insert(into).values(row).inline()
            return on_postgresql.on_conflict_do_update(index_elements=key, set_=then(on_postgresql.excluded))
        if dialect == "sqlite":
            on_sqlite = sqlite.insert(into).values(row).inline()
            return on_sqlite.on_conflict_do_update(index_elements=key, set_=then(on_sqlite.excluded))
        on_mysql = mysql.insert(into).values(row).inline()
        return on_mysql.on_duplicate_key_update(**then(on_mysql.inserted))

    return Statement(build)


def _binds(of: Table, names: Sequence[str]) -> dict[str, Any]:
    return {name: bindparam(name, type_=of.c[name].type) for name in names}
