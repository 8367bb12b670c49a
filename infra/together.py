"""Writing after everything is read and decided: many changes, one trip to the server where it can be one.

PostgreSQL runs the changes of one matter as one statement of many parts, each of which sees what was there
before all of them (so no two may change the same row), and several matters of the same kind one after the
other without waiting in between. SQLite and MySQL are given one statement after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection

from infra.errors import Unavailable
from infra.statement import Change

Names = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Of each statement: the names of its parameters, and those that they are given by."""

_PARAMETER = re.compile(r"%\((\w+)\)s")


class Overtaken(Unavailable):
    """What was decided upon is not so any more; nothing of it is written. Trying again looks anew."""


class _Part(NamedTuple):
    change: Change
    is_must: bool


class Together:
    """Changes to be written with ``write``, in the transaction of ``conn``. Reading is done before, on it."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self._matters: list[list[_Part]] = [[]]

    def must(self, change: Change) -> None:
        """One that was decided upon by what was read, so it has to change something."""
        self._matters[-1].append(_Part(change, True))

    def may(self, change: Change) -> None:
        """One that may find its row there already."""
        self._matters[-1].append(_Part(change, False))

    def next_matter(self) -> None:
        """What comes now has nothing to do with what came before."""
        self._matters.append([])

    def write(self) -> None:
        """Raises Overtaken, upon which the transaction has to be rolled back."""
        matters, self._matters = [matter for matter in self._matters if matter], [[]]
        if self.conn.dialect.name == "postgresql":
            is_written = _write_in_one(self.conn, matters)
        else:
            is_written = all(_write_each(self.conn, matter) for matter in matters)
        if not is_written:
            raise Overtaken("somebody else has changed meanwhile what was to be changed")


@contextmanager
def together(conn: Connection) -> Iterator[Together]:
    """Written at the end of the block."""
    writing = Together(conn)
    yield writing
    writing.write()


def _write_each(conn: Connection, matter: Sequence[_Part]) -> bool:
    return all(change.run(conn) or not is_must for change, is_must in matter)


def _write_in_one(conn: Connection, matters: Sequence[Sequence[_Part]]) -> bool:
    statements = [_statement(conn, matter) for matter in matters]
    for sql, same in groupby(statements, lambda statement: statement[0]):
        given = [values for _, values in same]
        # With several the driver puts one after the other on its way before it looks at any answer.
        if conn.exec_driver_sql(sql, given if len(given) > 1 else given[0]).rowcount != len(given):
            return False
    return True


def _statement(conn: Connection, matter: Sequence[_Part]) -> tuple[str, dict[str, Any]]:
    prepared = [part.change.statement.prepared(conn.dialect) for part in matter]
    values = [one.parameters(part.change.given) for one, part in zip(prepared, matter, strict=True)]
    names, given = _once_each(values)
    musts = tuple(part.is_must for part in matter)
    return _in_one(tuple(one.sql for one in prepared), names, musts), given


def _once_each(values: Sequence[Mapping[str, Any]]) -> tuple[Names, dict[str, Any]]:
    """One short name for each value: an order's number and the moment stand in nearly every row, and the
    driver need not convert them every time.
    """
    known: dict[tuple[type, Any], str] = {}
    names = []
    for one in values:
        shorts = []
        for value in one.values():
            key = (type(value), value)
            short = known.get(key)
            if short is None:
                short = known[key] = f"p{len(known)}"
            shorts.append(short)
        names.append((tuple(one), tuple(shorts)))
    return tuple(names), {short: value for (_, value), short in known.items()}


@lru_cache(maxsize=256)
def _in_one(texts: tuple[str, ...], names: Names, musts: tuple[bool, ...]) -> str:
    """Each statement a part of one, its parameters renamed; one row, if all has changed that must."""
    parts = [
        _renamed(text, dict(zip(*of_one, strict=True))) for text, of_one in zip(texts, names, strict=True)
    ]
    written = ", ".join(f"c{at} AS ({part} RETURNING 1)" for at, part in enumerate(parts))
    changed = " AND ".join(f"EXISTS (SELECT FROM c{at})" for at, is_must in enumerate(musts) if is_must)
    return f"WITH {written} SELECT 1 WHERE {changed or 'true'}"


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return _PARAMETER.sub(lambda found: f"%({names[found[1]]})s", text)
