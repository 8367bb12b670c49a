"""Three ways to pay one order: in WeChat, by a code on a screen, in a phone's browser; and changing them."""

from __future__ import annotations

from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.flows.courses import CANARY, CRAWLER
from tests.flows.follower import Follower
from tests.flows.test_scan_login import WINDOWS
from tests.flows.town import Town

LESSON = "/courses/crawler-one/work"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def order_no(anna: Follower) -> str:
    return anna.log_in().order_of(CRAWLER)


def elsewhere(follower: Follower, agent: str, path: str, **options: Any) -> requests.Response:
    """The same follower, logged in, in another browser."""
    return follower.get(path, headers={"User-Agent": agent}, **options)


def is_open_for(follower: Follower) -> bool:
    return CANARY in follower.get(LESSON).text


def ways_of(town: Town, order_no: str) -> list[tuple[str, str]]:
    return [(one.way, one.status) for one in town.rooms.shop.till.show(order_no).attempts]


def test_the_page_chooses_by_where_it_is_opened(town: Town, anna: Follower, order_no: str) -> None:
    here = anna.get(f"/pay/{order_no}")
    assert 'id="pay"' in here.text and 'data-way="jsapi"' in here.text
    computer = elsewhere(anna, WINDOWS, f"/pay/{order_no}")
    assert 'data-way="native"' in computer.text and "扫一扫" in computer.text
    phone = elsewhere(anna, IPHONE, f"/pay/{order_no}")
    assert 'data-way="h5"' in phone.text and f'href="/pay/{order_no}/h5"' in phone.text
    assert 'data-way="native"' in elsewhere(anna, IPHONE, f"/pay/{order_no}?way=native").text
    assert ways_of(town, order_no) == []  # a look alone asks WeChat Pay for nothing


def test_without_a_script_the_code_alone_is_shown(anna: Follower, order_no: str) -> None:
    page = elsewhere(anna, WINDOWS, f"/pay/{order_no}").text
    assert '<div class="code-frame" id="code" aria-live="polite" data-scripted hidden>' in page
    assert f'<noscript><img class="code-frame" src="/pay/{order_no}/qr.svg"' in page


def test_the_code_is_a_picture_under_the_strict_policy(anna: Follower, order_no: str) -> None:
    code = elsewhere(anna, WINDOWS, f"/pay/{order_no}/qr.svg")
    assert code.headers["Content-Type"] == "image/svg+xml"
    assert code.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert code.headers["Cache-Control"] == "no-store"
    assert code.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "weixin://wxpay/bizpayurl?pr=" in code.text and "style" not in code.text
    assert elsewhere(anna, WINDOWS, f"/pay/{order_no}/qr.svg").text == code.text  # the same attempt


def test_a_code_is_paid_by_a_friend_and_the_course_is_the_owners(
    town: Town, anna: Follower, bert: Follower, order_no: str
) -> None:
    paid = bert.log_in().pay(order_no, way="native", owner=anna.openid)
    assert (paid["status"], paid["notified"]) == ("success", True), paid
    assert anna.status(order_no)["paid"]
    assert is_open_for(anna) and not is_open_for(bert)
    (attempt,) = town.rooms.shop.till.show(order_no).attempts
    assert (attempt.way, attempt.openid, attempt.payer) == ("native", anna.openid, bert.openid)
    anna.await_push(order_no)
    assert bert.pushed(order_no) == []


def test_h5_goes_to_wechat_and_comes_back(town: Town, anna: Follower, order_no: str) -> None:
    page = elsewhere(anna, IPHONE, f"/pay/{order_no}")
    # WeChat opens only for the registered site, and learns it from the Referer: origin and no more.
    assert page.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    out = elsewhere(anna, IPHONE, f"/pay/{order_no}/h5", allow_redirects=False)
    assert out.status_code == 302 and out.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    address = out.headers["Location"]
    assert parse_qs(urlsplit(address).query)["redirect_url"] == [f"{town.url}/pay/{order_no}?back=1"]
    wechat = requests.get(address, headers={"Referer": f"{town.url}/"}, timeout=10)
    assert wechat.status_code == 200 and "¥99.00" in wechat.text
    back = requests.post(address, data={"openid": anna.openid}, allow_redirects=False, timeout=10)
    assert back.headers["Location"] == f"{town.url}/pay/{order_no}?back=1"
    anna.until_status(order_no, lambda state: bool(state["paid"]))
    assert is_open_for(anna)
    assert "支付成功" in elsewhere(anna, IPHONE, f"/pay/{order_no}?back=1").text


def test_wechat_does_not_open_for_a_site_that_it_cannot_see(anna: Follower, order_no: str) -> None:
    address = elsewhere(anna, IPHONE, f"/pay/{order_no}/h5", allow_redirects=False).headers["Location"]
    for headers in ({}, {"Referer": "https://elsewhere.example/"}):
        refused = requests.get(address, headers=headers, timeout=10)
        assert refused.status_code == 400 and "商家参数格式有误" in refused.text


def test_who_comes_back_without_having_paid_is_told_calmly(anna: Follower, order_no: str) -> None:
    assert anna.pay(order_no, "cancel", way="h5")["status"] == "cancelled"
    back = elsewhere(anna, IPHONE, f"/pay/{order_no}?back=1")
    assert "我付好了" in back.text and "没有扣你的钱" in back.text and "还没付，再去微信" in back.text
    assert not anna.status(order_no, ask=True)["paid"]
    assert anna.pay(order_no, way="h5")["status"] == "success"
    assert is_open_for(anna)


def test_changing_the_way_closes_the_former_and_one_payment_counts(
    town: Town, anna: Follower, order_no: str
) -> None:
    assert anna.pay(order_no, "cancel")["status"] == "cancelled"
    assert anna.pay(order_no, "cancel", way="native")["status"] == "cancelled"
    assert anna.pay(order_no, "cancel", way="h5")["status"] == "cancelled"
    assert ways_of(town, order_no) == [("jsapi", "closed"), ("native", "closed"), ("h5", "prepay")]
    assert anna.pay(order_no, way="native")["status"] == "success"
    assert ways_of(town, order_no)[-2:] == [("h5", "closed"), ("native", "success")]
    assert town.rooms.shop.till.show(order_no).balance_fen == 9900


def test_paid_by_the_code_while_another_way_is_tried_is_found_and_not_paid_twice(
    town: Town, anna: Follower, order_no: str
) -> None:
    """The notification is lost; the page in WeChat asks before it closes the code."""
    town.faults(drop=True)
    assert anna.pay(order_no, way="native")["status"] == "success"
    assert not anna.status(order_no)["paid"]
    again = anna.post(f"/pay/{order_no}/prepay")
    assert again.status_code == 409 and again.json()["code"] == "AlreadyPaid"
    assert is_open_for(anna)


def test_another_followers_order_has_no_code_and_no_way_out(bert: Follower, order_no: str) -> None:
    bert.log_in()
    for path in ("qr.svg", "h5"):
        answer = elsewhere(bert, WINDOWS, f"/pay/{order_no}/{path}", allow_redirects=False)
        assert answer.status_code == 404 and "weixin://" not in answer.text


def test_a_stranger_gets_no_code(town: Town, order_no: str) -> None:
    agent = {"User-Agent": WINDOWS}
    code = requests.get(f"{town.url}/pay/{order_no}/qr.svg", headers=agent, timeout=10)
    assert (code.status_code, code.json()["code"]) == (401, "LOGIN")
    out = requests.get(f"{town.url}/pay/{order_no}/h5", headers=agent, allow_redirects=False, timeout=10)
    assert out.headers["Location"] == f"/pay/{order_no}"


def test_when_wechat_pay_is_silent_the_code_says_so_and_nothing_is_lost(
    town: Town, anna: Follower, order_no: str
) -> None:
    town.faults(prepay_error=1)
    code = elsewhere(anna, WINDOWS, f"/pay/{order_no}/qr.svg")
    assert code.status_code == 503 and "没有扣你的钱" in code.json()["message"]
    town.faults(prepay_error=1)
    assert elsewhere(anna, WINDOWS, f"/pay/{order_no}/h5").status_code == 503
    assert elsewhere(anna, WINDOWS, f"/pay/{order_no}/qr.svg").status_code == 200


def test_a_paid_order_shows_neither_code_nor_link(anna: Follower, order_no: str) -> None:
    anna.pay(order_no, way="native")
    code = elsewhere(anna, WINDOWS, f"/pay/{order_no}/qr.svg")
    assert (code.status_code, code.json()["code"]) == (409, "AlreadyPaid")
    assert urlsplit(elsewhere(anna, IPHONE, f"/pay/{order_no}/h5").url).path == f"/pay/{order_no}"
    assert "支付成功" in elsewhere(anna, WINDOWS, f"/pay/{order_no}").text


def test_h5_tells_wechat_pay_where_the_payer_is(
    town: Town, anna: Follower, order_no: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    gateway = town.rooms.gateway
    prepay = gateway.prepay

    def heard(request: Any) -> Any:
        asked.append(request.client_ip)
        return prepay(request)

    monkeypatch.setattr(gateway, "prepay", heard)
    forwarded = {"User-Agent": IPHONE, "X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    anna.get(f"/pay/{order_no}/h5", headers=forwarded, allow_redirects=False)
    assert asked == ["203.0.113.7"]


def test_without_an_address_h5_is_refused_with_what_to_do(town: Town, anna: Follower, order_no: str) -> None:
    forwarded = {"User-Agent": IPHONE, "X-Forwarded-For": "unknown"}
    refused = anna.get(f"/pay/{order_no}/h5", headers=forwarded)
    assert refused.status_code == 403
    assert "请在微信里打开这个订单" in refused.text and "没有扣你的钱" in refused.text
    assert ways_of(town, order_no) == []


def test_the_status_says_when_there_is_nothing_to_wait_for(anna: Follower, order_no: str) -> None:
    assert anna.status(order_no)["payable"] is True
    anna.pay(order_no)
    assert anna.status(order_no)["payable"] is False


def test_the_code_on_the_page_is_the_one_that_the_sandbox_scans(
    town: Town, anna: Follower, bert: Follower, order_no: str
) -> None:
    """As in the sandbox's browser: the screen shows it, another phone scans it, and pays."""
    picture = elsewhere(anna, WINDOWS, f"/pay/{order_no}/qr.svg").text
    code = unescape(picture.partition("<desc>")[2].partition("</desc>")[0])
    scan = {"openid": bert.openid, "content": code}
    seen = requests.post(f"{town.platform.url}/api/scans", json=scan, timeout=10).json()
    assert (seen["kind"], seen["ok"], seen["sheet"]["total_fen"]) == ("pay", True, 9900)
    paid = requests.post(f"{town.platform.url}/api/scans/pay", json=scan, timeout=10).json()
    assert paid["ok"]
    anna.until_status(order_no, lambda state: bool(state["paid"]))
    again = requests.post(f"{town.platform.url}/api/scans/pay", json=scan, timeout=10).json()
    assert not again["ok"] and "已支付" in again["message"]
