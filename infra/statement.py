"""Writing in the path of every payment: statements compiled once, then handed to the driver.

To build an update and to look it up in SQLAlchemy's cache costs several times what the update does. Elsewhere
that does not matter. What is run here is seen by the engine's events, and its errors are SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from infra.lookup import Prepared


class Statement:
    """``change(conn, name=…)`` runs it with values for its `bindparam`; returns how many rows changed."""

    def __init__(self, statement: Insert | Update) -> None:
        self._statement = statement
        self._prepared: dict[str, Prepared] = {}

    def __call__(self, conn: Connection, **given: Any) -> int:
        prepared = self._prepared.get(conn.dialect.name) or self._prepare(conn.dialect)
        return conn.exec_driver_sql(prepared.sql, prepared.parameters(given)).rowcount

    def _prepare(self, dialect: Dialect) -> Prepared:
        """The statement's text depends on the kind of database alone."""
        self._prepared[dialect.name] = made = Prepared(dialect, self._statement)
        return made


def insert_if_absent(conn: Connection, into: Table, values: Mapping[str, Any]) -> bool:
    """Inserts a row unless a unique key already has it; True if this call inserted it.

    The decision is the database's, in one statement, so two callers never both get True.
    """
    return _insert(conn.dialect.name, into, tuple(values))(conn, **values) == 1


def insert(conn: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Several rows of the same columns in one statement; one that is there already is an error."""
    names = tuple(rows[0])
    given = {f"{name}_{at}": row[name] for at, row in enumerate(rows) for name in names}
    _insert_all(into, names, len(rows))(conn, **given)


@lru_cache(maxsize=128)
def _insert(dialect: str, into: Table, names: tuple[str, ...]) -> Statement:
    row = {name: bindparam(name, type_=into.c[name].type) for name in names}
    if dialect == "postgresql":
        return Statement(postgresql.insert(into).values(row).on_conflict_do_nothing().inline())
    if dialect == "sqlite":
        return Statement(sqlite.insert(into).values(row).on_conflict_do_nothing().inline())
    return Statement(into.insert().prefix_with("IGNORE").values(row).inline())


@lru_cache(maxsize=128)
def _insert_all(into: Table, names: tuple[str, ...], count: int) -> Statement:
    rows = [
        {name: bindparam(f"{name}_{at}", type_=into.c[name].type) for name in names} for at in range(count)
    ]
    return Statement(into.insert().values(rows))
