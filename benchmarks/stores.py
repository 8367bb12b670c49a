"""Stores of their own for a benchmark: a Redis on the client's core, a database in a PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from benchmarks.service import CLIENT_CORE, free_port, running

POSTGRES_URL = os.environ.get(
    "KEBAN_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)


class NotHere(Exception):
    """A server that this machine does not have; the benchmark is left out."""


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """The address of an empty Redis that keeps nothing on disk. Raises NotHere."""
    program = shutil.which("redis-server")
    if program is None:
        raise NotHere("redis-server")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running(command, port, {}, core=CLIENT_CORE):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def postgres_database() -> Iterator[str]:
    """The address of an empty database, dropped afterwards. Raises NotHere."""
    name = f"keban_bench_{secrets.token_hex(6)}"
    admin = create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    try:
        with admin.connect() as conn:
            conn.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        raise NotHere("PostgreSQL") from error
    try:
        yield make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as conn:
            conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
