"""A day's bill of 100,000 lines against the books: seconds, and the memory at its highest."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.limit import Limit
from infra.database import Database, metadata
from migrations import rooms  # noqa: F401 - all tables
from payments.closed_gateway import ClosedGateway
from payments.gateway import Bill, Merchant
from payments.tables import attempts, grants, orders, postings

ROWS = 100_000
SECONDS, MEGABYTES = 60.0, 300
FEN = 9900
FEE_FEN = 59
EVERY_LOST = 2_000  # of the payments, one that the books have and the bill has not
DAY = date(2026, 1, 5)
US = Merchant("wx0000000000000001", "1900000001")
_BEGIN = datetime(2026, 1, 4, 17, 0, tzinfo=UTC)  # an hour into the day of Beijing
_PIECE = 5_000
_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
_SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


class BillGateway(ClosedGateway):
    """Gives the bill, and answers nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def merchant(self) -> Merchant:
        return US

    def trade_bill(self, day: date) -> Bill:
        return Bill(day, "0" * 40, self._path.open("rb"))


def run() -> list[Limit]:
    """The books are filled by this process; another one, fresh, reconciles."""
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder))
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.reconciling", folder],
            check=True,
            capture_output=True,
            text=True,
        )
    figures: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    lost = ROWS // EVERY_LOST
    took = f"{figures['seconds']:.1f} s (limit {SECONDS:.0f})"
    print(f"{figures['rows']:,} lines against {ROWS:,} payments: {took}")
    print(f"{figures['cpu_s']:.1f} s of it computing; {figures['mb']:.0f} MB (limit {MEGABYTES})")
    print(f"once more, with all fees booked: {figures['again_s']:.1f} s")
    return [
        Limit("seconds for the bill", figures["seconds"], at_most=SECONDS),
        Limit("MB for the bill", figures["mb"], at_most=MEGABYTES),
        Limit("differences found", figures["left"], at_least=lost, at_most=lost),
        Limit("fees booked", figures["fees"], at_least=ROWS - lost, at_most=ROWS - lost),
    ]


def open_books(folder: Path) -> Database:
    return Database(f"sqlite:///{folder}/keban.db")


def _fill(folder: Path) -> None:
    db = open_books(folder)
    metadata.create_all(db.engine)
    for begin in range(0, ROWS, _PIECE):
        with db.transaction(durable=False) as conn:
            for into, of in ((orders, _order), (attempts, _attempt), (grants, _grant)):
                conn.execute(into.insert(), [of(number) for number in range(begin, begin + _PIECE)])
            moved = (row for number in range(begin, begin + _PIECE) for row in _postings(number))
            conn.execute(postings.insert(), list(moved))
    db.close()
    with (folder / "bill.csv").open("w", encoding="utf-8-sig", newline="\r\n") as file:
        file.writelines(f"{line}\n" for line in _lines())


def _at(number: int) -> datetime:
    return _BEGIN + timedelta(seconds=number * 0.8)


def _order(number: int) -> dict[str, Any]:
    named = {"order_no": f"O{number:09d}", "openid": f"oFollower{number:09d}", "title": "Python 爬虫从零到一"}
    item = {"item_kind": "course", "item_id": "py-crawler", "contents": None, "is_gift": False}
    terms = {"total_fen": FEN, "access": "forever", "refund_rule": "7d", "status": "fulfilled"}
    paid = {"open_key": None, "paid_by": f"O{number:09d}01", "paid_at": _at(number), "closing_tries": 0}
    times = dict.fromkeys(("expires_at", "due_at", "created_at", "updated_at"), _at(number))
    return named | item | terms | paid | times


def _attempt(number: int) -> dict[str, Any]:
    named = {"out_trade_no": f"O{number:09d}01", "order_no": f"O{number:09d}", "number": 1, "live_key": None}
    asked = {"way": "jsapi", "openid": f"oFollower{number:09d}", "total_fen": FEN, "asked_for": ""}
    paid = {"status": "success", "transaction_id": _transaction(number), "received_fen": FEN, "payer": None}
    none = {"prepay_id": None, "pay_url": None, "prepay_at": None, "queried_at": None, "wrong": ""}
    counts = {"refunded_fen": 0, "pending_fen": 0, "queries": 0}
    times = dict.fromkeys(("success_at", "due_at", "created_at", "updated_at"), _at(number))
    return named | asked | paid | none | counts | times


def _grant(number: int) -> dict[str, Any]:
    item = {"openid": f"oFollower{number:09d}", "item_kind": "course", "item_id": "py-crawler"}
    held = {"source": f"order:O{number:09d}", "status": "active", "expires_at": None, "ended_at": None}
    return item | held | dict.fromkeys(("starts_at", "created_at", "updated_at"), _at(number))


def _postings(number: int) -> Iterator[dict[str, Any]]:
    of_order = {"order_no": f"O{number:09d}", "out_trade_no": f"O{number:09d}01"}
    for account, fen in (("wechat", FEN), ("sales", -FEN)):
        entry = {"entry": f"payment:{_transaction(number)}", "account": account, "fen": fen}
        yield entry | of_order | {"at": _at(number), "booked_at": _at(number)}


def _transaction(number: int) -> str:
    return f"4200{number:024d}"


def _lines() -> Iterator[str]:
    there = [number for number in range(ROWS) if number % EVERY_LOST]
    yield _HEAD
    for number in there:
        at = (_at(number) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
        who = (at, US.app_id, US.mch_id, "0", "", _transaction(number), f"O{number:09d}01", "oPayer")
        paid = ("JSAPI", "SUCCESS", "OTHERS", "CNY", "99.00", "0.00", "0", "0", "0.00", "0.00", "", "")
        yield _line(*who, *paid, "Python 爬虫从零到一", "", "0.59000", "0.60%", "99.00", "0.00", "")
    yield _SUMMARY
    total, fees = f"{len(there) * FEN // 100}.00", len(there) * FEE_FEN
    yield _line(str(len(there)), total, "0.00", "0.00", f"{fees // 100}.{fees % 100:02d}000", total, "0.00")


def _line(*fields: str) -> str:
    return ",".join(f"`{field}" for field in fields)
