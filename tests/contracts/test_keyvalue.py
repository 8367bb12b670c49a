"""One suite, both stores: what `infra.keyvalue.KeyValueStore` promises."""

from __future__ import annotations

import secrets
import socket
import socketserver
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
import redis

from infra.errors import ConfigError, LockTimeout, Unavailable
from infra.keyvalue import Add, DeleteIf, Get, KeyValueStore, Set, Swap
from infra.keyvalue_redis import RedisStore
from infra.keyvalue_sqlite import SqliteStore

MINUTE_S = 60.0


def test_an_absent_key_has_no_value(store: KeyValueStore) -> None:
    assert store.get("nobody") is None


def test_what_was_set_is_read_back_byte_for_byte(store: KeyValueStore) -> None:
    store.set("k", b"\x00\xff\xe8\xaf\xbe", ttl_s=MINUTE_S)
    assert store.get("k") == b"\x00\xff\xe8\xaf\xbe"


def test_set_replaces(store: KeyValueStore) -> None:
    store.set("k", b"1", ttl_s=MINUTE_S)
    store.set("k", b"2", ttl_s=MINUTE_S)
    assert store.get("k") == b"2"


def test_add_succeeds_once(store: KeyValueStore) -> None:
    assert [store.add("k", b"a", ttl_s=MINUTE_S), store.add("k", b"b", ttl_s=MINUTE_S)] == [True, False]
    assert store.get("k") == b"a"


def test_of_many_concurrent_adds_one_wins(store: KeyValueStore) -> None:
    won: list[int] = []
    barrier = threading.Barrier(8)

    def claim(number: int) -> None:
        barrier.wait()
        if store.add("claim", b"%d" % number, ttl_s=MINUTE_S):
            won.append(number)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.get("claim") == b"%d" % won[0]


def test_swap_writes_only_over_the_expected_value(store: KeyValueStore) -> None:
    store.set("k", b"old", ttl_s=MINUTE_S)
    assert not store.swap("k", b"other", b"new", ttl_s=MINUTE_S)
    assert store.swap("k", b"old", b"new", ttl_s=MINUTE_S)
    assert store.get("k") == b"new"


def test_swap_from_none_means_absent(store: KeyValueStore) -> None:
    assert store.swap("k", None, b"first", ttl_s=MINUTE_S)
    assert not store.swap("k", None, b"second", ttl_s=MINUTE_S)


def test_steps_of_one_trip_give_what_each_call_would(store: KeyValueStore) -> None:
    store.set("old", b"1", ttl_s=MINUTE_S)
    results = store.together(
        Get("old"),
        Get("nobody"),
        Set("k", b"a", MINUTE_S),
        Add("k", b"b", MINUTE_S),
        Swap("k", b"other", b"c", MINUTE_S),
        Swap("k", b"a", b"d", MINUTE_S),
        Swap("new", None, b"e", MINUTE_S),
        Swap("new", None, b"f", MINUTE_S),
        Get("k"),
        DeleteIf("old", b"2"),
        DeleteIf("old", b"1"),
        Get("old"),
    )
    assert results == [b"1", None, None, False, False, True, True, False, b"d", False, True, None]
    assert (store.get("k"), store.get("new")) == (b"d", b"e")


def test_a_trip_of_no_steps_is_none(store: KeyValueStore) -> None:
    assert store.together() == []


def test_a_bad_step_is_refused_and_leaves_the_store_usable(store: KeyValueStore) -> None:
    with pytest.raises(ValueError, match="a key has"):
        store.together(Set("k", b"a", MINUTE_S), Get(""))
    store.set("k", b"after", ttl_s=MINUTE_S)
    assert store.get("k") == b"after"


def test_of_many_trips_at_once_one_wins(store: KeyValueStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        trips = [pool.submit(store.together, Add("claim", b"x", MINUTE_S), Get("claim")) for _ in range(32)]
        results = [trip.result() for trip in trips]
    assert [won for won, _ in results].count(True) == 1
    assert {found for _, found in results} == {b"x"}


def test_delete_if_spares_another_value(store: KeyValueStore) -> None:
    store.set("k", b"mine", ttl_s=MINUTE_S)
    assert not store.delete_if("k", b"yours")
    assert store.delete_if("k", b"mine")
    assert store.get("k") is None


def test_delete_of_an_absent_key_is_no_error(store: KeyValueStore) -> None:
    store.delete("nobody")


def test_a_counter_counts_and_reads_as_text(store: KeyValueStore) -> None:
    assert [store.increment("n", ttl_s=MINUTE_S), store.increment("n", ttl_s=MINUTE_S, by=4)] == [1, 5]
    assert store.get("n") == b"5"


def test_a_value_expires(store: KeyValueStore) -> None:
    store.set("k", b"v", ttl_s=0.03)
    expired = threading.Event()
    assert not expired.wait(0.08)
    assert store.get("k") is None
    assert store.add("k", b"again", ttl_s=MINUTE_S)


def test_a_lock_keeps_the_second_out_and_is_freed(store: KeyValueStore) -> None:
    with (
        store.lock("till", ttl_s=MINUTE_S, wait_s=0.5),
        pytest.raises(LockTimeout),
        store.lock("till", ttl_s=MINUTE_S, wait_s=0.02),
    ):
        pass
    with store.lock("till", ttl_s=MINUTE_S, wait_s=0.02):
        pass


def test_a_lock_whose_holder_died_is_free_after_its_time(store: KeyValueStore) -> None:
    store.add("lock:till", b"dead holder", ttl_s=0.05)
    with store.lock("till", ttl_s=MINUTE_S, wait_s=2):
        pass


def test_a_slow_holder_does_not_free_the_next_ones_lock(store: KeyValueStore) -> None:
    with store.lock("till", ttl_s=MINUTE_S, wait_s=0.5):
        store.set("lock:till", b"next holder", ttl_s=MINUTE_S)
    assert store.get("lock:till") == b"next holder"


def test_bad_keys_and_huge_values_are_refused(store: KeyValueStore) -> None:
    with pytest.raises(ValueError, match="characters"):
        store.get("")
    with pytest.raises(ValueError, match="characters"):
        store.get("k" * 201)
    with pytest.raises(ValueError, match="bytes"):
        store.set("k", b"x" * (512 * 1024 + 1), ttl_s=1)


def test_the_embedded_store_survives_a_restart(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "kv.db")
    first.set("k", b"v", ttl_s=MINUTE_S)
    first.close()
    assert SqliteStore(tmp_path / "kv.db").get("k") == b"v"


def test_the_embedded_store_forgets_what_expired(tmp_path: Path) -> None:
    now = [1000.0]
    kept = SqliteStore(tmp_path / "kv.db", now_s=lambda: now[0])
    kept.set("k", b"v", ttl_s=10)
    now[0] += 11
    assert kept.get("k") is None
    assert kept.increment("k", ttl_s=10) == 1


def test_a_redis_that_is_not_there_is_unavailable_not_a_traceback() -> None:
    nobody = RedisStore("redis://127.0.0.1:1/0", timeout_s=0.2)
    with pytest.raises(Unavailable):
        nobody.get("k")


def test_a_redis_address_that_is_none_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match=r"redis\.url"):
        RedisStore("http://example.org")


def test_the_embedded_file_is_bounded_by_what_is_alive(tmp_path: Path) -> None:
    now = [1000.0]
    kept = SqliteStore(tmp_path / "kv.db", now_s=lambda: now[0])
    kept.set("alive", b"v", ttl_s=1_000_000)
    for number in range(6_000):
        kept.set(f"passing:{number}", b"v", ttl_s=10)
        now[0] += 0.1
    rows = sqlite3.connect(tmp_path / "kv.db").execute("SELECT COUNT(*) FROM kv").fetchone()[0]
    assert rows < 1_500
    assert kept.get("alive") == b"v"


def test_a_store_that_keeps_what_it_is_given_is_ready(store: KeyValueStore) -> None:
    store.ping()
    store.ping()


def test_an_embedded_store_that_cannot_write_is_not_ready(tmp_path: Path) -> None:
    kept = SqliteStore(tmp_path / "kv.db")
    with kept._connected as conn:
        conn.execute("PRAGMA query_only=ON")  # as good as a file system that is read-only
    with pytest.raises(Unavailable, match="readonly"):
        kept.ping()
    kept.close()


@pytest.mark.redis
def test_a_redis_that_may_only_be_read_is_not_ready(redis_url: str) -> None:
    admin, name = redis.Redis.from_url(redis_url), f"keban-test-{secrets.token_hex(4)}"
    admin.acl_setuser(name, enabled=True, nopass=True, keys=["*"], commands=["+@read", "+@connection"])
    try:
        reader = RedisStore(redis_url.replace("://", f"://{name}:any@"))
        with pytest.raises(Unavailable):
            reader.ping()
        reader.close()
    finally:
        admin.acl_deluser(name)


class Muting(socketserver.BaseRequestHandler):
    """Stands before the real Redis, and from the first SET on keeps the answers to itself."""

    real: ClassVar[tuple[str, int]]
    sets: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        with socket.create_connection(self.real) as redis_itself:
            muted = threading.Event()

            def answers() -> None:
                while data := redis_itself.recv(65536):
                    if not muted.is_set():
                        self.request.sendall(data)

            threading.Thread(target=answers, daemon=True).start()
            while data := self.request.recv(65536):
                if b"\r\nSET\r\n" in data:
                    muted.set()
                    self.sets.append(data)
                redis_itself.sendall(data)


def test_a_command_that_redis_may_have_done_is_not_sent_again(redis_url: str) -> None:
    real = urlsplit(redis_url)
    Muting.real = (str(real.hostname), real.port or 6379)
    Muting.sets.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Muting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        store = RedisStore(
            f"redis://127.0.0.1:{server.server_address[1]}{real.path}",
            prefix=f"muted:{secrets.token_hex(4)}:",
            timeout_s=0.2,
        )
        with pytest.raises(Unavailable):
            store.add("k", b"mine", ttl_s=1)
        store.close()
        server.shutdown()
    assert len(Muting.sets) == 1


def test_many_values_are_set_in_one_trip_and_the_last_of_a_key_counts(store: KeyValueStore) -> None:
    names = [f"k{number}" for number in range(130)]
    store.together(*(Set(name, b"old", MINUTE_S) for name in names[::2]))
    results = store.together(
        *(Set(name, name.encode(), MINUTE_S) for name in names), Set("k7", b"last", MINUTE_S)
    )
    assert results == [None] * 131
    assert [store.get(name) for name in names] == [b"last" if n == "k7" else n.encode() for n in names]
