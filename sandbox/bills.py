"""The trade bill of a day: what moved between one Beijing midnight and the next, ready in the morning.

Amounts in yuan, every field behind a backtick, UTF-8 with BOM, SHA1 over the text before it is zipped; the
download itself is not signed. WeChat keeps 0.6 % of a payment, and gives its part back with a refund.
"""

from __future__ import annotations

import gzip
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
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

PER_MILLE = 6
OTHER_MERCHANT = "1900009999"


@dataclass(frozen=True)
class Row:
    """One movement: when (seconds since 1970), fen received, refunded and kept by WeChat, and its words."""

    at: float
    mch_id: str
    paid: Transaction
    received: int = 0
    refunded: int = 0
    fee: int = 0
    refund: Refund | None = None


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
        text = self._cut(_text(self._config, self._spoilt(rows)).encode("utf-8-sig"))
        token = secrets.token_hex(32)
        self._downloads[token] = gzip.compress(text) if tar_type else text
        while len(self._downloads) > DOWNLOADS_MAX:
            del self._downloads[next(iter(self._downloads))]
        is_wrong = self._faults.take("bill_wrong_hash")
        hashed = text + b"?" if is_wrong else text
        return Bill(token, hashlib.sha1(hashed).hexdigest())  # noqa: S324 - the protocol's own choice

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
        is_late = self._faults.take("bill_creating")
        if is_late or (now < ready and not self._faults.take("bill_early")):
            raise PayRefused(400, "STATEMENT_CREATING", "账单正在生成中，请于次日 10 点后获取")
        return day

    def _rows(self, day: date, bill_type: str) -> list[Row]:
        merchant = self._config.mch_id
        paid = [
            Row(known.paid_at, merchant, known, received=known.total, fee=_fee(known.total))
            for known in self._transactions.all()
            if known.transaction_id
        ]
        wanted = {"ALL": paid + self._back(), "SUCCESS": paid, "REFUND": self._back()}[bill_type]
        of_the_day = [row for row in wanted if datetime.fromtimestamp(row.at, BEIJING).date() == day]
        return sorted(of_the_day, key=lambda row: row.at)

    def _back(self) -> list[Row]:
        """Each part takes its share of the fee along, so that after the last nothing of it is left."""
        rows, gone = list[Row](), dict[str, int]()
        for known in sorted(self._refunds.all(), key=lambda known: known.done_at):
            if known.done_at:
                before = gone.get(known.out_trade_no, 0)
                gone[known.out_trade_no] = before + known.amount
                fee = _fee(before) - _fee(before + known.amount)
                paid = self._transactions.find(known.out_trade_no)
                row = Row(known.done_at, self._config.mch_id, paid, refunded=known.amount, fee=fee)
                rows.append(replace(row, refund=known))
        return rows

    def _spoilt(self, rows: list[Row]) -> list[Row]:
        """What is wrong with the first row, if anything is to be; the summary fits what stands above it."""
        first = rows[0]
        if self._faults.take("bill_missing_row"):
            return rows[1:]
        if self._faults.take("bill_other_amount"):
            back, came = (1, 0) if first.refund else (0, 1)
            other = replace(first, refunded=first.refunded + back, received=first.received + came)
            return [other, *rows[1:]]
        if self._faults.take("bill_other_merchant"):
            return [replace(first, mch_id=OTHER_MERCHANT), *rows[1:]]
        return rows

    def _cut(self, text: bytes) -> bytes:
        """With a hash that fits: a file that was made only half."""
        return text[: len(text) * 2 // 3] if self._faults.take("bill_truncated") else text


def _fee(fen: int) -> int:
    """Rounded to the fen."""
    return (fen * PER_MILLE + 500) // 1000


def _text(config: Config, rows: list[Row]) -> str:
    received, refunded = sum(row.received for row in rows), sum(row.refunded for row in rows)
    sums = (_yuan(fen) for fen in (received, refunded, 0))
    fees = _decimals(sum(row.fee for row in rows))
    total = (str(len(rows)), *sums, fees, _yuan(received), _yuan(refunded))
    lines = [COLUMNS, *(_line(_fields(config, row)) for row in rows), SUMMARY, _line(total)]
    return "".join(f"{line}\r\n" for line in lines)


def _line(fields: Iterable[str]) -> str:
    return ",".join(f"`{field}" for field in fields)


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _decimals(fen: int) -> str:
    """Fees have five."""
    return f"{_yuan(fen)}000"


def _fields(config: Config, row: Row) -> tuple[str, ...]:
    paid, refund = row.paid, row.refund
    moment = datetime.fromtimestamp(row.at, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    who = (config.app_id, row.mch_id, "0", "", paid.transaction_id, paid.out_trade_no, paid.openid)
    head = (moment, *who, paid.trade_type, "REFUND" if refund else "SUCCESS")
    money = ("OTHERS", "CNY", _yuan(row.received), "0.00")
    back = ("0", "0", "0.00", "0.00", "", "")
    if refund:
        back = (
            refund.refund_id,
            refund.out_refund_no,
            _yuan(row.refunded),
            "0.00",
            "ORIGINAL",
            refund.status,
        )
    tail = (*_goods(paid), _decimals(row.fee), "0.60%", _yuan(row.received), _yuan(row.refunded), "")
    return (*head, *money, *back, *tail)


def _goods(paid: Transaction) -> tuple[str, str]:
    """A comma would be a column of its own."""
    return paid.description.replace(",", "，"), paid.attach.replace(",", "，")
