"""`infra.lookup` and what stands on it, on each kind of database."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select, text

from infra.clock import ManualClock
from infra.database import Database, insert_if_absent
from infra.errors import Unavailable
from infra.lookup import LookUp
from payments.grant import OWNED_BY
from payments.rights import access_in
from payments.tables import grants

DAY_S = 86_400


def grant(
    database: Database, clock: ManualClock, item: str, *, days: int | None = None, **more: object
) -> None:
    now = clock.now()
    ends = None if days is None else ManualClock(now)
    if ends is not None and days is not None:
        ends.advance(days * DAY_S)
    row = {
        "openid": "oBuyer",
        "item_kind": "course",
        "item_id": item,
        "source": f"order:{item}",
        "status": "active",
        "starts_at": now,
        "expires_at": ends.now() if ends else None,
        "created_at": now,
        "updated_at": now,
    }
    with database.transaction() as conn:
        assert insert_if_absent(conn, grants, row | more)


def test_running_grants_are_found_and_others_are_not(database: Database, clock: ManualClock) -> None:
    grant(database, clock, "for-ever")
    grant(database, clock, "a-week", days=7)
    grant(database, clock, "a-day", days=1)
    grant(database, clock, "taken-back", status="revoked")
    grant(database, clock, "somebody-elses", openid="obuyer")
    clock.advance(2 * DAY_S)
    owned = LookUp(database, OWNED_BY)
    assert access_in(owned(openid="oBuyer", now=clock.now())).courses == {"for-ever", "a-week"}


def test_a_hostile_parameter_is_only_a_value(database: Database, clock: ManualClock) -> None:
    grant(database, clock, "for-ever")
    owned = LookUp(database, OWNED_BY)
    assert owned(openid="x' OR '1'='1", now=clock.now()) == []
    assert owned(openid="%s", now=clock.now()) == []


KILL = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mysql": "SELECT GROUP_CONCAT(id) FROM information_schema.processlist"
    " WHERE db = DATABASE() AND id <> CONNECTION_ID()",
}


def end_all_connections(database: Database) -> None:
    """As a restart of the server, or the idle limit of something between it and us, would."""
    dialect = "mysql" if database.dialect == "mariadb" else database.dialect
    with database.reading() as conn:
        found = conn.execute(text(KILL[dialect])).scalars().all()
        for number in str(found[0]).split(",") if dialect == "mysql" else ():
            conn.exec_driver_sql(f"KILL {int(number)}")


def test_a_kept_connection_that_the_server_closed_is_replaced(database: Database, clock: ManualClock) -> None:
    if database.dialect == "sqlite":
        pytest.skip("a file closes no connection")
    grant(database, clock, "for-ever")
    owned = LookUp(database, OWNED_BY)
    assert owned(openid="oBuyer", now=clock.now()) == [("course", "for-ever", "active")]
    end_all_connections(database)
    assert owned(openid="oBuyer", now=clock.now()) == [("course", "for-ever", "active")]


def test_a_query_that_fails_is_unavailable_and_the_next_one_works(
    database: Database, clock: ManualClock
) -> None:
    broken = LookUp(database, select(grants.c.item_id).where(grants.c.openid == bindparam("openid")))
    broken._prepared.sql = broken._prepared.sql.replace("grants", "no_such_table")
    with pytest.raises(Unavailable):
        broken(openid="oBuyer")
    assert LookUp(database, OWNED_BY)(openid="oBuyer", now=clock.now()) == []
