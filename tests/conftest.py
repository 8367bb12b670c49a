"""Fixtures that every room's tests share: real stores, each test with a database or key prefix of its own.

A server that is not there is left out with one line at the end of the run; with KEBAN_TEST_REQUIRE_SERVICES=1
(as continuous integration sets it) a missing one fails the run instead.
"""

from __future__ import annotations

import importlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import redis
import structlog
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from infra.clock import ManualClock
from infra.database import Database, metadata
from infra.keyvalue import KeyValueStore
from infra.keyvalue_redis import RedisStore
from infra.keyvalue_sqlite import SqliteStore
from sandbox import keys as sandbox_keys

POSTGRES_URL = os.environ.get(
    "KEBAN_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
MYSQL_URL = os.environ.get("KEBAN_TEST_MYSQL_URL", "mysql+pymysql://root@127.0.0.1:3306/mysql")
REDIS_URL = os.environ.get("KEBAN_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
REQUIRED = os.environ.get("KEBAN_TEST_REQUIRE_SERVICES") == "1"
ROOMS_WITH_TABLES = ("migrations.rooms",)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

_NOT_HERE = re.compile(r"not on this machine: (\w+)")


def pytest_configure() -> None:
    structlog.configure()  # as it is; a command that runs in this process does not set the log up anew
    for module in ROOMS_WITH_TABLES:
        importlib.import_module(module)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for what was left out; built from the reports, which reach here from every worker."""
    reasons = (str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    missing = {match.group(1) for reason in reasons if (match := _NOT_HERE.search(reason))}
    if missing:
        names = ", ".join(sorted(missing))
        terminalreporter.write_line(f"left out, because it is not on this machine: {names}")


def need(name: str, present: bool) -> None:
    """Skips the test when a service is missing, or fails it where all are required."""
    if present:
        return
    if REQUIRED:
        pytest.fail(f"{name} is required here and does not answer")
    pytest.skip(f"not on this machine: {name}")


@cache
def server_answers(url: str) -> bool:
    try:
        engine = create_engine(url, connect_args={"connect_timeout": 2})
        with engine.connect():
            return True
    except SQLAlchemyError:
        return False


@cache
def _redis_answers() -> bool:
    try:
        return bool(redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2).ping())
    except redis.RedisError:
        return False


@cache
def chromium_path() -> str | None:
    """The browser of this machine, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session", autouse=True)
def _no_configuration_of_the_developer() -> Iterator[None]:
    """A KEBAN_… of somebody's shell must not reach a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KEBAN_") and "TEST" not in name]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def platform_keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The secrets of a pretend account and merchant, as both sides of the wire know them."""
    made = sandbox_keys.make(tmp_path_factory.mktemp("keys"))
    return {name: value for name, value in made.items() if name not in ("config", "state_dir")}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/keban.db"


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Database]:
    """A SQLite database with all tables."""
    yield from _with_tables(sqlite_url)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ]
)
def database_url(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[str]:
    """The address of an empty database, once for each kind of server."""
    if request.param == "sqlite":
        yield sqlite_url
        return
    server = POSTGRES_URL if request.param == "postgresql" else MYSQL_URL
    need(request.param, server_answers(server))
    with own_database(server) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables, once for each kind of server."""
    yield from _with_tables(database_url)


@pytest.fixture
def redis_url() -> str:
    need("redis", _redis_answers())
    return REDIS_URL


@pytest.fixture(params=["embedded", pytest.param("redis", marks=pytest.mark.redis)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyValueStore]:
    """A key-value store, once embedded and once on Redis under a prefix of its own."""
    if request.param == "embedded":
        embedded = SqliteStore(tmp_path / "keyvalue.db")
        yield embedded
        embedded.close()
        return
    url = request.getfixturevalue("redis_url")
    prefix = f"keban-test-{secrets.token_hex(6)}:"
    on_redis = RedisStore(url, prefix=prefix)
    yield on_redis
    on_redis.close()
    client = redis.Redis.from_url(url)
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)


def _with_tables(url: str) -> Iterator[Database]:
    opened = Database(url)
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """An empty database on a server, dropped at the end; its address."""
    name = f"keban_test_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as conn:
            force = " WITH (FORCE)" if server.startswith("postgresql") else ""
            conn.execute(text(f"DROP DATABASE {name}{force}"))
        admin.dispose()
