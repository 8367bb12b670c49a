"""The trade bill's file: read by its names and digits, and not at all when it is not whole."""

from __future__ import annotations

import hashlib
import tracemalloc
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO

import pytest

from payments.bill import BillBroken, BillLine, BillTotals, checked, lines
from payments.gateway import Bill
from tests.unit.payments.pretend_bill import BEIJING, HEAD, Movement, bill_text
from tests.unit.payments.pretend_gateway import US

DAY = date(2026, 1, 5)
PAID = Movement(datetime(2026, 1, 5, 10, 0, 1, tzinfo=BEIJING), "4200001", "260105A01", 9990)
BACK = replace(PAID, fen=1005, out_refund_no="260105A01R01")
WHOLE = bill_text(US, [PAID, BACK])


def bill(text: bytes) -> Bill:
    return Bill(DAY, hashlib.sha1(text).hexdigest(), BytesIO(text))


def test_each_line_says_what_moved() -> None:
    assert list(lines(bill(WHOLE))) == [
        BillLine(PAID.at, US.app_id, US.mch_id, "4200001", "260105A01", "SUCCESS", 9990, 60),
        BillLine(
            BACK.at,
            US.app_id,
            US.mch_id,
            "4200001",
            "260105A01",
            "REFUND",
            1005,
            -6,
            out_refund_no="260105A01R01",
            refund_state="SUCCESS",
        ),
    ]
    assert checked(bill(WHOLE)) == BillTotals(2, 9990, 1005, 54)


def test_columns_are_found_by_their_names() -> None:
    rows = [
        text.split(",`" if text.startswith("`") else ",") for text in WHOLE.decode("utf-8-sig").splitlines()
    ]
    turned = [list(reversed([field.lstrip("`") for field in row])) for row in rows]
    marked = [
        ",".join(row) if at in (0, 3) else ",".join(f"`{field}" for field in row)
        for at, row in enumerate(turned)
    ]
    assert list(lines(bill("\n".join(marked).encode()))) == list(lines(bill(WHOLE)))


def test_a_bill_without_the_newer_columns_is_read_too() -> None:
    """订单金额 and 申请退款金额 came later; without coupons they say the same."""
    older = WHOLE.replace("订单金额,申请退款金额,费率备注\r".encode(), "甲,乙,丙\r".encode())
    assert list(lines(bill(older))) == list(lines(bill(WHOLE)))


def test_a_day_without_business_has_no_lines() -> None:
    empty = Bill(DAY, "", BytesIO(b""))
    assert (checked(empty), list(lines(empty))) == (BillTotals(), [])


def test_what_a_coupon_took_off_was_ordered_all_the_same() -> None:
    """应结订单金额 is less a merchant's coupon; the order's own amount is what we asked for."""
    settled = WHOLE.replace(b"CNY,`99.90", b"CNY,`89.90", 1)
    settled = settled.replace(b"`2,`99.90", b"`2,`89.90")
    assert next(lines(bill(settled))).fen == 9990


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("99.90", "99.9x", "no amount"),
        ("99.90", "99.901", "no sum of money"),
        ("99.90", "１.00", "no amount"),
        ("`99.90,`10.05\r", "`99.91,`10.05\r", "订单总金额"),
        ("0.54000", "0.55000", "手续费总金额"),
        ("`2,", "`3,", "2 lines"),
        ("2026-01-05 10:00:01", "yesterday", "no moment"),
        ("2026-01-05 10:00:01", "2026-01-09 10:00:01", "is of 2026-01-09"),
        ("商户退款单号", "退款单号", "商户退款单号"),
        ("`OTHERS,", "", "fields instead of"),
        ("总交易单数", "总数", "before its summary"),
    ],
)
def test_a_bill_that_is_not_as_it_should_be_is_refused_in_one_line(old: str, new: str, says: str) -> None:
    broken = WHOLE.decode().replace(old, new).encode()
    assert broken != WHOLE
    with pytest.raises(BillBroken, match=says) as refused:
        checked(bill(broken))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "kept", [0, 10, len(HEAD.encode()) + 10, len(WHOLE) // 2, len(WHOLE) - 20, len(WHOLE) - 60]
)
def test_a_bill_that_was_cut_off_is_refused(kept: int) -> None:
    with pytest.raises(BillBroken):
        checked(bill(WHOLE[:kept]))


@pytest.mark.parametrize("more", [WHOLE[3:], b"`1,`2\r\n", "\xff\n".encode("latin-1"), b"x" * 20_000])
def test_nothing_follows_the_summary(more: bytes) -> None:
    with pytest.raises(BillBroken):
        checked(bill(WHOLE + more))


def test_a_line_without_end_is_not_read_into_memory() -> None:
    endless = bill(WHOLE[:400] + b"`" * 20_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BillBroken, match="longer than any line"):
            checked(endless)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
