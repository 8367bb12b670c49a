"""Messages that the account sends by itself: to a follower who has just written, or by a template.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html
https://developers.weixin.qq.com/doc/offiaccount/Subscription_Messages/api.html
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.calls.caller import Call, Caller
from bot.quota import Quota
from bot.reply import MAX_TEXT_BYTES, clean, cut
from infra.errors import Unavailable
from infra.log import get_logger

log = get_logger("bot")

# WeChat has no key to tell a repeated customer message by: one that was cut off may have been delivered.
CUSTOM = Call("message/custom/send", repeatable=False)
# With `client_msg_id` WeChat sends one message, however often it is asked within ten minutes.
TEMPLATE = Call("message/template/send", repeatable=True)
SUBSCRIPTION = Call("message/subscribe/bizsend", repeatable=False)

SENT_TTL_S = 3 * 86_400.0
# Longer than a sending takes; who died in it is followed by another then.
SENDING_S = 60.0
_SENT = b"1"
MAX_CHOICES = 10
# How WeChat measures a menu is not told; the choices, as links, have the other half of a text's room.
MAX_HEAD_BYTES = MAX_TEXT_BYTES // 2
# Characters by the kind of a template's field; kinds that are not here (time, amount) are not words to cut.
FIELD_CHARS = {
    "thing": 20,
    "character_string": 32,
    "phrase": 5,
    "name": 10,
    "letter": 32,
    "number": 32,
    "const": 20,
}


@dataclass(frozen=True, slots=True)
class Article:
    """A card with a link; WeChat takes one in a message."""

    title: str
    url: str
    description: str = ""
    picture_url: str = ""


class Messages:
    """With a ``quota`` nothing is sent that WeChat would refuse: NoneLeft comes before it is asked."""

    def __init__(self, caller: Caller, quota: Quota | None = None) -> None:
        self._caller = caller
        self._store = caller.tokens.store
        self._quota = quota

    def text(self, openid: str, text: str, *, once: str = "") -> None:
        """Text beyond 2048 bytes is cut at a whole line.

        ``once``: a key; what was sent under it within 3 days is not sent again.
        """
        content = cut(clean(text))
        self._send(openid, once, lambda client: client.message.send_text(openid, content))

    def menu(
        self, openid: str, head: str, choices: Sequence[tuple[str, str]], tail: str = "", *, once: str = ""
    ) -> None:
        """Choices as (id, label); a tap sends the label as the follower's message, with the id."""
        if not 1 <= len(choices) <= MAX_CHOICES:
            raise ValueError(f"1 to {MAX_CHOICES} choices")
        items = [{"id": key, "content": clean(label)} for key, label in choices]
        body = {
            "head_content": cut(clean(head), MAX_HEAD_BYTES),
            "list": items,
            "tail_content": clean(tail),
        }
        self._send(openid, once, lambda client: client.message.send_msg_menu(openid, body))

    def article(self, openid: str, article: Article, *, once: str = "") -> None:
        """One card with a link."""
        card = {
            "title": clean(article.title),
            "description": clean(article.description),
            "url": article.url,
            "picurl": article.picture_url,
        }
        self._send(openid, once, lambda client: client.message.send_articles(openid, [card]))

    def image(self, openid: str, media_id: str, *, once: str = "") -> None:
        """A picture that was uploaded (`bot.calls.media`)."""
        self._send(openid, once, lambda client: client.message.send_image(openid, media_id))

    def template(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, once: str, url: str = ""
    ) -> None:
        """A template message (verified service accounts only); needs no window. ``once`` as for `text`."""
        body = {
            "touser": openid,
            "template_id": template_id,
            "data": _fields(fields),
            "client_msg_id": sha256(once.encode()).hexdigest()[:32],
        } | ({"url": url} if url else {})
        self._once(
            once,
            lambda: self._caller.done(
                TEMPLATE, lambda client: client.post("message/template/send", data=body)
            ),
        )

    def subscription(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, page: str = "", once: str = ""
    ) -> None:
        """A message that the follower has agreed to; each agreement is good for one."""
        self._once(
            once,
            lambda: self._caller.done(
                SUBSCRIPTION,
                lambda client: client.message.send_subscribe_message(
                    openid, template_id, _fields(fields), page=page or None
                ),
            ),
        )

    def _send(self, openid: str, once: str, ask: Callable[[Any], Any]) -> None:
        def spend() -> None:
            with self._spending(openid):
                self._caller.done(CUSTOM, ask)

        self._once(once, spend)

    def reachable(self, openids: Collection[str]) -> set[str]:
        """Those who can be sent a customer message now, by our own count."""
        return self._quota.reachable(openids) if self._quota else set(openids)

    def _spending(self, openid: str) -> AbstractContextManager[None]:
        return self._quota.spending(openid) if self._quota else contextlib.nullcontext()

    def _once(self, key: str, send: Callable[[], None]) -> None:
        if not key:
            send()
            return
        mark, ours = f"sent-once:{sha256(key.encode()).hexdigest()}", secrets.token_bytes(8)
        if not self._store.add(mark, ours, ttl_s=SENDING_S):
            there = self._store.get(mark)
            if there == _SENT:
                return
            if there != ours:  # a client that repeats after a silence has lost to itself
                raise Unavailable("another worker is sending this message")
        try:
            send()
        except BaseException:
            self._let_go(mark, ours)
            raise
        try:
            self._store.set(mark, _SENT, ttl_s=SENT_TTL_S)
        except Unavailable as error:
            # It went; a repeat is the lesser harm than an error, which would make one for certain.
            log.warning("sent_not_marked", cause=str(error))

    def _let_go(self, mark: str, ours: bytes) -> None:
        """It has not gone, so far as we know: whoever is asked next may send it at once."""
        try:
            self._store.delete_if(mark, ours)
        except Unavailable as error:
            log.warning("claim_not_let_go", cause=str(error))


def _fields(fields: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": _field(name, value)} for name, value in fields.items()}


def _field(name: str, value: str) -> str:
    """One line within the limit of its kind, which is the field's name without its number."""
    line = " ".join(clean(value).split())
    limit = FIELD_CHARS.get(re.sub(r"\d+$", "", name))
    return line if limit is None or len(line) <= limit else f"{line[: limit - 1]}…"
