"""How fast payments are settled, against the least that any settling has to do: verify, decrypt, one commit.

On PostgreSQL. The two take turns in one process, so what else this machine does slows both.
"""

from __future__ import annotations

import statistics
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

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
SOLD_BEFORE, FIRST_SOLD = 2000, 1_000_000


class Cost(NamedTuple):
    """Of one round: by the clock, and processor time of this process and of the server's."""

    seconds: float
    cpu_s: float
    server_cpu_s: float


class Bare:
    """Verify, decrypt, and one row committed: with the libraries themselves, nothing in between."""

    def __init__(self, url: str, platform: PretendWeChatPay) -> None:
        self._key = platform.platform.public_key()
        self._cipher = AESGCM(API_V3_KEY.encode())
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.conn = psycopg.connect(address)
        self.conn.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body text NOT NULL)")
        self.conn.commit()

    def take(self, headers: dict[str, str], body: bytes) -> None:
        signed = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + body + b"\n"
        self._key.verify(b64decode(headers["Wechatpay-Signature"]), signed, PKCS1v15(), SHA256())
        opened = self._cipher.decrypt(*sealed(body))
        self.conn.execute("INSERT INTO bare (body) VALUES (%s)", (opened.decode(),))
        self.conn.commit()


def run(rounds: int = ROUNDS, each: int = EACH) -> list[Limit]:
    """Prints both rates, and their ratio round by round."""
    configure_for_commands()
    clock, platform = SystemClock(), PretendWeChatPay(SystemClock())
    with postgres_database() as url:
        db = Database(url)
        upgrade(db)
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
        till = Till(db, gateway(platform.keys(), clock), clock, notify_url="", refund_notify_url="")
        _have_sold(till, platform)
        statements.clear()
        bare = Bare(url, platform)
        ours, theirs = [], []
        for at in range(rounds + 1):
            made = purchases(each, at * each)
            put_on_pay_pages(db, made, clock.now())
            deliveries = [paid(platform, one) for one in made]
            statements.clear()
            ours.append(_measured(till.notified, deliveries))
            per_payment = len(statements) / each
            theirs.append(_measured(bare.take, deliveries))
        with db.reading() as conn:
            opened = conn.execute(select(func.count()).select_from(grants)).scalar_one()
        bare.conn.close()
        db.close()
    ratio = _show(ours[1:], theirs[1:], each, per_payment)
    lost = (rounds + 1) * each + SOLD_BEFORE // 4 - opened
    return [
        Limit("rate of settling against the bare rate", ratio, at_least=AT_LEAST),
        Limit("payments that opened nothing", lost, at_most=0),
    ]


def _have_sold(till: Till, platform: PretendWeChatPay) -> None:
    """A shop with orders, and statistics about them: of an empty one PostgreSQL knows no good way to look."""
    before = purchases(SOLD_BEFORE, FIRST_SOLD)
    put_on_pay_pages(till.desk.db, before, till.desk.now())
    for one in before[: SOLD_BEFORE // 4]:
        till.notified(*paid(platform, one))
    with till.desk.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")


def _measured(take: Callable[[dict[str, str], bytes], object], deliveries: Sequence[Delivery]) -> Cost:
    servers, cpu_s, began = _servers_cpu_s(), time.process_time(), time.perf_counter()
    for headers, body in deliveries:
        take(headers, body)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu_s
    return Cost(seconds, used, _servers_cpu_s() - servers)


def _show(ours: Sequence[Cost], theirs: Sequence[Cost], each: int, per_payment: float) -> float:
    for name, costs in (("verified, decrypted, settled", ours), ("verified, decrypted, one row", theirs)):
        seconds, cpu_s, server_s = (statistics.median(one) / each for one in zip(*costs, strict=True))
        print(
            f"{name}: {1 / seconds:6.0f} a second by the clock; processor {cpu_s * 1e6:5.0f} us here, "
            f"{server_s * 1e6:5.0f} us in PostgreSQL"
        )
    ratios = sorted(b.seconds / a.seconds for a, b in zip(ours, theirs, strict=True))
    print(f"{per_payment:.1f} statements a settlement in its transaction")
    print(f"ratio {statistics.median(ratios):.2f} (rounds: {', '.join(f'{one:.2f}' for one in ratios)})")
    return statistics.median(ratios)


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
