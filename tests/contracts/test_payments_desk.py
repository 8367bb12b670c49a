"""What the till repeats by itself, and what it must not repeat."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from infra import database as of_database
from infra.clock import ManualClock
from infra.database import Database
from infra.errors import Unavailable
from infra.together import Overtaken, Together
from payments.desk import Desk
from tests.contracts.test_lookup import end_all_connections
from tests.unit.payments.counter import Counter

AS_LONG_AS_IT_TAKES_S = 3600.0


@pytest.fixture
def desk(database: Database, clock: ManualClock) -> Desk:
    return Counter.opened(database, clock).till.desk


@pytest.fixture
def server(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Its connections have answered just now, so they are not tried before use."""
    if desk.db.dialect == "sqlite":
        pytest.skip("a file closes no connection")
    monkeypatch.setattr(of_database, "TRUSTED_S", AS_LONG_AS_IT_TAKES_S)
    desk.write(one)
    return desk


def one(conn: Connection) -> int:
    return int(conn.execute(text("SELECT 1")).scalar_one())


def test_what_is_overtaken_is_looked_into_anew(desk: Desk) -> None:
    looks: list[str] = []

    def work(writing: Together) -> str:
        looks.append("look")
        if len(looks) == 1:
            raise Overtaken("somebody was quicker")
        return "written"

    assert desk.write_together(work) == "written"
    assert len(looks) == 2


def test_what_is_overtaken_again_and_again_is_unavailable(desk: Desk) -> None:
    def work(writing: Together) -> None:
        raise Overtaken("somebody is always quicker")

    with pytest.raises(Overtaken):
        desk.write_together(work)


def test_a_restart_of_the_server_costs_the_till_nothing(server: Desk) -> None:
    end_all_connections(server.db)
    assert server.write(one) == 1


def test_what_is_cut_in_the_commit_is_not_repeated(server: Desk) -> None:
    """It may be committed, and nobody knows."""
    runs: list[int] = []

    def work(conn: Connection) -> None:
        runs.append(one(conn))
        end_all_connections(server.db)

    with pytest.raises(Unavailable):
        server.write(work)
    assert len(runs) == 1
