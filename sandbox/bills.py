"""The trade bill of a day: what moved between one Beijing midnight and the next, ready in the morning.

Amounts in yuan, every field behind a backtick, UTF-8 with BOM, SHA1 over the text before it is zipped; the
download itself is not signed.
"""

from __future__ import annotations

import gzip
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sandbox.clock import BEIJING, Clock
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.payrefusal import PayRefused, bad_parameter
from sandbox.refunds import Refund, Refunds
from sandbox.transactions import Transaction, Transactions

READY_AT = time(9, 0, tzinfo=BEIJING)
KEPT_DAYS = 90
TYPES = ("ALL", "SUCCESS", "REFUND")
DOWNLOADS_MAX = 20
COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,"
    "商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

Row = tuple[float, int, int, tuple[str, ...]]
"""When, fen received, fen refunded, and the fields."""


@dataclass(frozen=True)
class Bill:
    """A made bill: the token of its download, and the hash of its text."""

    token: str
    sha1: str


class Bills:
    """``/v3/bill/tradebill`` and its download."""

    def __init__(
        self, config: Config, clock: Clock, faults: Faults, *, transactions: Transactions, refunds: Refunds
    ) -> None:
        self._config, self._clock, self._faults = config, clock, faults
        self._transactions, self._refunds = transactions, refunds
        self._downloads: dict[str, bytes] = {}

    def make(self, bill_date: str, bill_type: str, tar_type: str) -> Bill:
        """Raises PayRefused when there is none, or not yet."""
        if bill_type not in TYPES:
            raise bad_parameter("bill_type 必须是 ALL、SUCCESS 或 REFUND")
        if tar_type not in ("", "GZIP"):
            raise bad_parameter("tar_type 只支持 GZIP")
        rows = self._rows(self._day(bill_date), bill_type)
        if not rows:
            raise PayRefused(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        text = _text(rows).encode("utf-8-sig")
        token = secrets.token_hex(32)
        self._downloads[token] = gzip.compress(text) if tar_type else text
        while len(self._downloads) > DOWNLOADS_MAX:
            del self._downloads[next(iter(self._downloads))]
        return Bill(token, hashlib.sha1(text).hexdigest())  # noqa: S324 - the protocol's own choice

    def download(self, token: str) -> bytes:
        content = self._downloads.get(token)
        if content is None:
            raise PayRefused(404, "RESOURCE_NOT_EXISTS", "下载地址已失效，请重新申请账单")
        return content

    def _day(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise bad_parameter("bill_date 格式为 YYYY-MM-DD") from error
        now = datetime.fromtimestamp(self._clock(), BEIJING)
        if now.date() - day > timedelta(days=KEPT_DAYS):
            raise PayRefused(400, "NO_STATEMENT_EXIST", "只能下载三个月内的账单")
        ready = datetime.combine(day + timedelta(days=1), READY_AT)
        if now < ready and not self._faults.take("bill_early"):
            raise PayRefused(400, "STATEMENT_CREATING", "账单正在生成中，请于次日 10 点后获取")
        return day

    def _rows(self, day: date, bill_type: str) -> list[Row]:
        paid = [_paid_row(self._config, known) for known in self._transactions.all() if known.transaction_id]
        back = [
            _refund_row(self._config, known, self._transactions.find(known.out_trade_no))
            for known in self._refunds.all()
            if known.done_at
        ]
        wanted = {"ALL": paid + back, "SUCCESS": paid, "REFUND": back}[bill_type]
        of_the_day = [row for row in wanted if datetime.fromtimestamp(row[0], BEIJING).date() == day]
        return sorted(of_the_day, key=lambda row: row[0])


def _text(rows: list[Row]) -> str:
    received, refunded = sum(row[1] for row in rows), sum(row[2] for row in rows)
    amounts = (received, refunded, 0, 0, received, refunded)
    total = (str(len(rows)), *(_yuan(fen) for fen in amounts))
    lines = [COLUMNS, *(_line(row[3]) for row in rows), SUMMARY, _line(total)]
    return "".join(f"{line}\r\n" for line in lines)


def _line(fields: Iterable[str]) -> str:
    return ",".join(f"`{field}" for field in fields)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _paid_row(config: Config, known: Transaction) -> Row:
    head = _head(config, known, known.paid_at, "SUCCESS")
    money = ("OTHERS", "CNY", _yuan(known.total), "0.00")
    no_refund = ("0", "0", "0.00", "0.00", "", "")
    tail = (*_goods(known), "0.00000", "0.60%", _yuan(known.total), "0.00", "")
    return known.paid_at, known.total, 0, (*head, *money, *no_refund, *tail)


def _refund_row(config: Config, known: Refund, paid: Transaction) -> Row:
    head = _head(config, paid, known.done_at, "REFUND")
    money = ("OTHERS", "CNY", "0.00", "0.00")
    refund = (known.refund_id, known.out_refund_no, _yuan(known.amount), "0.00", "ORIGINAL", known.status)
    tail = (*_goods(paid), "0.00000", "0.60%", "0.00", _yuan(known.amount), "")
    return known.done_at, 0, known.amount, (*head, *money, *refund, *tail)


def _head(config: Config, paid: Transaction, at: float, state: str) -> tuple[str, ...]:
    moment = datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    who = (config.app_id, config.mch_id, "0", "", paid.transaction_id, paid.out_trade_no, paid.openid)
    return (moment, *who, paid.trade_type, state)


def _goods(paid: Transaction) -> tuple[str, str]:
    """A comma would be a column of its own."""
    return paid.description.replace(",", "，"), paid.attach.replace(",", "，")
