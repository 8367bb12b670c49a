"""What stands on an invoice: one's own order, once paid, and correctable until it is made out."""

from __future__ import annotations

import pytest

from payments.errors import InvoiceIssued, NothingToInvoice, OrderNotFound
from payments.invoice import is_tax_no
from tests.unit.payments.counter import FREE, LIN, MEI, Counter

COMPANY, TAX_NO = "阿文信息系统有限公司", "91310000MA1K35XX7P"


def test_it_is_noted_and_corrected_while_it_is_asked(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.till.invoices.ask(LIN, order.order_no, COMPANY, TAX_NO)
    counter.clock.advance(60)
    counter.till.invoices.ask(LIN, order.order_no, " 个人 林小雨 ")
    (invoice,) = counter.till.invoices.listed("asked")
    assert (invoice.order_no, invoice.title, invoice.tax_no) == (order.order_no, "个人 林小雨", "")
    assert invoice.updated_at > invoice.created_at


def test_what_is_made_out_does_not_change(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.till.invoices.ask(LIN, order.order_no, COMPANY, TAX_NO)
    counter.till.invoices.done(order.order_no, "No 12345678")
    with pytest.raises(InvoiceIssued):
        counter.till.invoices.ask(LIN, order.order_no, "另一家公司", TAX_NO)
    (invoice,) = counter.till.invoices.listed()
    assert (invoice.status, invoice.title, invoice.note) == ("issued", COMPANY, "No 12345678")
    assert counter.till.invoices.done(order.order_no) == invoice  # a second time changes nothing


def test_anothers_order_gets_none(counter: Counter) -> None:
    order, _ = counter.bought()
    with pytest.raises(OrderNotFound):
        counter.till.invoices.ask(MEI, order.order_no, COMPANY, TAX_NO)
    assert counter.till.invoices.listed() == []


def test_what_took_no_money_or_gave_it_back_gets_none(counter: Counter) -> None:
    unpaid, free = counter.order(), counter.order(MEI, FREE)
    for openid, order in ((LIN, unpaid), (MEI, free)):
        with pytest.raises(NothingToInvoice):
            counter.till.invoices.ask(openid, order.order_no, COMPANY, TAX_NO)
    back, _ = counter.bought(MEI)
    counter.refunded(back.order_no)
    with pytest.raises(NothingToInvoice):
        counter.till.invoices.ask(MEI, back.order_no, COMPANY, TAX_NO)


@pytest.mark.parametrize(
    ("title", "tax_no"), [("", ""), ("字" * 101, ""), (COMPANY, "123"), (COMPANY, "税" * 18)]
)
def test_what_no_invoice_can_have_is_refused(counter: Counter, title: str, tax_no: str) -> None:
    order, _ = counter.bought()
    with pytest.raises(ValueError, match="title"):
        counter.till.invoices.ask(LIN, order.order_no, title, tax_no)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (TAX_NO, True),
        ("1" * 15, True),
        ("1" * 20, True),
        ("1" * 14, False),
        ("1" * 21, False),
        ("a" * 18, False),
    ],
)
def test_the_form_of_a_tax_number(text: str, fits: bool) -> None:
    assert is_tax_no(text) == fits
