"""A follower: what one can do in WeChat, in few words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests

from tests.waiting import until

T = TypeVar("T")

WECHAT_BROWSER = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
ORDER_LINK = re.compile(r"/pay/([0-9A-Za-z]{6,32})")
GIFT_CODE = re.compile(r"兑换码 ([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})")
TIMEOUT_S = 30.0


class Follower:
    """One openid with a chat and a browser of its own. ``service`` and ``platform`` are addresses."""

    def __init__(self, service: str, platform: str, openid: str) -> None:
        self.service, self.platform, self.openid = service, platform, openid
        self._said = 0
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.headers["User-Agent"] = WECHAT_BROWSER
        # How the platform's login page knows whose phone this is.
        self.web.headers["X-Sandbox-Openid"] = openid

    # The chat

    def send(self, **message: Any) -> dict[str, Any]:
        """Delivers a message or an event; the platform's account of how it went."""
        # Nobody does two things in one second; two events of one second would be one event delivered twice.
        self._said += 1
        body = {"openid": self.openid, "create_time": int(time.time()) + self._said, **message}
        answer = self.web.post(f"{self.platform}/api/messages", json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def say(self, text: str) -> str:
        """Types a text; the reply, "" for none."""
        return _reply(self.send(type="text", content=text))

    def follow(self, scene: str = "") -> str:
        return _reply(self.send(type="subscribe", **({"scene": scene} if scene else {})))

    def unfollow(self) -> None:
        self.send(type="unsubscribe")

    def tap_menu(self, key: str) -> str:
        return _reply(self.send(type="click", key=key))

    def inbox(self) -> list[dict[str, Any]]:
        """All that was sent to this follower, oldest first."""
        answer = self.web.get(f"{self.platform}/api/followers/{self.openid}/inbox", timeout=TIMEOUT_S)
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def pushed(self, part: str = "") -> list[str]:
        """The texts that came by themselves and hold ``part``."""
        texts = [str(one["content"]) for one in self.inbox() if one.get("via") not in ("reply", "system")]
        return [text for text in texts if part in text]

    def await_push(self, part: str, *, timeout_s: float = 15.0) -> str:
        """The first pushed text that holds ``part``, as soon as it is there."""
        return until(lambda: self.pushed(part), f"a message with {part!r}", timeout_s=timeout_s)[0]

    # Buying

    def order(self, text: str = "买 1") -> str:
        """Says ``text`` and takes the order's number from the reply's link."""
        reply = self.say(text)
        found = ORDER_LINK.search(reply)
        assert found, f"no order in: {reply}"
        return found[1]

    def order_of(self, title: str) -> str:
        return self.order(f"购买 {title}")

    def pay(self, order_no: str, outcome: str = "success", **more: str) -> dict[str, Any]:
        """Opens the pay page, confirms (or not); ``way`` and ``owner`` as the sandbox."""
        body = {"order_no": order_no, "openid": self.openid, "outcome": outcome, **more}
        answer = self.web.post(f"{self.platform}/api/payments", json=body, timeout=TIMEOUT_S)
        told: dict[str, Any] = answer.json()
        return told

    def buy(self, title: str) -> str:
        """From the order to the receipt; the order's number."""
        order_no = self.order_of(title)
        paid = self.pay(order_no)
        assert paid["status"] == "success", paid
        self.await_push(order_no)
        return order_no

    def buy_gift(self, title: str) -> tuple[str, str]:
        """The order's number, and the code that came with its receipt."""
        order_no = self.order(f"送 {title}")
        assert self.pay(order_no)["status"] == "success"
        found = GIFT_CODE.search(self.await_push(order_no))
        assert found
        return order_no, found[1]

    # The pages

    def get(self, path: str, **options: Any) -> requests.Response:
        """A page, login and redirects included."""
        return self.web.get(self._url(path), timeout=TIMEOUT_S, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        """As a browser does from a page of the service; ``headers`` may say otherwise."""
        options["headers"] = {"Origin": self.service, **options.get("headers", {})}
        return self.web.post(self._url(path), timeout=TIMEOUT_S, **options)

    def log_in(self) -> Follower:
        assert self.get("/me").status_code == 200
        return self

    def status(self, order_no: str, *, ask: bool = False) -> dict[str, Any]:
        """What the pay page's script is told."""
        told: dict[str, Any] = self.get(f"/pay/{order_no}/status{'?ask=1' if ask else ''}").json()
        return told

    def until_status(self, order_no: str, done: Callable[[dict[str, Any]], bool], **options: Any) -> None:
        until(lambda: done(self.status(order_no, **options)), f"order {order_no}")

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self.service + path


def _reply(told: dict[str, Any]) -> str:
    assert told["status"] == 200, told
    return str(told["reply"]["content"]) if told["reply"] else ""
