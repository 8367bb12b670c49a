"""How fast payments are settled, against the least that any settling has to do: verify, decrypt, one commit.

On PostgreSQL. They take turns in one process, so what else this machine does slows all of them. One after the
other, and as many at once as the service takes in: what arrives together is settled together.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import event, func, make_url, select

from benchmarks.limit import Limit
from benchmarks.purchases import Delivery, gateway, paid, purchases, put_on_pay_pages, sealed
from benchmarks.stores import postgres_database
from infra.clock import SystemClock
from infra.database import Database
from infra.log import configure_for_commands
from infra.migrate import upgrade
from payments.tables import grants
from payments.till import Till
from tests.unit.payments.pretend_wechatpay import API_V3_KEY, PretendWeChatPay

ROUNDS = 9
EACH = 60
AT_LEAST = 0.4
AT_ONCE = 8  # threads that the service has for notifications
SOLD_BEFORE, FIRST_SOLD = 2000, 1_000_000


class Kind(NamedTuple):
    what: str
    threads: int


KINDS = (Kind("settled", 1), Kind("one row", 1), Kind("settled", AT_ONCE), Kind("one row", AT_ONCE))
COMPARED = ((1, 1), (AT_ONCE, 1), (AT_ONCE, AT_ONCE))


class Cost(NamedTuple):
    """Of one round: by the clock, and processor time of this process and of the server's."""

    seconds: float
    cpu_s: float
    server_cpu_s: float


class Bare:
    """Verify, decrypt, and one row committed: with the libraries themselves, nothing in between.

    Each thread has a connection of its own.
    """

    def __init__(self, url: str, platform: PretendWeChatPay) -> None:
        self._key = platform.platform.public_key()
        self._cipher = AESGCM(API_V3_KEY.encode())
        self._address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._own = threading.local()
        self._conns: list[psycopg.Connection[Any]] = []
        conn = self._connection()
        conn.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body text NOT NULL)")
        conn.commit()

    def take(self, headers: dict[str, str], body: bytes) -> None:
        signed = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + body + b"\n"
        self._key.verify(b64decode(headers["Wechatpay-Signature"]), signed, PKCS1v15(), SHA256())
        opened = self._cipher.decrypt(*sealed(body))
        conn = self._connection()
        conn.execute("INSERT INTO bare (body) VALUES (%s)", (opened.decode(),))
        conn.commit()

    def close(self) -> None:
        for conn in self._conns:
            conn.close()

    def _connection(self) -> psycopg.Connection[Any]:
        conn: psycopg.Connection[Any] | None = getattr(self._own, "conn", None)
        if conn is None:
            conn = self._own.conn = psycopg.connect(self._address)
            self._conns.append(conn)
        return conn


def run(rounds: int = ROUNDS, each: int = EACH) -> list[Limit]:
    """Prints the rates one after the other and many at once, and their ratios round by round."""
    configure_for_commands()
    clock, platform = SystemClock(), PretendWeChatPay(SystemClock())
    with postgres_database() as url:
        db = Database(url)
        upgrade(db)
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
        till = Till(db, gateway(platform.keys(), clock), clock, notify_url="", refund_notify_url="")
        _have_sold(till, platform)
        bare = Bare(url, platform)
        costs: dict[Kind, list[Cost]] = {kind: [] for kind in KINDS}
        asked: dict[Kind, int] = dict.fromkeys(KINDS, 0)
        takers = {"settled": till.notified, "one row": bare.take}
        pools = {threads: ThreadPoolExecutor(threads) for _, threads in KINDS}
        for at in range((rounds + 1) * len(KINDS)):
            kind = KINDS[at % len(KINDS)]
            made = purchases(each, at * each)
            put_on_pay_pages(db, made, clock.now())
            deliveries = [paid(platform, one) for one in made]
            statements.clear()
            costs[kind].append(_measured(pools[kind.threads], takers[kind.what], deliveries))
            asked[kind] = len(statements)
        with db.reading() as conn:
            opened = conn.execute(select(func.count()).select_from(grants)).scalar_one()
        for pool in pools.values():
            pool.shutdown()
        bare.close()
        db.close()
    ratio = _show({kind: of_kind[1:] for kind, of_kind in costs.items()}, asked, each)
    settled = sum(kind.what == "settled" for kind in KINDS) * (rounds + 1) * each
    return [
        Limit("rate of settling what arrives at once against the bare rate", ratio, at_least=AT_LEAST),
        Limit("payments that opened nothing", settled + SOLD_BEFORE // 4 - opened, at_most=0),
    ]


def _have_sold(till: Till, platform: PretendWeChatPay) -> None:
    """A shop with orders, and statistics about them: of an empty one PostgreSQL knows no good way to look."""
    before = purchases(SOLD_BEFORE, FIRST_SOLD)
    put_on_pay_pages(till.desk.db, before, till.desk.now())
    for one in before[: SOLD_BEFORE // 4]:
        till.notified(*paid(platform, one))
    with till.desk.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")


def _measured(pool: Executor, take: Callable[..., object], deliveries: Sequence[Delivery]) -> Cost:
    servers, cpu_s, began = _servers_cpu_s(), time.process_time(), time.perf_counter()
    list(pool.map(lambda delivery: take(*delivery), deliveries))
    seconds, used = time.perf_counter() - began, time.process_time() - cpu_s
    return Cost(seconds, used, _servers_cpu_s() - servers)


def _show(costs: Mapping[Kind, Sequence[Cost]], asked: Mapping[Kind, int], each: int) -> float:
    """The ratio that is wanted: of what arrives at once to the bare rate, one after the other."""
    for kind, of_kind in costs.items():
        seconds, cpu_s, server_s = (statistics.median(one) / each for one in zip(*of_kind, strict=True))
        statements = f"; {asked[kind] / each:.1f} statements each" if asked[kind] else ""
        print(
            f"{kind.what}, {kind.threads} at once: {1 / seconds:6.0f} a second by the clock; "
            f"processor {cpu_s * 1e6:5.0f} us here, {server_s * 1e6:5.0f} us in PostgreSQL{statements}"
        )
    ratios = {(ours, theirs): _ratio(costs, ours, theirs) for ours, theirs in COMPARED}
    for (ours, theirs), ratio in ratios.items():
        print(f"{ours} at once against one row {theirs} at once: {ratio:.2f}")
    return ratios[AT_ONCE, 1]


def _ratio(costs: Mapping[Kind, Sequence[Cost]], ours: int, theirs: int) -> float:
    turns = zip(costs[Kind("settled", ours)], costs[Kind("one row", theirs)], strict=True)
    return statistics.median(bare.seconds / settled.seconds for settled, bare in turns)


def _servers_cpu_s() -> float:
    """Of all processes of PostgreSQL that are alive; 0 where the machine does not show them."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition(") ")
        except OSError:
            continue
        if name.endswith("(postgres"):
            fields = rest.split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
