"""Reconciling, granting, revoking, dismissing and exporting, as an operator types it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app import open_rooms
from commands.reconcile import KINDS, REPAIRS, told
from commands.spreadsheet import plain
from infra.metrics import REGISTRY
from payments import match
from payments.audit_tables import audit
from payments.bill import BEIJING, BillBroken
from payments.gateway import BillNotReady, GatewayUnavailable
from payments.invoice_tables import invoices
from payments.reconcile import EVERY_REPAIR, Reconciled, reconcile
from payments.tables import orders, postings
from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.unit.commands.conftest import Keban


@pytest.fixture
def anna(town: Town) -> Iterator[Follower]:
    yield town.new_follower().log_in()
    town.faults()


def today() -> date:
    return datetime.now(BEIJING).date()


def compared(town: Town, **faults: object) -> Reconciled:
    """Today's bill, which the platform gives too early."""
    town.faults(bill_early=True, **faults)
    rooms = open_rooms(town.settings)
    try:
        return reconcile(rooms.shop.till.desk, today())
    finally:
        rooms.close()


def test_the_platforms_bill_and_the_books_are_equal_to_the_fen(
    town: Town, anna: Follower, keban: Keban
) -> None:
    order_no = anna.buy(CRAWLER)
    keban("--config", str(town.config), "refund", order_no, "--fen", "150", "--reason", "迟到")
    anna.await_push("已经原路退回")
    done = compared(town)
    assert done.left == [] and done.totals.rows >= 2 and done.totals.fee_fen > 0
    lines = told(done, apply=False)
    assert lines[-1] == "账单和账本一分不差。" and f"微信账单 {done.totals.rows} 笔" in lines[0]


def test_a_difference_is_printed_with_what_to_do(town: Town, anna: Follower) -> None:
    anna.buy(CRAWLER)
    done = compared(town, bill_missing_row=1)
    assert [one.kind for one in done.left] == ["missing_there"]
    text = "\n".join(told(done, apply=False))
    assert "有 1 处对不上" in text and f"D{done.left[0].id}" in text and "--apply" in text
    done = compared(town, bill_other_amount=1)
    assert [one.kind for one in done.left] == ["other_amount"]
    assert "要人来看" in "\n".join(told(done, apply=False))
    assert [one.kind for one in compared(town, bill_other_merchant=1).left] == ["other_merchant"]
    assert compared(town).left == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("bill_wrong_hash", GatewayUnavailable),
        ("bill_truncated", BillBroken),
        ("bill_creating", BillNotReady),
    ],
)
def test_a_bill_that_is_wrong_is_one_error(
    town: Town, anna: Follower, fault: str, error: type[Exception]
) -> None:
    anna.buy(CRAWLER)
    with pytest.raises(error):
        compared(town, **{fault: True})


def test_before_the_bill_is_made_the_command_says_so(town: Town, keban: Keban) -> None:
    town.faults(bill_creating=True)
    outcome = keban("--config", str(town.config), "reconcile")
    town.faults()
    assert outcome.status == 1 and "still being made" in outcome.err and "账单" not in outcome.out


def test_the_command_asks_for_yesterday(town: Town, anna: Follower, keban: Keban) -> None:
    town.faults(bill_early=True)
    outcome = keban("--config", str(town.config), "reconcile")
    assert outcome.status == 0
    assert outcome.out.endswith(f"{today() - timedelta(days=1)}：微信那边没有交易。\n账单和账本一分不差。\n")


def test_differences_that_remain_are_status_one(town: Town, anna: Follower, keban: Keban) -> None:
    """An order that our books place on yesterday, and the platform on today."""
    order_no = anna.buy(CRAWLER)
    town.faults(bill_early=True)
    at = datetime.combine(today() - timedelta(days=1), datetime.min.time(), BEIJING) + timedelta(hours=12)
    moved = update(postings).where(postings.c.order_no == order_no)
    with town.rooms.db.transaction() as conn:
        conn.execute(moved.values(at=at))
    outcome = keban("--config", str(town.config), "reconcile")
    assert outcome.status == 1 and "账本上有，微信的账单里没有" in outcome.out
    outcome = keban("--config", str(town.config), "reconcile", "--apply")
    assert outcome.status == 0 and "已修复" in outcome.out, "the gateway says that it was today"
    with town.rooms.db.transaction() as conn:
        conn.execute(moved.values(at=datetime.now(BEIJING)))


@pytest.mark.parametrize(
    "words", [["--date", "5.1.2026"], ["--date", "2999-01-01"], ["--date", "2020-01-01"]]
)
def test_a_day_without_a_bill_is_bad_usage(town: Town, keban: Keban, words: list[str]) -> None:
    assert keban("--config", str(town.config), "reconcile", *words).status == 2


def test_each_kind_and_each_repair_has_its_sentence() -> None:
    assert KINDS.keys() == match.REPAIRS.keys()
    assert REPAIRS.keys() == EVERY_REPAIR


def test_an_operator_grants_and_revokes(town: Town, anna: Follower, keban: Keban) -> None:
    config = str(town.config)
    outcome = keban(
        "--config", config, "grant", anna.openid, "crawler-one", "--access", "30d", "--reason", "补偿"
    )
    assert outcome.status == 0 and "已经打开" in outcome.out and "operator:" in outcome.out
    assert CRAWLER in anna.say("我的课程")
    outcome = keban("--config", config, "revoke", anna.openid, "crawler-one", "--reason", "弄错了")
    assert outcome.status == 0 and "已经收回" in outcome.out
    assert not town.rooms.shop.till.may_read(anna.openid, "crawler-one")
    assert keban("--config", config, "revoke", anna.openid, "crawler-one", "--reason", "x").status == 1


def test_an_orders_access_is_revoked_by_its_number(town: Town, anna: Follower, keban: Keban) -> None:
    order_no = anna.buy(CRAWLER)
    outcome = keban("--config", str(town.config), "revoke", anna.openid, order_no, "--reason", "转给了别人")
    assert outcome.status == 0 and f"order:{order_no}" in outcome.out
    shown = keban("--config", str(town.config), "orders", "show", order_no).out
    assert "revoked" in shown and "转给了别人" in shown and "ledger   ¥99" in shown


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["grant", "oSomebody", "nosuchcourse", "--reason", "x"], 2),
        (["grant", "o some body", "crawler-one", "--reason", "x"], 2),
        (["grant", "oSomebody", "crawler-one", "--reason", " "], 2),
        (["grant", "oSomebody", "crawler-one"], 2),
        (["grant", "oSomebody", "crawler-one", "--access", "ein Jahr", "--reason", "x"], 1),
        (["orders", "dismiss", "NOSUCHORDER", "--reason", "x"], 1),
        (["orders", "dismiss", "D999999", "--reason", "x"], 1),
        (["orders", "export", "--from", "2026-01-05", "--to", "2026-01-04"], 2),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    town: Town, keban: Keban, words: list[str], status: int
) -> None:
    outcome = keban("--config", str(town.config), *words)
    assert outcome.status == status and outcome.err and "已经" not in outcome.out


def test_who_asked_for_a_refund_is_written_down(town: Town, anna: Follower, keban: Keban) -> None:
    order_no = anna.buy(CRAWLER)
    keban("--config", str(town.config), "refund", order_no, "--fen", "100", "--reason", "迟到")
    (refund,) = town.rooms.shop.till.show(order_no).refunds
    assert refund.asked_by.startswith("operator:")
    assert "refund  迟到" in keban("--config", str(town.config), "orders", "show", order_no).out


def test_the_list_can_be_narrowed(town: Town, anna: Follower, keban: Keban) -> None:
    order_no = anna.buy(CRAWLER)
    config = str(town.config)
    assert order_no in keban("--config", config, "orders", "list", "--status", "fulfilled").out
    assert order_no not in keban("--config", config, "orders", "list", "--status", "closed").out
    assert order_no not in keban("--config", config, "orders", "list", "--care").out


def test_the_export_is_a_spreadsheets_and_computes_nothing(town: Town, anna: Follower, keban: Keban) -> None:
    order_no = anna.buy(CRAWLER)
    with town.rooms.db.transaction() as conn:
        conn.execute(update(orders).where(orders.c.order_no == order_no).values(title="=HYPERLINK(1)"))
    out = keban("--config", str(town.config), "orders", "export").out
    assert out.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))
    row = next(row for row in rows if row["订单号"] == order_no)
    assert row["买了什么"] == "'=HYPERLINK(1)"
    assert (row["应付"], row["实收"], row["已退"], row["状态"]) == ("99.00", "99.00", "0.00", "fulfilled")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    yesterday = str(today() - timedelta(days=1))
    only_head = keban(
        "--config", str(town.config), "orders", "export", "--from", yesterday, "--to", yesterday
    ).out
    assert len(only_head.splitlines()) == 1


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t="])
def test_what_followers_write_on_invoices_computes_nothing_either(
    town: Town, anna: Follower, keban: Keban, begins: str
) -> None:
    order_no = anna.buy(CRAWLER)
    evil = f"{begins}cmd|'/c calc'!A1"
    with town.rooms.db.transaction() as conn:
        row = {"order_no": order_no, "openid": anna.openid, "tax_no": "", "status": "asked", "note": evil}
        moments = {"created_at": datetime.now(UTC), "updated_at": datetime.now(UTC)}
        conn.execute(invoices.insert().values(title=evil, **row, **moments))
    out = keban("--config", str(town.config), "invoices", "export").out
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    (row,) = [row for row in rows if row["order_no"] == order_no]
    assert (row["title"], row["note"]) == (f"'{evil}", f"'{evil}")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_a_cell_that_begins_with_a_line_end_is_plain_too() -> None:
    assert (plain("\r=1"), plain("1=1"), plain("")) == ("'\r=1", "1=1", "")


def test_the_figures_tell_of_alerts_by_kind(town: Town, anna: Follower) -> None:
    text = anna.get("/metrics").text
    assert 'keban_alerts{kind="unopened"} 0.0' in text and 'keban_alerts{kind="difference"}' in text
    assert REGISTRY.get_sample_value("keban_alerts", {"kind": "verification"}) == 0.0


def test_the_audit_is_appended_to_and_nothing_else() -> None:
    """No statement of the product changes or deletes a row of it."""
    root = Path(__file__).resolve().parents[3]
    for file in (root / "payments").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "update(audit" not in text and "delete(audit" not in text, file
    assert audit.name == "audit"
