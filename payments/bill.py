"""WeChat Pay's trade bill, read line by line. Columns are found by their names, and amounts by their digits.

A bill is first read to its end with `checked`: only then is it known to be whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import IO
from zoneinfo import ZoneInfo

from infra.errors import KebanError
from payments.gateway import Bill

BEIJING = ZoneInfo("Asia/Shanghai")
MOST_LINE_BYTES = 16_384
_AMOUNT = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,5}))?")
_PER_FEN = 1000  # the bill's amounts have up to five decimals of a yuan
_NEAR = timedelta(days=1)
_TIME, _APP, _MERCHANT, _TRANSACTION, _TRADE = "交易时间", "公众账号ID", "商户号", "微信订单号", "商户订单号"
_STATE, _DUE, _TOTAL, _FEE = "交易状态", "应结订单金额", "订单金额", "手续费"
_REFUND, _REFUNDED, _ASKED, _REFUND_STATE = "商户退款单号", "退款金额", "申请退款金额", "退款状态"
_OF_REFUNDS = (_REFUND, _REFUNDED, _REFUND_STATE)
_NEEDED = (_TIME, _APP, _MERCHANT, _TRANSACTION, _TRADE, _STATE, _DUE, *_OF_REFUNDS, _FEE)
_COUNT = "总交易单数"
_SUMS = {  # of the last line, and the column that each is the sum of
    "应结订单总金额": _DUE,
    "退款总金额": _REFUNDED,
    "手续费总金额": _FEE,
    "订单总金额": _TOTAL,
    "申请退款总金额": _ASKED,
}


class BillBroken(KebanError):
    """The file is not a whole bill of this day; nothing of it is used."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One movement as WeChat Pay counts it. Fen are positive in both directions; a returned fee is negative.

    ``state``: SUCCESS (a payment) or REFUND, or another word of WeChat's. ``refund_state`` is empty for a
    payment.
    """

    at: datetime
    app_id: str
    mch_id: str
    transaction_id: str
    out_trade_no: str
    state: str
    fen: int
    fee_fen: int
    out_refund_no: str = ""
    refund_state: str = ""

    @property
    def is_refund(self) -> bool:
        return self.state == "REFUND"

    @property
    def is_final(self) -> bool:
        """The money has moved: not so for a refund that is under way, or that failed."""
        return not self.is_refund or self.refund_state == "SUCCESS"

    @property
    def entry(self) -> str:
        """The name of the same movement in the ledger, see `payments.book`."""
        return f"refund:{self.out_refund_no}" if self.is_refund else f"payment:{self.transaction_id}"


@dataclass(frozen=True)
class BillTotals:
    """``rows`` lines; what came in, what went back and what WeChat keeps, in fen."""

    rows: int = 0
    received_fen: int = 0
    refunded_fen: int = 0
    fee_fen: int = 0


def checked(bill: Bill) -> BillTotals:
    """Reads the whole bill and compares its lines with its own summary. Raises BillBroken."""
    bill.file.seek(0)
    if not bill.sha1 and not bill.file.read(1):
        return BillTotals()  # a day without business
    rows = received = refunded = fees = 0
    for line in lines(bill):
        rows, fees = rows + 1, fees + line.fee_fen
        if line.is_refund:
            refunded += line.fen if line.is_final else 0
        else:
            received += line.fen
    return BillTotals(rows, received, refunded, fees)


def lines(bill: Bill) -> Iterator[BillLine]:
    """Each line, from the beginning. Raises BillBroken at the line that is wrong, or at the end."""
    bill.file.seek(0)
    texts = _texts(bill.file)
    number, head = next(texts, (0, ""))
    if not head:
        if bill.sha1:
            raise BillBroken("the bill is empty")
        return
    names = head.removeprefix("\ufeff").split(",")
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise BillBroken(f"the bill has no column {missing[0]}", hint="is it a trade bill of the type ALL?")
    summed = {total: names.index(name) for total, name in _SUMS.items() if name in names}
    sums = dict.fromkeys(summed, 0)
    reader = _Reader(names, bill.day)
    for rows, (number, text) in enumerate(texts):
        if not text.startswith("`"):
            _compare(text, texts, rows, sums)
            return
        fields = _fields(text, len(names), number)
        for total, place in summed.items():
            sums[total] += _exact(fields[place], number)
        yield reader.line(fields, number)
    raise BillBroken(f"the bill ends after line {number}, before its summary")


class _Reader:
    """Where each column is."""

    def __init__(self, names: list[str], day: date) -> None:
        self._day = day
        self._at = [names.index(name) for name in _NEEDED]
        # What was asked and paid. A coupon of WeChat's lowers what is settled, in columns of its own.
        self._total = names.index(_TOTAL if _TOTAL in names else _DUE)
        self._asked = names.index(_ASKED if _ASKED in names else _REFUNDED)

    def line(self, fields: list[str], number: int) -> BillLine:
        moment, app, merchant, transaction, trade, state, _, refund, _, refund_state, fee = (
            fields[place] for place in self._at
        )
        is_refund = state == "REFUND"
        return BillLine(
            at=self._moment(moment, number),
            app_id=app,
            mch_id=merchant,
            transaction_id=transaction,
            out_trade_no=trade,
            state=state,
            fen=_fen(fields[self._asked if is_refund else self._total], number),
            fee_fen=_rounded(_exact(fee, number)),
            out_refund_no=refund if is_refund else "",
            refund_state=refund_state if is_refund else "",
        )

    def _moment(self, text: str, number: int) -> datetime:
        try:
            at = datetime.fromisoformat(text).replace(tzinfo=BEIJING)
        except ValueError:
            raise BillBroken(f"line {number} of the bill has no moment: {text[:30]!r}") from None
        if not -_NEAR <= at.date() - self._day <= _NEAR:
            raise BillBroken(f"line {number} is of {at.date()}, and the bill of {self._day}")
        return at


def _texts(file: IO[bytes]) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := file.readline(MOST_LINE_BYTES + 1):
        number += 1
        if len(raw) > MOST_LINE_BYTES:
            raise BillBroken(f"line {number} of the bill is longer than any line")
        try:
            text = raw.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise BillBroken(f"line {number} of the bill is not UTF-8") from None
        if text:
            yield number, text


def _fields(text: str, wanted: int, number: int) -> list[str]:
    """Each field begins with a backtick, so a comma in a title ends none."""
    fields = [field.strip() for field in text[1:].split(",`")]
    if len(fields) != wanted:
        raise BillBroken(f"line {number} of the bill has {len(fields)} fields instead of {wanted}")
    return fields


def _compare(head: str, texts: Iterator[tuple[int, str]], rows: int, sums: Mapping[str, int]) -> None:
    """The lines against the summary, which is the file's end."""
    names = head.split(",")
    number, text = next(texts, (0, ""))
    if _COUNT not in names or not text.startswith("`"):
        raise BillBroken("the bill ends before its summary")
    said = dict(zip(names, _fields(text, len(names), number), strict=True))
    if said[_COUNT] != str(rows):
        raise BillBroken(f"the bill has {rows} lines, and its summary speaks of {said[_COUNT]}")
    for total, amount in sums.items():
        if total in said and _exact(said[total], number) != amount:
            raise BillBroken(f"{total} of the bill is {said[total]}, and its lines come to {_yuan(amount)}")
    if next(texts, None) is not None:
        raise BillBroken("the bill goes on after its summary")


def _exact(text: str, number: int) -> int:
    """In thousandths of a fen."""
    amount = _amount(text)
    if amount is None:
        raise BillBroken(f"line {number} of the bill has no amount: {text[:30]!r}")
    return amount


@lru_cache(maxsize=4096)
def _amount(text: str) -> int | None:
    """Prices are few, and lines are many."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    minus, whole, decimals = found.groups()
    amount = int(whole) * 100 * _PER_FEN + int((decimals or "").ljust(5, "0"))
    return -amount if minus else amount


def _fen(text: str, number: int) -> int:
    fen, rest = divmod(_exact(text, number), _PER_FEN)
    if rest or fen < 0:
        raise BillBroken(f"line {number} of the bill has an amount that is no sum of money: {text[:30]!r}")
    return fen


def _rounded(exact: int) -> int:
    """A fee to the fen, half a fen upwards, alike for one that comes back."""
    fen = (abs(exact) + _PER_FEN // 2) // _PER_FEN
    return -fen if exact < 0 else fen


def _yuan(exact: int) -> str:
    return f"{'-' if exact < 0 else ''}{abs(exact) // 100_000}.{abs(exact) % 100_000:05d}"
