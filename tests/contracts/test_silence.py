"""A store that goes silent is asked by one at a time, and found again when it is back."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import bindparam, make_url, select

from infra.database import Database, Patience, metadata
from infra.errors import Unavailable
from infra.keyvalue_redis import RedisStore
from infra.keyvalue_sqlite import SqliteStore
from infra.lookup import LookUp
from infra.silence import REST_S, TRYING_S, Silence
from payments.tables import grants
from tests.servers import Proxy, own_redis, proxy
from tests.waiting import until

STATEMENT_S = 1
QUICK_S = 0.8
OWNED = select(grants.c.item_id).where(grants.c.openid == bindparam("openid"))


# By itself


@dataclass
class Time:
    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


def admitted(silence: Silence) -> bool:
    try:
        silence.admit()
    except Unavailable:
        return False
    return True


def test_all_are_admitted_until_somebody_has_waited_in_vain() -> None:
    silence = Silence("store", now_s=Time())
    assert admitted(silence)
    silence.broken()
    assert not admitted(silence)


def test_after_a_rest_one_may_try_and_the_others_wait_for_what_comes_of_it() -> None:
    now = Time()
    silence = Silence("store", now_s=now)
    silence.broken()
    now.now_s += REST_S
    assert [admitted(silence) for _ in range(3)] == [True, False, False]
    silence.heard()
    assert [admitted(silence) for _ in range(3)] == [True, True, True]


def test_who_tries_in_vain_begins_another_rest() -> None:
    now = Time()
    silence = Silence("store", now_s=now)
    silence.broken()
    now.now_s += REST_S
    assert admitted(silence)
    silence.broken()
    now.now_s += REST_S / 2
    assert not admitted(silence)
    now.now_s += REST_S / 2
    assert admitted(silence)


def test_who_tries_and_never_comes_back_is_followed_by_another() -> None:
    now = Time()
    silence = Silence("store", now_s=now)
    silence.broken()
    now.now_s += REST_S
    assert admitted(silence)
    now.now_s += TRYING_S
    assert [admitted(silence) for _ in range(2)] == [True, False]


def test_one_that_was_slow_once_is_not_silent_yet_where_that_happens() -> None:
    silence = Silence("store", after=2, now_s=Time())
    silence.broken()
    assert admitted(silence)
    silence.heard()
    silence.broken()
    assert admitted(silence)
    silence.broken()
    assert not admitted(silence)


# A database server


SERVERS = pytest.mark.parametrize(
    "database_url",
    [
        pytest.param("postgresql", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ],
    indirect=True,
)


@pytest.fixture
def between(database_url: str) -> Iterator[Proxy]:
    """The way to the server."""
    url = make_url(database_url)
    with proxy(str(url.host), int(url.port or 0)) as opened:
        yield opened


@pytest.fixture
def reached(database_url: str, between: Proxy) -> Iterator[Database]:
    """A database with all tables, by a way that can be broken; it is impatient."""
    url = make_url(database_url).set(host="127.0.0.1", port=between.port)
    opened = Database(url, patience=Patience(statement_s=STATEMENT_S))
    metadata.create_all(opened.engine)
    yield opened
    between.cut()
    opened.close()


def reads(database: Database) -> object:
    with database.reading() as conn:
        return conn.execute(select(grants.c.item_id)).all()


def writes(database: Database) -> object:
    with database.transaction() as conn:
        return conn.execute(grants.delete())


def timed(work: Callable[[], object]) -> tuple[float, bool]:
    """Seconds, and whether it was done."""
    began = time.monotonic()
    try:
        work()
    except Unavailable:
        return time.monotonic() - began, False
    return time.monotonic() - began, True


def ways_of(database: Database) -> list[Callable[[], object]]:
    look_up = LookUp(database, OWNED)
    return [lambda: reads(database), lambda: writes(database), lambda: look_up(openid="oX")]


@SERVERS
@pytest.mark.parametrize("way", range(3), ids=["reading", "writing", "looking up"])
def test_a_database_that_hangs_is_waited_for_once(reached: Database, between: Proxy, way: int) -> None:
    ways = ways_of(reached)
    with ThreadPoolExecutor(9) as pool:  # connections that lie idle afterwards
        assert all(done for _, done in pool.map(timed, ways * 3))
        between.hang()
        seconds, done = timed(ways[way])
        assert not done
        assert STATEMENT_S <= seconds < STATEMENT_S + 1.5
        assert all(one[0] < QUICK_S and not one[1] for one in pool.map(timed, ways * 3))
    between.mend()
    until(lambda: all(timed(one)[1] for one in ways), "the database")
    assert all(timed(one)[0] < QUICK_S for one in ways)


@SERVERS
def test_connections_that_stay_silent_for_ever_are_not_tried_one_by_one(
    reached: Database, between: Proxy
) -> None:
    ways = ways_of(reached)
    with ThreadPoolExecutor(9) as pool:
        assert all(done for _, done in pool.map(timed, ways * 3))
    between.hang()
    assert not timed(ways[0])[1]
    between.cut()
    between.mend()
    began = time.monotonic()
    until(lambda: all(timed(one)[1] for one in ways), "the database", timeout_s=REST_S + 4)
    assert time.monotonic() - began < REST_S + 3


@SERVERS
@pytest.mark.parametrize("way", range(3), ids=["reading", "writing", "looking up"])
def test_a_database_that_refuses_is_unavailable_at_once_and_again_at_once_there(
    reached: Database, between: Proxy, way: int
) -> None:
    ways = ways_of(reached)
    assert all(timed(one)[1] for one in ways)
    between.cut()
    for _ in range(3):
        seconds, done = timed(ways[way])
        assert (done, seconds < QUICK_S) == (False, True)
    between.mend()
    assert timed(ways[way])[1]


@SERVERS
def test_a_statement_that_the_server_gives_up_is_no_silence(reached: Database) -> None:
    slow = {"postgresql": "SELECT pg_sleep(9)", "mysql": "SELECT SLEEP(9)", "mariadb": "SELECT SLEEP(9)"}

    def sleeps() -> None:
        with reached.transaction() as conn:
            conn.exec_driver_sql(slow[reached.dialect])

    assert not timed(sleeps)[1]
    assert all(timed(one)[1] for one in ways_of(reached))


# Redis


@pytest.mark.redis
def test_a_redis_that_hangs_is_waited_for_twice_at_the_most(tmp_path: Path) -> None:
    with own_redis(tmp_path) as server:
        store = RedisStore(server.url, timeout_s=0.3)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: store.set(f"k{number}", b"1", ttl_s=60), range(32)))
        server.hang()
        waits = [timed(lambda: store.get("k1")) for _ in range(6)]
        assert not any(done for _, done in waits)
        assert sum(seconds > 0.2 for seconds, _ in waits) == 2
        server.go_on()
        until(lambda: timed(lambda: store.get("k1"))[1], "Redis")
        assert store.get("k1") == b"1"
        store.close()


@pytest.mark.redis
def test_a_redis_that_is_gone_is_no_silence(tmp_path: Path) -> None:
    with own_redis(tmp_path) as server:
        store = RedisStore(server.url, timeout_s=5)
        store.set("k", b"1", ttl_s=60)
        server.kill()
        assert all(timed(lambda: store.get("k"))[0] < QUICK_S for _ in range(4))
        server.start()
        assert store.get("k") is None
        store.close()


# The embedded store, which somebody else holds


def test_an_embedded_store_that_is_locked_is_waited_for_once(tmp_path: Path) -> None:
    """As many ask at once as there are workers: none waits for the one before, and then for the lock."""
    store = SqliteStore(tmp_path / "kv.db", wait_s=0.4)
    store.set("k", b"before", ttl_s=60)
    holder = sqlite3.connect(tmp_path / "kv.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    def seconds_in_vain(_number: int) -> float:
        started = time.monotonic()
        with pytest.raises(Unavailable):
            store.set("k", b"meanwhile", ttl_s=60)
        return time.monotonic() - started

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(seconds_in_vain, range(8)))
    assert max(together) < 2 * 0.4
    assert max(seconds_in_vain(number) for number in range(3)) < 0.2
    holder.execute("ROLLBACK")
    until(lambda: answers(store), "the embedded store")
    assert store.get("k") == b"now"
    holder.close()
    store.close()


def answers(store: SqliteStore) -> bool:
    try:
        store.set("k", b"now", ttl_s=60)
    except Unavailable:
        return False
    return True
