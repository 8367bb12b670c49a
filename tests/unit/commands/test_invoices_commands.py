"""The operator's list of invoices."""

from __future__ import annotations

from tests.flows.courses import CRAWLER
from tests.flows.town import Town
from tests.unit.commands.conftest import Keban

TAX_NO = "91310000MA1K35XX7P"


def test_they_are_listed_exported_and_ticked_off(town: Town, keban: Keban) -> None:
    anna = town.new_follower().log_in()
    order_no = anna.buy(CRAWLER)
    anna.say(f"发票 订单号 {order_no}，抬头 =公司，税号 {TAX_NO}")
    anna.say("确认发票")
    config = ("--config", str(town.config), "invoices")
    assert f"{order_no}  ¥99  =公司  {TAX_NO}" in keban(*config, "list").out
    assert f"{order_no},9900,'=公司,{TAX_NO},asked,," in keban(*config, "export").out
    assert keban(*config, "done", order_no, "--note", "No 1").status == 0
    assert order_no not in keban(*config, "list").out
    assert f"{order_no},9900,'=公司,{TAX_NO},issued,No 1," in keban(*config, "export").out


def test_one_that_nobody_asked_for_cannot_be_ticked_off(town: Town, keban: Keban) -> None:
    outcome = keban("--config", str(town.config), "invoices", "done", "26010100000000000000")
    assert outcome.status == 1 and "no invoice was asked for" in outcome.err
