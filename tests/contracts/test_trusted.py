"""Connections that have answered a moment ago are not tried before use; all others are."""

from __future__ import annotations

import pytest

from infra import database as of_database
from infra.database import Database
from infra.errors import Unavailable
from tests.contracts.test_lookup import end_all_connections

AS_LONG_AS_IT_TAKES_S = 3600.0


@pytest.fixture
def server(database: Database) -> Database:
    if database.dialect == "sqlite":
        pytest.skip("a file closes no connection")
    for conn in [database.engine.connect() for _ in range(3)]:
        conn.exec_driver_sql("SELECT 1")
        conn.close()
    return database


def outcomes(database: Database, times: int) -> list[bool]:
    return [answers(database) for _ in range(times)]


def answers(database: Database) -> bool:
    try:
        with database.transaction() as conn:
            conn.exec_driver_sql("SELECT 1")
    except Unavailable:
        return False
    return True


def test_one_that_has_lain_idle_is_tried_and_replaced(
    server: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_database, "TRUSTED_S", 0.0)
    end_all_connections(server)
    assert outcomes(server, 4) == [True] * 4


def test_a_server_that_was_restarted_costs_one_that_was_trusted_and_not_each_of_them(
    server: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_database, "TRUSTED_S", AS_LONG_AS_IT_TAKES_S)
    end_all_connections(server)
    assert outcomes(server, 4) == [False, True, True, True]
