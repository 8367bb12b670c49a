"""The sandbox over real HTTP: what the public libraries send it accepts, what it sends they accept, and each
fault does what it says. The service on the other side is a small stand-in that tests command."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
import xmltodict
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpy import WeChatClient, WeChatOAuth
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatClientException

from sandbox.app import Running, running_sandbox
from sandbox.config import from_dict
from sandbox.keys import make
from tests.waiting import until

OPENID = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n"
OTHER = "oZ9y8X7w6V5u4T3s2R1q0P9o8N7m"
ORDER = "KB20260101000001"
BANNER = "该公众号提供的服务出现故障，请稍后再试"

Keys = dict[str, Any]


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Answered:
    body: bytes = b"success"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Service:
    """An HTTP server that answers by path; every request is noted."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.pages: dict[str, Callable[[Asked], Answered]] = {}
        self.changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def to(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def wait_for(self, path: str, count: int) -> list[Asked]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.to(path)) >= count, timeout=10), self.asked
        return self.to(path)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Answered:
        with self.changed:
            self.asked.append(asked)
            self.changed.notify_all()
        page = self.pages.get(asked.path)
        return page(asked) if page else Answered(b"<title>nothing here</title>", 404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = dict(parse_qsl(parts.query))
                asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
                answer = service.answer(asked)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    made = make(tmp_path_factory.mktemp("sandbox-contract"), port=0)
    return {name: value for name, value in made.items() if name not in ("config", "state_dir")}


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


@pytest.fixture
def sandbox(keys: Keys, service: Service) -> Iterator[Running]:
    config = replace(from_dict(keys), notify_schedule_s=(0.01, 0.02), refund_delay_s=0.0, reply_timeout_s=2.0)
    with running_sandbox(config) as running:
        running.service_url = service.url
        yield running


def send(sandbox: Running, **message: Any) -> dict[str, Any]:
    answer = requests.post(f"{sandbox.url}/api/messages", json={"openid": OPENID, **message}, timeout=20)
    shown: dict[str, Any] = answer.json()
    return shown


def inbox(sandbox: Running, openid: str = OPENID) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = requests.get(
        f"{sandbox.url}/api/followers/{openid}/inbox", timeout=5
    ).json()["messages"]
    return messages


def set_faults(sandbox: Running, **faults: Any) -> requests.Response:
    return requests.put(f"{sandbox.url}/api/faults", json=faults, timeout=5)


# ---- messages, with wechatpy as the service ----


def opened(keys: Keys, asked: Asked) -> dict[str, Any]:
    query = asked.query
    crypto = WeChatCrypto(keys["token"], keys["encoding_aes_key"], keys["app_id"])
    xml = crypto.decrypt_message(asked.body, query["msg_signature"], query["timestamp"], query["nonce"])
    document: dict[str, Any] = xmltodict.parse(xml)["xml"]
    return document


def echo(keys: Keys) -> Callable[[Asked], Answered]:
    """Answers every message with its own words, as wechatpy decrypts and encrypts them."""
    crypto = WeChatCrypto(keys["token"], keys["encoding_aes_key"], keys["app_id"])

    def answer(asked: Asked) -> Answered:
        if asked.method == "GET":
            return Answered(asked.query["echostr"].encode())
        message = opened(keys, asked)
        words = message.get("Content") or f"{message['Event']}:{message['EventKey']}"
        reply = {
            "ToUserName": message["FromUserName"],
            "FromUserName": message["ToUserName"],
            "CreateTime": "1",
            "MsgType": "text",
            "Content": words,
        }
        xml = xmltodict.unparse({"xml": reply}, full_document=False)
        return Answered(crypto.encrypt_message(xml, asked.query["nonce"], asked.query["timestamp"]).encode())

    return answer


def test_a_message_goes_there_and_back_through_another_implementation(
    sandbox: Running, service: Service, keys: Keys
) -> None:
    service.pages["/wechat"] = echo(keys)
    answer = send(sandbox, type="text", content="想学爬虫 😀 <b>")
    assert answer["status"] == 200
    assert answer["reply"] == {"type": "text", "content": "想学爬虫 😀 <b>"}
    assert answer["ms"] > 0
    assert [(line["type"], line["content"], line["via"]) for line in inbox(sandbox)] == [
        ("text", "想学爬虫 😀 <b>", "reply")
    ]
    assert service.asked[0].query["openid"] == OPENID
    assert service.asked[0].query["encrypt_type"] == "aes"


def test_events_go_out_as_wechat_names_them(sandbox: Running, service: Service, keys: Keys) -> None:
    service.pages["/wechat"] = echo(keys)
    assert send(sandbox, type="click", key="HELP")["reply"]["content"] == "CLICK:HELP"
    assert send(sandbox, type="scan", scene="a1")["reply"]["content"] == "SCAN:a1"
    assert send(sandbox, type="subscribe", scene="a1")["reply"]["content"] == "subscribe:qrscene_a1"


def test_the_address_is_checked_as_wechats_console_does(
    sandbox: Running, service: Service, keys: Keys
) -> None:
    service.pages["/wechat"] = echo(keys)
    assert requests.post(f"{sandbox.url}/api/verify", timeout=5).json() == {"ok": True}
    service.pages["/wechat"] = lambda asked: Answered(b"no")
    assert not requests.post(f"{sandbox.url}/api/verify", timeout=5).json()["ok"]


def test_success_is_no_reply(sandbox: Running, service: Service) -> None:
    service.pages["/wechat"] = lambda asked: Answered()
    assert send(sandbox, content="你好")["reply"] is None
    assert inbox(sandbox) == []


@pytest.mark.parametrize("answer", [Answered(b"<xml>oops"), Answered(b"", 500), Answered(b"ok, fine")])
def test_an_unusable_answer_is_asked_for_three_times_and_ends_in_the_banner(
    sandbox: Running, service: Service, keys: Keys, answer: Answered
) -> None:
    service.pages["/wechat"] = lambda asked: answer
    told = send(sandbox, content="你好")
    assert (told["status"], told["reply"], told["tries"]) == (answer.status, None, 3)
    assert [line["content"] for line in inbox(sandbox)] == [BANNER]
    assert len({opened(keys, asked)["MsgId"] for asked in service.asked}) == 1
    assert len({asked.query["nonce"] for asked in service.asked}) == 3


def test_a_service_that_is_not_there_is_told(sandbox: Running) -> None:
    sandbox.service_url = "http://127.0.0.1:9"
    told = send(sandbox, content="你好")
    assert (told["status"], told["tries"]) == (0, 3)
    assert "no answer" in told["problem"]


@pytest.mark.parametrize(
    ("fault", "count"), [("message_drop_answer", 2), ("message_duplicate", 2), ("message_wrong_key", 1)]
)
def test_a_platform_with_a_fault_delivers_otherwise(
    sandbox: Running, service: Service, keys: Keys, fault: str, count: int
) -> None:
    service.pages["/wechat"] = echo(keys)
    if fault == "message_wrong_key":
        service.pages["/wechat"] = lambda asked: Answered()
    set_faults(sandbox, **{fault: 1})
    send(sandbox, content="你好")
    assert len(service.asked) == count
    assert len(inbox(sandbox)) == (0 if fault == "message_wrong_key" else 1)


def test_unknown_faults_are_refused_with_the_known_ones(sandbox: Running) -> None:
    refusal = set_faults(sandbox, nope=1)
    assert refusal.status_code == 400
    assert "drop" in refusal.json()["known"]
    assert set_faults(sandbox, drop=2).json()["faults"] == {"drop": 2}
    assert requests.get(f"{sandbox.url}/api/faults", timeout=5).json()["faults"] == {"drop": 2}
    assert set_faults(sandbox).json()["faults"] == {}


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"openid": "a/b", "content": "x"}', b'{"openid": "oA"}'])
def test_a_message_that_is_none_is_refused(sandbox: Running, body: bytes) -> None:
    answer = requests.post(f"{sandbox.url}/api/messages", data=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


# ---- the account's API, with wechatpy as the caller ----


def stable_token(sandbox: Running, keys: Keys, **more: Any) -> dict[str, Any]:
    body = {"grant_type": "client_credential", "appid": keys["app_id"], "secret": keys["app_secret"], **more}
    answer: dict[str, Any] = requests.post(f"{sandbox.url}/cgi-bin/stable_token", json=body, timeout=5).json()
    return answer


def client(sandbox: Running, keys: Keys) -> WeChatClient:
    token = stable_token(sandbox, keys)["access_token"]
    made = WeChatClient(keys["app_id"], keys["app_secret"], access_token=token, auto_retry=False)
    made.API_BASE_URL = f"{sandbox.url}/cgi-bin/"
    for name in ("message", "menu", "user", "misc"):
        getattr(made, name).API_BASE_URL = f"{sandbox.url}/cgi-bin/"
    return made


def errcode(work: Callable[[], object]) -> int:
    try:
        work()
    except WeChatClientException as error:
        return int(error.errcode)
    return 0


def test_a_push_reaches_who_wrote_and_nobody_else(sandbox: Running, service: Service, keys: Keys) -> None:
    service.pages["/wechat"] = lambda asked: Answered()
    wechat = client(sandbox, keys)
    assert errcode(lambda: wechat.message.send_text(OPENID, "收据")) == 40003
    send(sandbox, content="你好")
    assert [errcode(lambda: wechat.message.send_text(OPENID, "收据")) for _ in range(6)] == [0] * 5 + [45047]
    assert {line["via"] for line in inbox(sandbox)} == {"push"}
    send(sandbox, type="unsubscribe")
    assert errcode(lambda: wechat.message.send_text(OPENID, "收据")) == 45015


def test_the_menu_is_pushed_and_seen_by_the_phone(sandbox: Running, keys: Keys) -> None:
    wechat = client(sandbox, keys)
    assert wechat.menu.get() is None  # the library's word for 46003
    wechat.menu.create({"button": [{"type": "click", "name": "帮助", "key": "HELP"}]})
    assert wechat.menu.get()["menu"]["button"][0]["key"] == "HELP"
    assert requests.get(f"{sandbox.url}/api/account", timeout=5).json()["menu"][0]["name"] == "帮助"
    wechat.menu.delete()
    assert requests.get(f"{sandbox.url}/api/account", timeout=5).json()["menu"] == []


def test_a_follower_is_known_by_openid(sandbox: Running, service: Service, keys: Keys) -> None:
    service.pages["/wechat"] = lambda asked: Answered()
    wechat = client(sandbox, keys)
    assert errcode(lambda: wechat.user.get(OPENID)) == 40003
    send(sandbox, type="subscribe")
    assert wechat.user.get(OPENID)["subscribe"] == 1
    send(sandbox, type="unsubscribe")
    assert wechat.user.get(OPENID)["subscribe"] == 0


@pytest.mark.parametrize(
    ("faults", "expected"),
    [({"token_invalid": 1}, 40001), ({"rate_limit": 1}, 45009), ({"refuse_code": 45047}, 45047)],
)
def test_an_api_with_a_fault_refuses_once(
    sandbox: Running, keys: Keys, faults: dict[str, Any], expected: int
) -> None:
    wechat = client(sandbox, keys)
    set_faults(sandbox, **faults)
    assert errcode(wechat.misc.get_wechat_ips) == expected
    assert errcode(client(sandbox, keys).misc.get_wechat_ips) == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"secret": "no"}, 40125), ({"appid": "wx0"}, 40013), ({"grant_type": "x"}, 40002)],
)
def test_wrong_credentials_get_no_token(sandbox: Running, keys: Keys, changes: Keys, expected: int) -> None:
    assert stable_token(sandbox, keys, **changes)["errcode"] == expected


def test_a_body_that_is_no_json_is_47001(sandbox: Running) -> None:
    answer = requests.post(f"{sandbox.url}/cgi-bin/stable_token", data=b"{", timeout=5)
    assert answer.json()["errcode"] == 47001


# ---- login ----


def authorize(sandbox: Running, keys: Keys, **more: str) -> requests.Response:
    query = {
        "appid": keys["app_id"],
        "redirect_uri": f"{sandbox.service_url}/login",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s1",
        **more,
    }
    return requests.get(
        f"{sandbox.url}/connect/oauth2/authorize?{urlencode(query)}", allow_redirects=False, timeout=5
    )


def test_a_login_gives_a_code_that_works_once(sandbox: Running, keys: Keys) -> None:
    follower = requests.get(f"{sandbox.url}/api/followers", timeout=5).json()["followers"][0]["openid"]
    location = authorize(sandbox, keys, openid=follower).headers["Location"]
    query = dict(parse_qsl(urlsplit(location).query))
    assert query["state"] == "s1"
    oauth = WeChatOAuth(keys["app_id"], keys["app_secret"], f"{sandbox.service_url}/login")
    oauth.API_BASE_URL = f"{sandbox.url}/"
    assert oauth.fetch_access_token(query["code"])["openid"] == follower
    with pytest.raises(Exception, match="40163"):
        oauth.fetch_access_token(query["code"])


def test_a_login_of_nobody_asks_who_it_is(sandbox: Running, keys: Keys) -> None:
    page = authorize(sandbox, keys)
    assert page.status_code == 200
    assert "以哪位关注者身份打开" in page.text
    assert "小林" in page.text


def test_a_login_to_elsewhere_is_refused(sandbox: Running, keys: Keys) -> None:
    refusal = authorize(sandbox, keys, redirect_uri="http://elsewhere.test/login", openid=OPENID)
    assert refusal.status_code == 400
    assert "10003" in refusal.text


# ---- WeChat Pay, with wechatpayv3 as the merchant ----


def merchant(sandbox: Running, keys: Keys, **changes: Any) -> WeChatPay:
    values = {**keys, **changes}
    pay = WeChatPay(
        wechatpay_type=WeChatPayType.JSAPI,
        mchid=values["mch_id"],
        private_key=Path(values["merchant_private_key"]).read_text(),
        cert_serial_no=values["merchant_serial_no"],
        apiv3_key=values["api_v3_key"],
        appid=values["app_id"],
        notify_url=f"{sandbox.service_url}/pay/notify",
        public_key=Path(values["platform_public_key"]).read_text(),
        public_key_id=values["platform_public_key_id"],
        timeout=values.get("timeout", (3, 8)),
    )
    pay._core._gate_way = sandbox.url
    return pay


def place(
    pay: WeChatPay, total: int = 9900, openid: str = OPENID, number: str = ORDER
) -> tuple[int, dict[str, Any]]:
    status, text = pay.pay(
        description="Python 爬虫从零到一",
        out_trade_no=number,
        amount={"total": total},
        payer={"openid": openid},
    )
    return status, json.loads(text)


class Shop:
    """A service with one order: a pay page behind a login, its prepay, and its notification."""

    def __init__(self, service: Service, sandbox: Running, keys: Keys) -> None:
        self.service, self.sandbox, self.keys = service, sandbox, keys
        self.pay = merchant(sandbox, keys)
        self.answer_status = 204
        service.pages["/wechat"] = lambda asked: Answered()
        service.pages[f"/pay/{ORDER}"] = self._page
        service.pages["/login"] = self._login
        service.pages[f"/pay/{ORDER}/prepay"] = self._prepay
        service.pages["/pay/notify"] = service.pages["/pay/refund-notify"] = lambda asked: Answered(
            b"", self.answer_status
        )
        for openid in (OPENID, OTHER):
            send(sandbox, openid=openid, content="你好")

    def buy(self, outcome: str = "success", openid: str = OPENID) -> dict[str, Any]:
        order = {"order_no": ORDER, "openid": openid, "outcome": outcome}
        answer: dict[str, Any] = requests.post(
            f"{self.sandbox.url}/api/payments", json=order, timeout=20
        ).json()
        return answer

    def told(self, count: int, path: str = "/pay/notify") -> list[dict[str, Any] | None]:
        """What the library makes of each notification; None for one it refuses."""
        return [self._opened(asked) for asked in self.service.wait_for(path, count)]

    def state(self) -> str:
        return str(json.loads(self.pay.query(out_trade_no=ORDER)[1]).get("trade_state"))

    def _opened(self, asked: Asked) -> dict[str, Any] | None:
        result = self.pay._core.decrypt_callback(asked.headers, asked.body)
        return json.loads(result) if result else None

    def _who(self, asked: Asked) -> str:
        return asked.headers.get("Cookie", "").partition("who=")[2].partition(";")[0]

    def _page(self, asked: Asked) -> Answered:
        who = self._who(asked)
        if not who:
            return Answered(b"", 302, {"Location": authorize_url(self.sandbox, self.keys)})
        if who != OPENID:
            return Answered("<h1>这不是你的订单</h1>".encode(), 403)
        html = '<html><head><title>支付订单</title></head><a href="/me">我的</a></html>'
        return Answered(html.encode(), 200, {"Content-Type": "text/html", "X-Frame-Options": "DENY"})

    def _login(self, asked: Asked) -> Answered:
        oauth = WeChatOAuth(self.keys["app_id"], self.keys["app_secret"], "")
        oauth.API_BASE_URL = f"{self.sandbox.url}/"
        openid = oauth.fetch_access_token(asked.query["code"])["openid"]
        cookie = f"who={openid}; Path=/; HttpOnly"
        return Answered(b"", 302, {"Location": asked.query["state"], "Set-Cookie": cookie})

    def _prepay(self, asked: Asked) -> Answered:
        assert asked.headers["Origin"] == self.service.url
        status, made = place(self.pay, openid=self._who(asked))
        if status != 200:
            return Answered(json.dumps(made).encode(), 409)
        package = f"prepay_id={made['prepay_id']}"
        signed = [self.keys["app_id"], "1760000000", "n0", package]
        names = ("appId", "timeStamp", "nonceStr", "package")
        params = {
            **dict(zip(names, signed, strict=True)),
            "signType": "RSA",
            "paySign": self.pay.sign(signed),
        }
        return Answered(json.dumps(params).encode())


def authorize_url(sandbox: Running, keys: Keys) -> str:
    query = {
        "appid": keys["app_id"],
        "redirect_uri": f"{sandbox.service_url}/login",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": f"/pay/{ORDER}",
    }
    return f"{sandbox.url}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"


@pytest.fixture
def shop(service: Service, sandbox: Running, keys: Keys) -> Shop:
    return Shop(service, sandbox, keys)


def test_the_library_places_asks_and_closes(shop: Shop) -> None:
    status, made = place(shop.pay)
    assert (status, made["prepay_id"][:2]) == (200, "wx")
    assert shop.state() == "NOTPAY"
    assert shop.pay.close(ORDER)[0] == 204
    assert shop.state() == "CLOSED"
    assert place(shop.pay)[1]["code"] == "ORDER_CLOSED"
    assert shop.pay.query(out_trade_no="KB0000000")[0] == 404


def test_a_stranger_is_refused_before_anything_is_read(sandbox: Running, keys: Keys, tmp_path: Path) -> None:
    stranger = make(tmp_path)["merchant_private_key"]
    status, answer = place(merchant(sandbox, keys, merchant_private_key=stranger))
    assert (status, answer["code"]) == (401, "SIGN_ERROR")
    assert requests.post(f"{sandbox.url}/v3/pay/transactions/jsapi", json={}, timeout=5).status_code == 401
    assert requests.get(f"{sandbox.url}/v3/anything", timeout=5).status_code == 401


def test_a_caller_that_hangs_up_is_no_error(
    sandbox: Running, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sandbox.http")
    send(sandbox, type="subscribe")
    set_faults(sandbox, pay_timeout=1)
    with pytest.raises(requests.ReadTimeout):
        place(merchant(sandbox, keys, timeout=(3, 0.3)))
    until(lambda: any("/v3/pay/" in record.getMessage() for record in caplog.records), "the late answer")
    sandbox.stop()
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_follower_pays_through_the_services_own_pages(shop: Shop) -> None:
    paid = shop.buy()
    assert (paid["status"], paid["notified"], paid["out_trade_no"]) == ("success", True, ORDER)
    assert shop.state() == "SUCCESS"
    told = shop.told(1)[0]
    assert told is not None
    assert told["transaction_id"] == paid["transaction_id"]
    assert told["amount"]["total"] == 9900
    assert told["payer"]["openid"] == OPENID


def test_a_follower_who_cancels_pays_nothing(shop: Shop) -> None:
    assert shop.buy("cancel")["status"] == "cancelled"
    assert shop.state() == "NOTPAY"
    assert shop.buy()["status"] == "success"


def test_somebody_elses_order_is_refused_with_the_pages_words(shop: Shop) -> None:
    refused = shop.buy(openid=OTHER)
    assert (refused["status"], refused["notified"]) == ("refused", False)
    assert "403 这不是你的订单" in refused["reason"]


def test_an_order_is_paid_once(shop: Shop) -> None:
    paid = shop.buy()
    again = shop.buy()
    assert again["status"] == "refused"
    assert again["reason"].startswith("already paid")
    assert again["transaction_id"] == paid["transaction_id"]
    other = shop.buy(openid=OTHER)
    assert (other["reason"].startswith("already paid"), other["transaction_id"]) == (False, "")


def test_an_order_that_is_not_there_is_refused(sandbox: Running) -> None:
    order = {"order_no": "NOSUCHORDER", "openid": OPENID, "outcome": "success"}
    answer = requests.post(f"{sandbox.url}/api/payments", json=order, timeout=20).json()
    assert (answer["status"], answer["reason"]) == ("refused", "HTTP 404 nothing here")


def test_a_notification_is_repeated_until_it_is_taken(shop: Shop) -> None:
    shop.answer_status = 500
    assert not shop.buy()["notified"]
    assert len(shop.told(3)) == 3
    shop.answer_status = 204


def test_a_dropped_notification_never_comes(shop: Shop) -> None:
    set_faults(shop.sandbox, drop=1)
    assert shop.buy() | {"transaction_id": ""} == {
        "status": "success",
        "notified": False,
        "transaction_id": "",
        "out_trade_no": ORDER,
    }
    assert shop.service.to("/pay/notify") == []
    assert shop.state() == "SUCCESS"


def test_a_doubled_notification_says_the_same_twice(shop: Shop) -> None:
    set_faults(shop.sandbox, duplicate=1)
    shop.buy()
    first, second = shop.told(2)
    assert first == second is not None


def test_a_lying_notification_is_signed_well(shop: Shop) -> None:
    set_faults(shop.sandbox, lie_amount=1)
    shop.buy()
    told = shop.told(1)[0]
    assert told is not None
    assert told["amount"]["total"] == 1
    assert json.loads(shop.pay.query(out_trade_no=ORDER)[1])["amount"]["total"] == 9900


@pytest.mark.parametrize("fault", ["wrong_key", "sign_test"])
def test_a_notification_with_a_wrong_signature_does_not_verify(shop: Shop, fault: str) -> None:
    shop.answer_status = 500
    set_faults(shop.sandbox, **{fault: 1})
    shop.buy()
    first, second = shop.told(2)[:2]
    assert first is None
    assert second is not None


def test_a_stale_notification_is_ten_minutes_old(shop: Shop) -> None:
    shop.answer_status = 500
    set_faults(shop.sandbox, stale_timestamp=1)
    shop.buy()
    stale, fresh = (
        int(asked.headers["Wechatpay-Timestamp"]) for asked in shop.service.wait_for("/pay/notify", 2)[:2]
    )
    assert 590 < fresh - stale < 620


def test_a_bank_that_refuses_is_told(shop: Shop) -> None:
    set_faults(shop.sandbox, refuse=1)
    assert "银行" in shop.buy()["reason"]
    assert shop.buy()["status"] == "success"


def test_a_known_notification_can_be_sent_again(shop: Shop) -> None:
    shop.buy()
    known = requests.get(f"{shop.sandbox.url}/api/notifications", timeout=5).json()["notifications"][0]
    assert (known["done"], known["out_trade_no"]) == (True, ORDER)
    again = requests.post(f"{shop.sandbox.url}/api/notifications/{known['id']}/again", timeout=5)
    assert again.json() == {"taken": True}
    first, second = shop.told(2)
    assert first == second


def test_a_refund_is_done_and_told(shop: Shop) -> None:
    shop.buy()
    status, text = shop.pay.refund(
        out_refund_no="R1",
        out_trade_no=ORDER,
        amount={"refund": 100, "total": 9900, "currency": "CNY"},
        notify_url=f"{shop.service.url}/pay/refund-notify",
    )
    assert (status, json.loads(text)["status"]) == (200, "PROCESSING")
    told = shop.told(1, "/pay/refund-notify")[0]
    assert told is not None
    assert (told["refund_status"], told["amount"]["refund"]) == ("SUCCESS", 100)
    assert json.loads(shop.pay.query_refund("R1")[1])["status"] == "SUCCESS"
    assert shop.state() == "REFUND"


@pytest.mark.parametrize("fault", ["prepay_error", "query_error"])
def test_a_pay_api_with_a_fault_says_system_error(shop: Shop, fault: str) -> None:
    place(shop.pay)
    set_faults(shop.sandbox, **{fault: 1})
    status, answer = place(shop.pay) if fault == "prepay_error" else shop.pay.query(out_trade_no=ORDER)
    assert status == 500
    assert "SYSTEM_ERROR" in str(answer)


def today() -> str:
    return datetime.now(timezone(timedelta(hours=8))).date().isoformat()


def test_a_bill_lists_what_moved_and_fits_its_hash(shop: Shop) -> None:
    shop.buy()
    amount, url = {"refund": 150, "total": 9900, "currency": "CNY"}, f"{shop.service.url}/pay/refund-notify"
    shop.pay.refund(out_refund_no="R1", out_trade_no=ORDER, amount=amount, notify_url=url)
    shop.told(1, "/pay/refund-notify")
    set_faults(shop.sandbox, bill_early=True)
    status, text = shop.pay.trade_bill(bill_date=today(), tar_type="GZIP")
    assert status == 200
    bill = json.loads(text)
    content = gzip.decompress(shop.pay.download_bill(bill["download_url"])[1])
    assert hashlib.sha1(content).hexdigest() == bill["hash_value"]
    head, paid, back, _, total = content.decode("utf-8-sig").splitlines()
    rows = [dict(zip(head.split(","), line.split(","), strict=True)) for line in (paid, back)]
    assert [(row["交易状态"], row["订单金额"], row["退款金额"]) for row in rows] == [
        ("`SUCCESS", "`99.00", "`0.00"),
        ("`REFUND", "`0.00", "`1.50"),
    ]
    assert [row["手续费"] for row in rows] == ["`0.59000", "`-0.01000"]
    assert total == "`2,`99.00,`1.50,`0.00,`0.58000,`99.00,`1.50"


def test_a_bill_is_not_there_before_its_day_is_over(shop: Shop) -> None:
    shop.buy()
    assert "STATEMENT_CREATING" in shop.pay.trade_bill(bill_date=today())[1]
    assert "NO_STATEMENT_EXIST" in shop.pay.trade_bill(bill_date="2020-01-01")[1]
    assert "PARAM_ERROR" in shop.pay.trade_bill(bill_date="yesterday")[1]


# ---- the phone ----


def test_the_phone_opens_a_page_as_its_follower(shop: Shop) -> None:
    session = requests.Session()
    page = session.get(f"{shop.sandbox.url}/phone/{OPENID}/pay/{ORDER}", timeout=10)
    assert page.status_code == 200
    assert f'<a href="/phone/{OPENID}/me">' in page.text
    assert '<script src="/static/bridge.js"></script>' in page.text
    assert "X-Frame-Options" not in page.headers
    assert "MicroMessenger" in shop.service.to(f"/pay/{ORDER}")[-1].headers["User-Agent"]


def test_two_phones_are_two_people(shop: Shop) -> None:
    mine = requests.get(f"{shop.sandbox.url}/phone/{OPENID}/pay/{ORDER}", timeout=10)
    theirs = requests.get(f"{shop.sandbox.url}/phone/{OTHER}/pay/{ORDER}", timeout=10)
    assert (mine.status_code, theirs.status_code) == (200, 403)


def test_the_phone_opens_nothing_but_the_service(shop: Shop) -> None:
    shop.service.pages["/away"] = lambda asked: Answered(b"", 302, {"Location": "http://elsewhere.test/"})
    away = requests.get(f"{shop.sandbox.url}/phone/{OPENID}/away", allow_redirects=False, timeout=5)
    assert away.headers["Location"] == "http://elsewhere.test/"
    assert requests.get(f"{shop.sandbox.url}/phone/oNobody/", timeout=5).status_code == 404


def test_the_sheet_is_shown_and_paid_for_what_the_merchant_signed(shop: Shop) -> None:
    requests.get(f"{shop.sandbox.url}/phone/{OPENID}/pay/{ORDER}", timeout=10)
    params = requests.post(f"{shop.sandbox.url}/phone/{OPENID}/pay/{ORDER}/prepay", timeout=10).json()

    def sheet(path: str, **changes: str) -> dict[str, Any]:
        body = {"openid": OPENID, "params": {**params, **changes}}
        answer: dict[str, Any] = requests.post(f"{shop.sandbox.url}{path}", json=body, timeout=5).json()
        return answer

    assert sheet("/api/sheets", paySign="AAAA") == {"ok": False, "message": "支付验证签名失败"}
    assert sheet("/api/sheets")["sheet"]["total_fen"] == 9900
    assert sheet("/api/sheets/pay")["ok"]
    assert not sheet("/api/sheets/pay")["ok"]
    assert len(shop.told(1)) == 1


def test_the_page_and_its_files_come(sandbox: Running) -> None:
    page = requests.get(f"{sandbox.url}/", timeout=5)
    assert "关注公众号" in page.text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("phone.css", "phone.js", "bridge.js", "icon.svg"):
        assert requests.get(f"{sandbox.url}/static/{name}", timeout=5).status_code == 200


def test_the_chat_waits_for_news(sandbox: Running, service: Service, keys: Keys) -> None:
    service.pages["/wechat"] = echo(keys)
    send(sandbox, content="一")
    chat = f"{sandbox.url}/api/followers/{OPENID}/chat"
    now = requests.get(chat, timeout=5).json()
    assert [(line["side"], line["content"]) for line in now["lines"]] == [
        ("follower", "一"),
        ("account", "一"),
    ]
    sending = threading.Timer(0.05, send, (sandbox,), {"content": "二"})
    sending.start()
    waited = requests.get(chat, params={"after": 2, "seen": now["state"], "wait": 10}, timeout=15).json()
    assert waited["lines"][0]["content"] == "二"
    sending.join(10)


# ---- starting again ----


def test_a_sandbox_that_starts_again_knows_its_chats_and_its_money(
    keys: Keys, service: Service, tmp_path: Path
) -> None:
    config = replace(
        from_dict(keys), state_dir=str(tmp_path), service_url=service.url, notify_schedule_s=(0.01,)
    )
    with running_sandbox(config) as first:
        paid = Shop(service, first, keys).buy()
        service.pages["/wechat"] = echo(keys)
        send(first, content="你好")
    with running_sandbox(config) as second:
        assert inbox(second)[-1]["content"] == "你好"
        state = json.loads(merchant(second, keys).query(transaction_id=paid["transaction_id"])[1])
        assert state["trade_state"] == "SUCCESS"


def test_a_notification_that_was_not_taken_goes_on_after_a_restart(
    keys: Keys, service: Service, tmp_path: Path
) -> None:
    config = replace(
        from_dict(keys), state_dir=str(tmp_path), service_url=service.url, notify_schedule_s=(60.0,)
    )
    with running_sandbox(config) as first:
        shop = Shop(service, first, keys)
        shop.answer_status = 500
        assert not shop.buy()["notified"]
    with running_sandbox(replace(config, notify_schedule_s=(0.01,))):
        shop.answer_status = 204
        assert service.wait_for("/pay/notify", 2)


def test_a_busy_port_is_an_error_of_the_caller(sandbox: Running, keys: Keys) -> None:
    port = urlsplit(sandbox.url).port or 0
    with pytest.raises(OSError, match="in use"), running_sandbox(replace(from_dict(keys), port=port)):
        pass
