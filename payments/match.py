"""A piece of a bill against the ledger: what is on one side only, or differs, and what could repair it.

Movements are found by their numbers and never by their day: a moment on the
neighbouring day is no difference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from payments.bill import BEIJING, BillLine
from payments.book import FEES, WECHAT, Fee, fee_entry
from payments.gateway import Merchant
from payments.tables import attempts, grants, orders, postings, refunds

# What is different, and what may repair it. ``operator``: only somebody who looks can decide.
REPAIRS: Mapping[str, str] = {
    "missing_payment": "settle",
    "missing_refund": "finish_refund",
    "foreign_refund": "import_refund",
    "not_opened": "grant",
    "missing_there": "ask",
    "stranger_payment": "operator",
    "stranger_refund": "operator",
    "other_amount": "operator",
    "other_fee": "operator",
    "other_number": "operator",
    "other_merchant": "operator",
    "twice": "operator",
    "unreadable": "operator",  # a state that this till knows nothing of
}


_COMPARED = tuple(postings.c[name] for name in ("entry", "account", "order_no", "out_trade_no", "fen", "at"))


@dataclass(frozen=True)
class Difference:
    """``key`` is what of the day it is about; fen are None where one side knows nothing of it."""

    kind: str
    key: str
    out_trade_no: str | None = None
    out_refund_no: str | None = None
    transaction_id: str | None = None
    ours_fen: int | None = None
    theirs_fen: int | None = None


@dataclass
class Compared:
    """What became of a piece. ``elsewhere``: lines whose movement is, or will be, on another day of ours."""

    differences: list[Difference] = field(default_factory=list)
    elsewhere: list[BillLine] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)


def compare(
    conn: Connection, piece: Sequence[BillLine], day: date, us: Merchant, seen: Collection[str]
) -> Compared:
    """Compares some lines of one day's bill; ``seen`` holds the entries of those before."""
    found = Compared()
    sound = _sound(piece, us, seen, found)
    ours = _postings_of(conn, sound)
    for line in sound:
        posting = ours.get((line.entry, WECHAT))
        if posting is not None:
            _compare_amounts(line, posting, ours.get((fee_entry(line.entry), FEES)), day, found)
        elif not line.is_final and line.refund_state == "PROCESSING":
            found.elsewhere.append(line)
    known = {entry for entry, account in ours if account == WECHAT}
    absent = [line for line in sound if line.is_final and line.entry not in known]
    found.differences += _absent(conn, absent)
    paid = {ours[line.entry, WECHAT].order_no for line in sound if line.entry in known and not line.is_refund}
    found.differences += _not_opened(conn, paid)
    return found


def _sound(piece: Sequence[BillLine], us: Merchant, seen: Collection[str], found: Compared) -> list[BillLine]:
    sound: dict[str, BillLine] = {}
    for line in piece:
        kind = _fault(line, us)
        if not kind and (line.entry in seen or line.entry in sound):
            kind = "twice"
        if kind:
            found.differences.append(_of(line, kind))
        else:
            sound[line.entry] = line
    return list(sound.values())


def _fault(line: BillLine, us: Merchant) -> str:
    if line.mch_id != us.mch_id or line.app_id != us.app_id:
        return "other_merchant"
    number = line.out_refund_no if line.is_refund else line.transaction_id
    return "" if line.state in ("SUCCESS", "REFUND") and number else "unreadable"


def _postings_of(conn: Connection, piece: Sequence[BillLine]) -> dict[tuple[str, str], Any]:
    entries = [name for line in piece for name in (line.entry, fee_entry(line.entry))]
    wanted = select(*_COMPARED).where(postings.c.entry.in_(entries), postings.c.account.in_((WECHAT, FEES)))
    return {(row.entry, row.account): row for row in conn.execute(wanted)}


def _compare_amounts(line: BillLine, ours: Any, fee: Any, day: date, found: Compared) -> None:
    if ours.at.astimezone(BEIJING).date() != day:
        found.elsewhere.append(line)
    if abs(ours.fen) != line.fen:
        found.differences.append(_of(line, "other_amount", abs(ours.fen)))
    elif ours.out_trade_no != line.out_trade_no:
        found.differences.append(_of(line, "other_number", line.fen))
    elif fee is not None and fee.fen != line.fee_fen:
        of_fee = replace(_of(line, "other_fee", fee.fen), theirs_fen=line.fee_fen)
        found.differences.append(of_fee)
    elif fee is None and line.fee_fen:
        found.fees.append(Fee(line.entry, ours.order_no, ours.out_trade_no, line.fee_fen, line.at))


def _absent(conn: Connection, absent: Sequence[BillLine]) -> list[Difference]:
    """Lines that the ledger does not have: of ours by their numbers, or of nobody that we know."""
    if not absent:
        return []
    trades = {line.out_trade_no for line in absent}
    of_ours = set(
        conn.execute(select(attempts.c.out_trade_no).where(attempts.c.out_trade_no.in_(trades))).scalars()
    )
    backs = {line.out_refund_no for line in absent if line.is_refund}
    asked = set(
        conn.execute(select(refunds.c.out_refund_no).where(refunds.c.out_refund_no.in_(backs))).scalars()
    )
    return [_of(line, _kind_of_absent(line, of_ours, asked)) for line in absent]


def _kind_of_absent(line: BillLine, of_ours: set[str], asked: set[str]) -> str:
    is_ours = line.out_trade_no in of_ours
    if not line.is_refund:
        return "missing_payment" if is_ours else "stranger_payment"
    if line.out_refund_no in asked:
        return "missing_refund"
    return "foreign_refund" if is_ours else "stranger_refund"


def _not_opened(conn: Connection, paid: Collection[str]) -> list[Difference]:
    """Of these orders those that were neither ever opened nor ever on their way back.

    A gift opens when it is redeemed. Asked by keys alone: picking by the state reads all orders.
    """
    columns = ("order_no", "paid_by", "total_fen", "status", "is_gift")
    wanted = select(*(orders.c[name] for name in columns))
    found = conn.execute(wanted.where(orders.c.order_no.in_(paid))).all()
    open_by = select(grants.c.source).where(grants.c.source.in_([f"order:{order_no}" for order_no in paid]))
    opened = set(conn.execute(open_by).scalars())
    going_back = select(refunds.c.order_no).where(refunds.c.order_no.in_(paid))
    went_back = set(conn.execute(going_back).scalars())
    return [
        Difference(
            "not_opened",
            f"order:{row.order_no}",
            out_trade_no=row.paid_by,
            ours_fen=row.total_fen,
            theirs_fen=row.total_fen,
        )
        for row in found
        if row.status in ("paid", "fulfilled") and not row.is_gift
        if f"order:{row.order_no}" not in opened and row.order_no not in went_back
    ]


def _of(line: BillLine, kind: str, ours_fen: int | None = None) -> Difference:
    # What is not ours may have numbers of any kind; the table takes WeChat's longest.
    return Difference(
        kind,
        line.entry[:96],
        out_trade_no=line.out_trade_no[:32] or None,
        out_refund_no=line.out_refund_no[:64] or None,
        transaction_id=line.transaction_id[:64] or None,
        ours_fen=ours_fen,
        theirs_fen=line.fen,
    )
