"""What stands in the path of every message: statements compiled once, then run by the driver itself.

SQLAlchemy's machinery around a statement costs several times what the statement does. Elsewhere that does not
matter, and `Database.reading` is the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.pool import PoolProxiedConnection

from infra.errors import Unavailable

if TYPE_CHECKING:
    from infra.database import Database

Process = Callable[[Any], Any]


class Prepared:
    """A statement as the driver takes it: its text, and its parameters in the driver's own form."""

    def __init__(self, dialect: Dialect, statement: Select[Any] | Insert | Update) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._fixed: Mapping[str, Any] = compiled.params
        self._order: tuple[str, ...] | None = (
            tuple(compiled.positiontup or ()) if compiled.positional else None
        )
        self._processes: dict[str, Process] = {
            name: process
            for name, bind in compiled.binds.items()
            if (process := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }

    def parameters(self, given: Mapping[str, Any]) -> Any:
        """For one row or one query."""
        values = {**self._fixed, **given}
        for name, process in self._processes.items():
            values[name] = process(values[name])
        return tuple(values[name] for name in self._order) if self._order is not None else values


class Rows:
    """Inserts many rows at once: ``insert`` as the driver takes it, without what SQLAlchemy puts around it.

    SQLite's driver runs a statement anew for each row, and lets the interpreter go each time: between busy
    threads that costs more than the row. There one statement holds them all.
    """

    def __init__(self, db: Database, insert: Insert) -> None:
        self._prepared = Prepared(db.engine.dialect, insert)
        self._in_one = db.engine.dialect.name == "sqlite"

    def insert(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """At most a thousand or so: SQLite bounds how many values one statement has."""
        values = [self._prepared.parameters(row) for row in rows]
        if self._in_one:
            conn.exec_driver_sql(_repeated(self._prepared.sql, len(rows)), tuple(chain.from_iterable(values)))
        else:
            conn.exec_driver_sql(self._prepared.sql, values)


@lru_cache(maxsize=256)
def _repeated(sql: str, rows: int) -> str:
    head, values, group = sql.rpartition(" VALUES ")
    return head + values + ", ".join([group] * rows)


class _Gone(Unavailable):
    """A connection that was kept has died."""


class LookUp:
    """``look_up(openid=…)`` gives the rows as the driver gives them: select plain text and numbers only.

    ``statement`` names its parameters by `bindparam`. Raises Unavailable when the database does not answer.
    """

    def __init__(self, db: Database, statement: Select[Any]) -> None:
        self._db = db
        self._prepared = Prepared(db.engine.dialect, statement)

    def __call__(self, **given: Any) -> list[tuple[Any, ...]]:
        values = self._prepared.parameters(given)
        connection = self._db.borrow_again()
        if connection is not None:
            try:
                return self._run(connection, values)
            except _Gone:
                pass  # The server has closed it since. To ask twice does no harm: only reading is done here.
        return self._run(self._db.borrow(), values)

    def _run(self, connection: PoolProxiedConnection, values: Any) -> list[tuple[Any, ...]]:
        try:
            cursor = connection.cursor()
            cursor.execute(self._prepared.sql, values)
            rows = [tuple(row) for row in cursor.fetchall()]
            cursor.close()
        except self._db.driver_errors as error:
            failure = _Gone if self._db.lost(connection, error) else Unavailable
            raise failure("the database does not answer", hint=type(error).__name__) from error
        self._db.give_back(connection)
        return rows
