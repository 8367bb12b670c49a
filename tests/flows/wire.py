"""WeChat's own side of the address ``/wechat``, for tests that choose each delivery themselves."""

from __future__ import annotations

import time
from dataclasses import dataclass

import requests

from bot.wire import WireRequest, WireResponse
from infra.clock import SystemClock
from infra.settings import Settings
from tests.unit.bot.pretend_wechat import PretendWeChat

TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Told:
    """What came back: the text of the reply ("" for ``success``), and after how many seconds."""

    status: int
    said: str
    seconds: float


@dataclass(frozen=True)
class Wire:
    """Deliveries to a service at ``url``; the same request may be delivered as often as one likes."""

    wechat: PretendWeChat
    url: str

    def say(self, text: str, openid: str) -> Told:
        return self.deliver(self.wechat.text(text, openid=openid))

    def deliver(self, request: WireRequest, url: str = "") -> Told:
        """Over a connection of its own."""
        began = time.monotonic()
        answer = requests.post(
            f"{url or self.url}/wechat", params=dict(request.query), data=request.body, timeout=TIMEOUT_S
        )
        seconds = time.monotonic() - began
        content_type = answer.headers.get("Content-Type", "")
        response = WireResponse(answer.status_code, answer.content, content_type)
        return Told(answer.status_code, self.wechat.said(response), seconds)


def wire_to(settings: Settings) -> Wire:
    account = settings.wechat
    wechat = PretendWeChat(
        SystemClock(),
        account.mode,
        account.app_id,
        account.token.get_secret_value(),
        account.encoding_aes_key.get_secret_value(),
    )
    return Wire(wechat, settings.site.base_url)
