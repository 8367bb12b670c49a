"""What the till relies on of a gateway: the same of the adapter against the sandbox, of the adapter against
the documents of WeChat Pay's reference, and of the gateway that the till's own tests pretend.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from payments.errors import NotificationRefused
from payments.gateway import BillNotReady, GatewayRefused, PrepayRequest, RefundRequest, Way
from payments.prepay import NUMBER_IS_USED_UP, PAID_THERE
from tests.contracts.markets import (
    Market,
    in_two_hours,
    pretend_market,
    recorded_market,
    sandbox_market,
    today,
)

WAYS: tuple[Way, ...] = ("jsapi", "native", "h5")


@pytest.fixture(scope="module", params=[sandbox_market, recorded_market, pretend_market])
def market(request: pytest.FixtureRequest, platform_keys: dict[str, Any]) -> Iterator[Market]:
    with request.param(platform_keys) as opened:
        yield opened


@pytest.fixture
def asked(market: Market) -> PrepayRequest:
    """An attempt of its own for each test."""
    return PrepayRequest(
        out_trade_no=f"2601051000{secrets.token_hex(5)}01",
        description="Python 爬虫从零到一",
        total_fen=9900,
        openid=market.payer,
        notify_url=market.notify_url,
        expires_at=in_two_hours(),
        client_ip="203.0.113.7",
    )


def paid(market: Market, asked: PrepayRequest) -> PrepayRequest:
    market.pays(asked, market.gateway.prepay(asked))
    return asked


def refund_of(asked: PrepayRequest, fen: int, number: int = 1) -> RefundRequest:
    return RefundRequest(
        out_refund_no=f"{asked.out_trade_no}R{number:02}",
        out_trade_no=asked.out_trade_no,
        fen=fen,
        total_fen=asked.total_fen,
        reason="不想学了",
        notify_url=asked.notify_url,
    )


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gives_what_it_needs_and_nothing_else(
    market: Market, asked: PrepayRequest, way: Way
) -> None:
    prepared = market.gateway.prepay(replace(asked, way=way))
    given = {name for name, value in vars(prepared).items() if value}
    assert given == {{"jsapi": "prepay_id", "native": "code_url", "h5": "h5_url"}[way]}
    if way == "native":
        assert prepared.code_url.startswith("weixin://wxpay/")


@pytest.mark.parametrize("way", WAYS)
def test_prepared_again_it_is_the_same(market: Market, asked: PrepayRequest, way: Way) -> None:
    wanted = replace(asked, way=way)
    assert market.gateway.prepay(wanted) == market.gateway.prepay(wanted)


def test_a_number_keeps_its_terms(market: Market, asked: PrepayRequest) -> None:
    market.gateway.prepay(asked)
    with pytest.raises(GatewayRefused) as refused:
        market.gateway.prepay(replace(asked, total_fen=1))
    assert refused.value.code in NUMBER_IS_USED_UP


def test_the_sheet_gets_six_fields(market: Market, asked: PrepayRequest) -> None:
    prepared = market.gateway.prepay(asked)
    fields = market.gateway.sign_jsapi(prepared.prepay_id)
    assert set(fields) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    assert all(isinstance(value, str) and value for value in fields.values())
    assert (fields["package"], fields["signType"]) == (f"prepay_id={prepared.prepay_id}", "RSA")
    assert fields["appId"] == market.gateway.merchant.app_id


def test_what_nobody_has_heard_of_is_none_and_no_error(market: Market, asked: PrepayRequest) -> None:
    assert market.gateway.query(asked.out_trade_no) is None
    assert market.gateway.query_refund(f"{asked.out_trade_no}R01") is None


def test_before_the_payment_nothing_is_said_of_money(market: Market, asked: PrepayRequest) -> None:
    market.gateway.prepay(asked)
    said = market.gateway.query(asked.out_trade_no)
    assert said is not None
    assert (said.state, said.out_trade_no) == ("NOTPAY", asked.out_trade_no)
    assert (said.transaction_id, said.openid, said.success_at) == ("", "", None)
    assert said.total_fen in (None, 9900)  # the reference leaves it open
    assert (said.app_id, said.mch_id) == tuple(vars(market.gateway.merchant).values())


@pytest.mark.parametrize("way", WAYS)
def test_after_the_payment_all_is_said(market: Market, asked: PrepayRequest, way: Way) -> None:
    wanted = paid(market, replace(asked, way=way))
    said = market.gateway.query(wanted.out_trade_no)
    assert said is not None
    assert (said.state, said.total_fen, said.currency) == ("SUCCESS", 9900, "CNY")
    assert said.transaction_id and said.openid == market.payer
    assert said.success_at is not None and said.success_at.tzinfo is UTC


def test_the_news_of_a_payment_says_what_the_query_says(market: Market, asked: PrepayRequest) -> None:
    paid(market, asked)
    headers, body = market.payment_notice(asked.out_trade_no)
    notice = market.gateway.open_payment(headers, body)
    assert (notice.event_type, notice.body) == ("TRANSACTION.SUCCESS", body)
    assert notice.id and notice.fact == market.gateway.query(asked.out_trade_no)


def test_what_is_forged_is_refused(market: Market, asked: PrepayRequest) -> None:
    paid(market, asked)
    headers, body = market.payment_notice(asked.out_trade_no)
    for spoilt in ({}, {name: value[::-1] for name, value in headers.items()}):
        with pytest.raises(NotificationRefused):
            market.gateway.open_payment(spoilt, body)
        with pytest.raises(NotificationRefused):
            market.gateway.open_refund(spoilt, body)


def test_a_closed_number_cannot_be_used_again(market: Market, asked: PrepayRequest) -> None:
    market.gateway.prepay(asked)
    market.gateway.close(asked.out_trade_no)
    market.gateway.close(asked.out_trade_no)  # an answer that was lost is asked for again
    said = market.gateway.query(asked.out_trade_no)
    assert said is not None and said.state == "CLOSED"
    with pytest.raises(GatewayRefused) as refused:
        market.gateway.prepay(asked)
    assert refused.value.code in NUMBER_IS_USED_UP


def test_what_is_paid_is_neither_closed_nor_prepared_again(market: Market, asked: PrepayRequest) -> None:
    paid(market, asked)
    with pytest.raises(GatewayRefused) as refused:
        market.gateway.close(asked.out_trade_no)
    assert refused.value.code in PAID_THERE
    with pytest.raises(GatewayRefused) as again:
        market.gateway.prepay(asked)
    assert again.value.code in PAID_THERE


def test_accepted_is_not_done_and_done_is_told(market: Market, asked: PrepayRequest) -> None:
    paid(market, asked)
    refund = refund_of(asked, 3000)
    accepted = market.gateway.refund(refund)
    assert (accepted.state, accepted.fen, accepted.total_fen) == ("PROCESSING", 3000, 9900)
    assert (accepted.out_refund_no, accepted.out_trade_no) == (refund.out_refund_no, asked.out_trade_no)
    headers, body = market.refund_ends(refund.out_refund_no)
    notice = market.gateway.open_refund(headers, body)
    assert notice.event_type == "REFUND.SUCCESS"
    assert (notice.fact.state, notice.fact.mch_id) == ("SUCCESS", market.gateway.merchant.mch_id)
    done = market.gateway.query_refund(refund.out_refund_no)
    assert done is not None
    assert (done.state, done.fen, done.success_at) == ("SUCCESS", 3000, notice.fact.success_at)
    assert isinstance(done.success_at, datetime) and done.refund_id


def test_the_same_refund_twice_is_one_refund(market: Market, asked: PrepayRequest) -> None:
    paid(market, asked)
    first, again = (market.gateway.refund(refund_of(asked, 9900)) for _ in range(2))
    assert (first.refund_id, first.fen) == (again.refund_id, again.fen)


def test_more_than_was_paid_does_not_go_back(market: Market, asked: PrepayRequest) -> None:
    paid(market, asked)
    with pytest.raises(GatewayRefused):
        market.gateway.refund(refund_of(asked, 9901))


def test_the_bill_of_a_day_that_is_not_over_comes_later(market: Market) -> None:
    with pytest.raises(BillNotReady):
        market.gateway.trade_bill(today())
