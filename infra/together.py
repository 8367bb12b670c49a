"""Writing after everything is read and decided: many changes, one trip to the server where it can be one.

PostgreSQL runs them as one statement of many parts, each of which sees what was there before all of them; so
no two may change the same row. SQLite and MySQL are given one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from infra.errors import Unavailable
from infra.statement import Change

Names = tuple[tuple[tuple[str, str], ...], ...]
"""Of each statement: the name of each parameter, and the one that it is given by."""

_PARAMETER = re.compile(r"%\((\w+)\)s")


class Overtaken(Unavailable):
    """What was decided upon is not so any more; nothing of it is written. Trying again looks anew."""


class Together:
    """Changes to be written with ``write``, in the transaction of ``conn``. Reading is done before, on it."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self._changes: list[Change] = []
        self._musts: list[bool] = []

    def must(self, change: Change) -> None:
        """One that was decided upon by what was read, so it has to change something."""
        self._changes.append(change)
        self._musts.append(True)

    def may(self, change: Change) -> None:
        """One that may find its row there already."""
        self._changes.append(change)
        self._musts.append(False)

    def write(self) -> None:
        """Raises Overtaken, upon which the transaction has to be rolled back."""
        changes, musts = self._changes, self._musts
        self._changes, self._musts = [], []
        counts = _write(self.conn, changes)
        if not all(count for count, must in zip(counts, musts, strict=True) if must):
            raise Overtaken("somebody else has changed meanwhile what was to be changed")


@contextmanager
def together(conn: Connection) -> Iterator[Together]:
    """Written at the end of the block."""
    writing = Together(conn)
    yield writing
    writing.write()


def _write(conn: Connection, changes: Sequence[Change]) -> Sequence[int]:
    if conn.dialect.name != "postgresql" or len(changes) < 2:
        return [change.run(conn) for change in changes]
    prepared = [change.statement.prepared(conn.dialect) for change in changes]
    values = [one.parameters(change.given) for one, change in zip(prepared, changes, strict=True)]
    names, given = _once_each(values)
    return tuple(conn.exec_driver_sql(_in_one(tuple(one.sql for one in prepared), names), given).one())


def _once_each(values: Sequence[Mapping[str, Any]]) -> tuple[Names, dict[str, Any]]:
    """One short name for each value: an order's number and the moment stand in nearly every row, and the
    driver need not convert them every time.
    """
    known: dict[tuple[type, Any], str] = {}
    names = tuple(
        tuple((name, known.setdefault((type(value), value), f"p{len(known)}")) for name, value in one.items())
        for one in values
    )
    return names, {short: value for (_, value), short in known.items()}


@lru_cache(maxsize=256)
def _in_one(texts: tuple[str, ...], names: Names) -> str:
    """Each statement a part of one, with its parameters' names replaced, and how many rows each changed."""
    parts = [_renamed(text, dict(pairs)) for text, pairs in zip(texts, names, strict=True)]
    written = ", ".join(f"c{at} AS ({part} RETURNING 1)" for at, part in enumerate(parts))
    counted = ", ".join(f"(SELECT count(*) FROM c{at})" for at in range(len(parts)))  # noqa: S608 - a number
    return f"WITH {written} SELECT {counted}"


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return _PARAMETER.sub(lambda found: f"%({names[found[1]]})s", text)
