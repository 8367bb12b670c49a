"""Pays an order as its follower would: opens the page, asks for the parameters, confirms or cancels."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.browser import COMPUTER_AGENT, MOBILE_AGENT, Browser, Browsers, Page, TooManyRedirects
from sandbox.cashier import Cashier
from sandbox.codes import Codes
from sandbox.oauth import AuthorizeRefused
from sandbox.out import Answer, NoAnswer
from sandbox.transactions import SheetRefused, Transaction

REASON_MAX = 120
_ORDER_NO = re.compile(r"[0-9A-Za-z]{6,32}")
_HEADLINE = re.compile(r"<h1[^>]*>(.*?)</h1>|<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)


class PaymentRefused(Exception):
    """The way to the money ended; the text says where and why."""


class Payer:
    """``POST /api/payments``."""

    def __init__(self, browsers: Browsers, cashier: Cashier) -> None:
        self._browsers, self._cashier = browsers, cashier
        self._paid: dict[tuple[str, str], Transaction] = {}  # by order_no and openid

    async def pay(self, order_no: str, openid: str, outcome: str) -> dict[str, Any]:
        """``{"status", "notified", "transaction_id", "out_trade_no", "reason"?}``; status is "success",
        "cancelled" or "refused", and only "refused" has a reason."""
        try:
            return await self._pay(order_no, openid, outcome)
        except (PaymentRefused, SheetRefused) as error:
            return self._refused((order_no, openid), str(error))

    async def _pay(self, order_no: str, openid: str, outcome: str) -> dict[str, Any]:
        if not _ORDER_NO.fullmatch(order_no):
            raise PaymentRefused("order_no: 6 to 32 letters and digits")
        browser = self._browsers.of(openid)
        await self._open_page(browser, order_no)
        params = await self._parameters(browser, order_no)
        sheet = self._cashier.sheet(params, openid)
        if outcome == "cancel":
            return _result("cancelled", out_trade_no=sheet["out_trade_no"])
        return await self._done(self._cashier.pay(params, openid), order_no, openid)

    async def pay_elsewhere(
        self, order_no: str, openid: str, outcome: str, *, way: str, owner: str
    ) -> dict[str, Any]:
        """Pays what the order's ``owner`` has open in another browser: a code that ``openid`` scans, or the
        page that a phone's browser goes to. Answers as ``pay`` does."""
        try:
            return await self._pay_elsewhere(order_no, openid, outcome, way=way, owner=owner)
        except (PaymentRefused, SheetRefused) as error:
            return self._refused((order_no, openid), str(error))

    async def _pay_elsewhere(
        self, order_no: str, openid: str, outcome: str, *, way: str, owner: str
    ) -> dict[str, Any]:
        if not _ORDER_NO.fullmatch(order_no):
            raise PaymentRefused("order_no: 6 to 32 letters and digits")
        browser = self._browsers.of(owner)
        await self._open_page(browser, order_no)
        cashier = self._cashier
        if way == "native":
            code = await self._code(browser, order_no)
            sheet = cashier.sheet_of_code(code, openid)
        else:
            prepay_id = await self._h5(browser, order_no)
            sheet = cashier.sheet_of_h5(prepay_id)
        if outcome == "cancel":
            return _result("cancelled", out_trade_no=sheet["out_trade_no"])
        paid = cashier.pay_code(code, openid) if way == "native" else cashier.pay_h5(prepay_id, openid)
        return await self._done(paid, order_no, openid)

    async def _code(self, browser: Browser, order_no: str) -> str:
        answer = await self._asked(browser, f"/pay/{order_no}/qr.svg", COMPUTER_AGENT)
        seen = Codes()
        seen.look_at(answer)
        if not seen.all():
            raise PaymentRefused(f"qr.svg: HTTP {answer.status} {_said(_json(answer.body))}".strip())
        return seen.all()[0]

    async def _h5(self, browser: Browser, order_no: str) -> str:
        answer = await self._asked(browser, f"/pay/{order_no}/h5", MOBILE_AGENT)
        query = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
        if answer.status != 302 or "prepay_id" not in query:
            raise PaymentRefused(f"h5: HTTP {answer.status} {_said(_json(answer.body))}".strip())
        return query["prepay_id"][0]

    async def _asked(self, browser: Browser, path: str, agent: str) -> Answer:
        try:
            headers = {"Accept": "application/json", "User-Agent": agent}
            return await browser.fetch("GET", path, headers=headers)
        except NoAnswer as error:
            raise PaymentRefused(f"{path}: {error}") from error

    async def _done(self, paid: Transaction, order_no: str, openid: str) -> dict[str, Any]:
        """Money has moved: the service is told."""
        self._paid[order_no, openid] = paid
        notified = await self._cashier.notify(paid)
        return _result(
            "success", notified=notified, transaction_id=paid.transaction_id, out_trade_no=paid.out_trade_no
        )

    async def _open_page(self, browser: Browser, order_no: str) -> None:
        try:
            page = await browser.open(f"/pay/{order_no}")
        except (NoAnswer, TooManyRedirects) as error:
            raise PaymentRefused(f"the pay page does not open: {error}") from error
        except AuthorizeRefused as error:
            raise PaymentRefused(f"WeChat's login refuses the service: {error}") from error
        if page.answer.status != 200:
            raise PaymentRefused(f"HTTP {page.answer.status} {_headline(page)}".strip())

    async def _parameters(self, browser: Browser, order_no: str) -> dict[str, Any]:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        try:
            answer = await browser.fetch("POST", f"/pay/{order_no}/prepay", body=b"", headers=headers)
        except NoAnswer as error:
            raise PaymentRefused(f"prepay: {error}") from error
        params = _json(answer.body)
        if answer.status != 200 or not isinstance(params, dict):
            raise PaymentRefused(f"prepay: HTTP {answer.status} {_said(params)}".strip())
        return params

    def _refused(self, asked: tuple[str, str], reason: str) -> dict[str, Any]:
        paid = self._paid.get(asked)
        if paid is None:
            return {**_result("refused"), "reason": reason}
        known = _result("refused", transaction_id=paid.transaction_id, out_trade_no=paid.out_trade_no)
        return {**known, "reason": f"already paid: {reason}"}


def _result(
    status: str, *, notified: bool = False, transaction_id: str = "", out_trade_no: str = ""
) -> dict[str, Any]:
    return {
        "status": status,
        "notified": notified,
        "transaction_id": transaction_id,
        "out_trade_no": out_trade_no,
    }


def _headline(page: Page) -> str:
    found = _HEADLINE.search(page.answer.body.decode("utf-8", "replace"))
    text = (found[1] or found[2] or "") if found else ""
    return unescape(re.sub(r"<[^>]+>", "", text)).strip()[:REASON_MAX]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _said(answer: object) -> str:
    """The sentence in a JSON refusal, whatever its key is called."""
    if not isinstance(answer, dict):
        return ""
    for name in ("message", "error", "reason", "detail"):
        if isinstance(answer.get(name), str):
            return str(answer[name])[:REASON_MAX]
    return ""
