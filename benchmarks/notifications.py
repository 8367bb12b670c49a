"""A day that goes wrong: notifications twice, forged, lying, in no order, to two processes that are killed.

On PostgreSQL. What was not answered comes again, as WeChat Pay would send it.
"""

from __future__ import annotations

import os
import pickle
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.limit import Limit
from benchmarks.purchases import FEN, Delivery, Purchase, gateway, paid, purchases, put_on_pay_pages
from benchmarks.stores import postgres_database
from infra.clock import ManualClock
from infra.database import Database
from infra.errors import KebanError
from infra.log import configure_for_commands
from infra.migrate import upgrade
from infra.outbox import outbox
from payments.errors import NotificationRefused, PaymentDiffers
from payments.tables import attempts, grants, postings
from payments.till import Till
from tests.unit.payments.pretend_wechatpay import PretendWeChatPay, new_key

COUNT = 10_000
SEED = 20_261_121
KILLS = (0.2, 0.5, 0.8)  # of the answers
PATIENCE_S = 60.0
LIES: tuple[dict[str, Any], ...] = (
    {"amount": {"total": 1, "currency": "CNY"}},
    {"amount": {"total": FEN, "currency": "USD"}},
    {"payer": {"openid": "oThief_000000000000000000000"}},
    {"mchid": "1900000002"},
    {"appid": "wx0000000000000002"},
)


@dataclass
class Worker:
    process: BaseProcess
    line: Connection
    waiting: list[int]  # what it was given and has not answered
    results: Counter[str] = field(default_factory=Counter)


def run(count: int = COUNT) -> list[Limit]:
    """Prints what was delivered, what became of it, and what it took."""
    configure_for_commands()
    platform, clock = PretendWeChatPay(ManualClock()), ManualClock()
    bought, unpaid = purchases(count * 3 // 10), purchases(count // 20, first=count)
    deliveries = list(_deliveries(platform, bought, unpaid, count))
    with postgres_database() as url, tempfile.TemporaryDirectory() as folder:
        db = Database(url)
        upgrade(db)
        put_on_pay_pages(db, [*bought, *unpaid], clock.now())
        given = Path(folder) / "given"
        given.write_bytes(pickle.dumps((platform.keys(), deliveries)))
        began = time.perf_counter()
        results, most_mb, cpu_s = _deliver(url, given, len(deliveries))
        seconds = time.perf_counter() - began
        limits = _limits(db, bought)
        db.close()
    print(
        f"{len(deliveries)} notifications, 2 processes, {len(KILLS)} kills: {dict(sorted(results.items()))}"
    )
    print(
        f"{seconds:.0f} s; {cpu_s:.0f} s of processor in those that lived to the end; {most_mb:.0f} MB each"
    )
    return limits


def _deliveries(
    platform: PretendWeChatPay, bought: Sequence[Purchase], unpaid: Sequence[Purchase], count: int
) -> Iterator[Delivery]:
    """Three tenths are new, half come again, a tenth is forged and a tenth does not tell the truth."""
    chance = random.Random(SEED)
    new = [paid(platform, one) for one in bought]
    again = chance.choices(new, k=count // 2)
    everyone, stranger = [*bought, *unpaid], new_key()
    lying = [paid(platform, chance.choice(everyone), **chance.choice(LIES)) for _ in range(count // 10)]
    forged = []
    for one in chance.choices(everyone, k=count // 10):
        _, body = paid(platform, one)
        forged.append((platform.signed(body, key=stranger), body))
    every = [*new, *again, *lying, *forged]
    chance.shuffle(every)
    yield from every


def _deliver(url: str, given: Path, count: int) -> tuple[Counter[str], float, float]:
    """Results by name, the memory of the larger process in MB, and processor seconds."""
    processes = get_context("forkserver")
    kills = [int(share * count) for share in KILLS]
    results: Counter[str] = Counter()
    most_mb = cpu_s = 0.0

    def started(numbers: list[int]) -> Worker:
        line, far_end = processes.Pipe()
        process = processes.Process(target=_take, args=(url, given, numbers, far_end), daemon=True)
        process.start()
        far_end.close()
        return Worker(process, line, numbers)

    workers = [started(list(range(first, count, 2))) for first in range(2)]
    while workers:
        ready = wait([one.line for one in workers], PATIENCE_S)
        if not ready:
            raise RuntimeError("nobody answers any more")
        for worker in [one for one in workers if one.line in ready]:
            number, said = worker.line.recv()
            if number is None:
                most_mb, cpu_s = max(most_mb, said[0]), cpu_s + said[1]
                workers.remove(worker)
                worker.process.join()
                continue
            worker.waiting.remove(number)
            results[said] += 1
            if kills and results.total() >= kills[0]:
                del kills[0]
                worker.process.kill()
                worker.process.join()
                assert worker.process.exitcode == -signal.SIGKILL
                workers.remove(worker)
                workers.append(started(worker.waiting))
    return results, most_mb, cpu_s


def _take(url: str, given: Path, numbers: list[int], line: Connection) -> None:
    """The other process: each delivery is answered once its transaction is over."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # two lines of the log for each that is not right
    configure_for_commands()
    keys, deliveries = pickle.loads(given.read_bytes())
    clock = ManualClock()
    db = Database(url)
    till = Till(db, gateway(keys, clock), clock, notify_url="", refund_notify_url="")
    for number in list(numbers):
        line.send((number, _answer(till, deliveries[number])))
    used = resource.getrusage(resource.RUSAGE_SELF)
    line.send((None, (used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)))
    db.close()


def _answer(till: Till, delivery: Delivery) -> str:
    for _ in range(5):  # WeChat Pay would come again for a whole day
        try:
            till.notified(*delivery)
        except NotificationRefused:
            return "forged, refused"
        except PaymentDiffers:
            return "lying, set aside"
        except KebanError:
            continue
        return "taken"
    return "not taken"


def _limits(db: Database, bought: Sequence[Purchase]) -> list[Limit]:
    with db.reading() as conn:
        opened = Counter(conn.execute(select(grants.c.openid).where(grants.c.status == "active")).scalars())
        at_wechat = select(func.sum(postings.c.fen)).where(postings.c.account == "wechat")
        booked = int(conn.execute(at_wechat).scalar_one())
        all_of_it = int(conn.execute(select(func.sum(postings.c.fen))).scalar_one())
        received = int(conn.execute(select(func.sum(attempts.c.received_fen))).scalar_one())
        receipts = conn.execute(select(func.count()).select_from(outbox)).scalar_one()
    paid_for = {one.openid for one in bought}
    wrong = sum(times - (openid in paid_for) for openid, times in opened.items())
    lost = len(paid_for - set(opened))
    print(f"{len(bought)} paid: {len(opened)} opened, {lost} lost, {wrong} wrong; {receipts} receipts")
    print(f"ledger {booked} fen, attempts {received} fen, WeChat Pay {len(bought) * FEN} fen")
    off = abs(booked - len(bought) * FEN) + abs(booked - received) + abs(all_of_it)
    return [
        Limit("wrong grants", wrong, at_most=0),
        Limit("lost payments", lost, at_most=0),
        Limit("fen by which the books differ", off, at_most=0),
        Limit("receipts too many or too few", abs(receipts - len(bought)), at_most=0),
    ]


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
