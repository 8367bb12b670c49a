"""Delivers what followers do to the service's ``/wechat``, the way WeChat's servers do.

Each try waits 5 s. Without a usable answer the very same message (same MsgId, a new signature) goes out
again, three times in all; then the follower sees WeChat's own sentence about a fault."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sandbox.chats import Chats
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.envelope import Envelope, signature
from sandbox.faults import Faults
from sandbox.followers import Follower, Followers
from sandbox.message import Message, element, read, xml
from sandbox.out import NoAnswer, Out
from sandbox.reply import Reply, ReplyInvalid
from sandbox.reply import read as read_reply

TRIES = 3
PAUSE_S = 0.2
"""Between the tries after a broken connection; a time-out is followed at once."""
FAULT_SENTENCE = "该公众号提供的服务出现故障，请稍后再试"

log = logging.getLogger("sandbox.delivery")


@dataclass(frozen=True)
class Delivered:
    """How it went. ``status`` is the service's last HTTP status, 0 when it never answered."""

    status: int
    reply: Reply | None
    ms: float
    tries: int
    problem: str = ""

    def shown(self) -> dict[str, Any]:
        shown = {
            "status": self.status,
            "reply": self.reply.shown() if self.reply else None,
            "ms": round(self.ms, 2),
        }
        return {**shown, "tries": self.tries, **({"problem": self.problem} if self.problem else {})}


class TryFailed(Exception):
    """This try brought no usable answer."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class Courier:
    """The road from the followers to the service."""

    def __init__(
        self, config: Config, clock: Clock, *, out: Out, followers: Followers, chats: Chats, faults: Faults
    ) -> None:
        self._config, self._clock, self._out = config, clock, out
        self._followers, self._chats, self._faults = followers, chats, faults

    async def deliver(self, openid: str, request: Mapping[str, Any]) -> Delivered:
        """Deliver one message or event; the chat shows both sides. Raises MessageRefused, FollowerRefused."""
        message = read(request, self._clock())
        follower = self._followers.meet(openid)
        created_at = int(request.get("create_time") or self._clock())
        self._note(follower, message)
        await asyncio.sleep(self._faults.seconds("message_delay_s"))
        delivered = await self._tries(openid, created_at, message)
        self._show(follower, message, delivered)
        return delivered

    async def verify_address(self) -> str:
        """WeChat's check of an address: a signed GET must give echostr back. "" or the problem."""
        echo = secrets.token_hex(10)
        query = {**self._stamp(self._config.token), "echostr": echo}
        try:
            answer = await self._out.fetch("GET", f"{self._address()}?{urlencode(query)}")
        except NoAnswer as error:
            return f"no answer: {error}"
        return "" if answer.body == echo.encode() else f"HTTP {answer.status}, and not the echostr"

    def _note(self, follower: Follower, message: Message) -> None:
        self._followers.wrote(follower, message.event)
        if message.shown:
            self._chats.add(follower.openid, side="follower", kind=message.kind, content=message.shown)
        else:
            self._chats.ring(follower.openid)

    async def _tries(self, openid: str, created_at: int, message: Message) -> Delivered:
        started = time.perf_counter()
        failure = TryFailed(0, "")
        for number in range(1, TRIES + 1):
            try:
                status, reply = await self._try(openid, created_at, message)
            except TryFailed as error:
                failure = error
                log.warning("message to the service, try %d of %d: %s", number, TRIES, error)
                await asyncio.sleep(PAUSE_S if not error.status and number < TRIES else 0)
            else:
                return Delivered(status, reply, _ms(started), number)
        return Delivered(failure.status, None, _ms(started), TRIES, str(failure))

    async def _try(self, openid: str, created_at: int, message: Message) -> tuple[int, Reply | None]:
        if self._faults.take("message_duplicate"):
            first, _ = await asyncio.gather(
                self._post(openid, created_at, message),
                self._post(openid, created_at, message),
                return_exceptions=True,
            )
            if isinstance(first, BaseException):
                raise first
            return first
        return await self._post(openid, created_at, message)

    async def _post(self, openid: str, created_at: int, message: Message) -> tuple[int, Reply | None]:
        query, body = self.sealed(openid, xml(self._config.original_id, openid, created_at, message))
        url = f"{self._address()}?{urlencode(query)}"
        try:
            answer = await self._out.fetch(
                "POST", url, body=body, headers={"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"},
                timeout_s=self._config.reply_timeout_s,
            )  # fmt: skip
        except NoAnswer as error:
            raise TryFailed(0, f"no answer: {error}") from error
        if self._faults.take("message_drop_answer"):
            raise TryFailed(0, "no answer: lost on the way")
        if answer.status != 200:
            raise TryFailed(answer.status, f"HTTP {answer.status}")
        try:
            return answer.status, read_reply(
                self._config, answer.body, openid=openid, asked_kind=message.kind
            )
        except ReplyInvalid as error:
            raise TryFailed(answer.status, f"invalid reply: {error}") from error

    def sealed(self, openid: str, plain: str) -> tuple[dict[str, str], bytes]:
        """Query and body for one XML document in the account's mode."""
        token = self._token()
        query = {**self._stamp(token), "openid": openid}
        if self._config.mode == "plain":
            return query, plain.encode()
        closed = Envelope(self._config.encoding_aes_key, self._config.app_id).close(plain)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = signature(token, query["timestamp"], query["nonce"], closed)
        if self._config.mode == "compatible":
            return query, plain.replace("</xml>", element("Encrypt", closed) + "</xml>").encode()
        return query, element("xml", {"ToUserName": self._config.original_id, "Encrypt": closed}).encode()

    def _token(self) -> str:
        return "another-token" if self._faults.take("message_wrong_key") else self._config.token

    def _stamp(self, token: str) -> dict[str, str]:
        age = 3600 if self._faults.take("message_stale") else 0
        stamp = {"timestamp": str(int(self._clock()) - age), "nonce": str(secrets.randbelow(10**10))}
        return {"signature": signature(token, *stamp.values()), **stamp}

    def _address(self) -> str:
        return f"{self._config.service_url}/wechat"

    def _show(self, follower: Follower, message: Message, delivered: Delivered) -> None:
        if message.event == "unsubscribe":
            return  # nobody is there any more to read it
        if delivered.problem:
            self._chats.add(
                follower.openid, side="system", kind="fault", content=FAULT_SENTENCE, via="system"
            )
        elif delivered.reply is not None and delivered.reply.kind != "transfer_customer_service":
            reply = delivered.reply
            self._chats.add(
                follower.openid,
                side="account",
                kind=reply.kind,
                content=reply.content,
                via="reply",
                **reply.more,
            )


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000
