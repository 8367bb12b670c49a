"""Template messages and subscription messages: what the account may send without a window.

A template's id is taken for one of the account's when it has the 43 characters that WeChat's have.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from sandbox.chats import Chats
from sandbox.clock import Clock
from sandbox.followers import Follower, Followers
from sandbox.refused import Refused
from sandbox.store import Store

AGREEMENT = "agreement"
SAME_FOR_S = 600.0
REMEMBERED_MAX = 5000
CHARS_MAX = {
    "thing": 20,
    "character_string": 32,
    "phrase": 5,
    "name": 10,
    "letter": 32,
    "number": 32,
    "const": 20,
}
_TEMPLATE_ID = re.compile(r"[A-Za-z0-9_-]{43}")


class Notices:
    """``message/template/send`` and ``message/subscribe/bizsend``. Raises Refused."""

    def __init__(self, store: Store, clock: Clock, followers: Followers, chats: Chats) -> None:
        self._store, self._clock = store, clock
        self._followers, self._chats = followers, chats
        self._sent: dict[tuple[str, str], tuple[int, float]] = {}
        self._agreed: dict[str, int] = {key: body["count"] for key, body in store.all(AGREEMENT)}

    def template(self, body: dict[str, Any]) -> int:
        """The message's id; under one client_msg_id one message goes out within ten minutes."""
        follower, content = self._read(body)
        if not follower.subscribed:
            raise Refused(43004, "require subscribe")
        key = (follower.openid, str(body.get("client_msg_id") or ""))
        sent, at = self._sent.get(key, (0, 0.0))
        if key[1] and sent and self._clock() - at < SAME_FOR_S:
            return sent
        self._show(follower, "template", content, body)
        return self._remember(key)

    def subscription(self, body: dict[str, Any]) -> None:
        """Takes one of the follower's agreements to this template."""
        follower, content = self._read(body)
        key = f"{follower.openid}/{body['template_id']}"
        if self._agreed.get(key, 0) < 1:
            raise Refused(43101, "user refuse to accept the msg")
        self._agree(key, -1)
        self._show(follower, "subscription", content, body)

    def agree(self, openid: str, template_id: str) -> None:
        """The follower ticked the box on the service's page."""
        if not _TEMPLATE_ID.fullmatch(template_id):
            raise Refused(40037, "invalid template_id")
        self._agree(f"{openid}/{template_id}", 1)

    def _agree(self, key: str, more: int) -> None:
        self._agreed[key] = self._agreed.get(key, 0) + more
        self._store.put(AGREEMENT, key, {"count": self._agreed[key]})

    def _read(self, body: dict[str, Any]) -> tuple[Follower, str]:
        follower = self._followers.get(str(body.get("touser") or ""))
        if follower is None:
            raise Refused(40003, "invalid openid")
        if not _TEMPLATE_ID.fullmatch(str(body.get("template_id") or "")):
            raise Refused(40037, "invalid template_id")
        data = body.get("data")
        if not isinstance(data, dict) or not data:
            raise Refused(47003, "argument invalid! data is empty")
        return follower, "\n".join(_value(name, field) for name, field in data.items())

    def _show(self, follower: Follower, kind: str, content: str, body: dict[str, Any]) -> None:
        url = str(body.get("url") or body.get("page") or "")
        self._chats.add(follower.openid, side="account", via="push", kind=kind, content=content, url=url)

    def _remember(self, key: tuple[str, str]) -> int:
        message_id = secrets.randbelow(10**18)
        self._sent[key] = (message_id, self._clock())
        while len(self._sent) > REMEMBERED_MAX:
            del self._sent[next(iter(self._sent))]
        return message_id


def _value(name: str, field: object) -> str:
    value = field.get("value") if isinstance(field, dict) else None
    limit = CHARS_MAX.get(re.sub(r"\d+$", "", name), 200)
    if not isinstance(value, str) or not value or "\n" in value or len(value) > limit:
        raise Refused(47003, f"argument invalid! data.{name}.value invalid")
    return value
