"""Reading within the transaction of every payment: selects compiled once, then run by the driver.

The same as `infra.statement` is for writing; `infra.lookup` reads outside of transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Dialect, Select

from infra.lookup import Prepared

Process = Callable[[Any], Any]


class Question:
    """``ask(conn, name=…)`` gives the rows by column, with values for the select's `bindparam`.

    What is run is seen by the engine's events, and its errors are SQLAlchemy's.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._names = tuple(statement.selected_columns.keys())
        self._prepared: dict[str, tuple[Prepared, list[tuple[str, Process]]]] = {}

    def __call__(self, conn: Connection, **given: Any) -> list[dict[str, Any]]:
        prepared, processes = self._prepared.get(conn.dialect.name) or self._prepare(conn.dialect)
        rows = conn.exec_driver_sql(prepared.sql, prepared.parameters(given)).all()
        found = [dict(zip(self._names, row, strict=True)) for row in rows]
        for row in found:
            for name, process in processes:
                row[name] = process(row[name])
        return found

    def _prepare(self, dialect: Dialect) -> tuple[Prepared, list[tuple[str, Process]]]:
        """Text and ways of reading depend on the kind of database alone."""
        made = Prepared(dialect, self._statement), _ways_of_reading(dialect, self._statement)
        self._prepared[dialect.name] = made
        return made


def _ways_of_reading(dialect: Dialect, statement: Select[Any]) -> list[tuple[str, Process]]:
    """For those columns that are something else to the driver: moments, truths, JSON."""
    impls = ((name, column.type.dialect_impl(dialect)) for name, column in statement.selected_columns.items())
    ways = ((name, impl.result_processor(dialect, None)) for name, impl in impls)
    return [(name, way) for name, way in ways if way is not None]
