"""WeChat's side of the wire for the tests of the door: signs, encrypts and reads with another library."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Protocol
from xml.sax.saxutils import escape

import xmltodict
from wechatpy.crypto import WeChatCrypto

from bot.account import Account, Mode
from bot.conversation import Conversation
from bot.message import Message
from bot.robot import Handler, KebanRobot
from bot.signature import sign
from bot.wire import WireRequest, WireResponse
from infra.clock import Clock

TOKEN = "kebantest"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx2c2769f8efd9abc2"
OPENID = "oyORnuP8q7ou2gfYjqLzSIWZf0rs"
US = "gh_10f6c3c3ac5a"


class TextMessage(Message, Protocol):
    """What a handler of texts is given."""

    content: str


def account(mode: Mode = "safe") -> Account:
    return Account(APP_ID, TOKEN, AES_KEY, mode)


def say(key: str) -> str:
    return f"抱歉（{key}）"


@dataclass
class PretendWeChat:
    """Makes requests as WeChat would in a mode, and reads the answers."""

    clock: Clock
    mode: Mode = "safe"
    app_id: str = APP_ID
    token: str = TOKEN
    aes_key: str = AES_KEY
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def text(
        self, content: str = "想学爬虫", *, openid: str = OPENID, msg_id: int | None = None
    ) -> WireRequest:
        number = msg_id or 10**16 + next(self._numbers)
        return self.deliver(self.xml("text", openid, Content=content, MsgId=str(number)))

    def event(self, name: str, *, openid: str = OPENID, **fields: str) -> WireRequest:
        return self.deliver(self.xml("event", openid, Event=name, **fields))

    def xml(self, kind: str, openid: str = OPENID, **fields: str) -> str:
        created = str(int(self.clock.now().timestamp()))
        known = {"ToUserName": US, "FromUserName": openid, "CreateTime": created, "MsgType": kind}
        children = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in {**known, **fields}.items())
        return f"<xml>{children}</xml>"

    def deliver(self, xml: str | bytes, **query: str) -> WireRequest:
        """The request of this mode for an inner XML; ``query`` overrides its parameters."""
        nonce, timestamp = str(next(self._numbers)), str(int(self.clock.now().timestamp()))
        signed = {"timestamp": timestamp, "nonce": nonce, "signature": sign(self.token, timestamp, nonce)}
        body = xml.encode() if isinstance(xml, str) else xml
        if self.mode == "plain":
            return WireRequest("POST", {**signed, **query}, body)
        sealed = self._encrypted(body.decode(), nonce, timestamp)
        signed |= {"encrypt_type": "aes", "msg_signature": str(sealed["MsgSignature"])}
        part = f"<Encrypt><![CDATA[{sealed['Encrypt']}]]></Encrypt></xml>"
        start = f"<xml><ToUserName><![CDATA[{US}]]></ToUserName>"
        if self.mode == "compatible":
            start = body.decode().removesuffix("</xml>")
        return WireRequest("POST", {**signed, **query}, (start + part).encode())

    def check(self, echo: str = "5927782489442352469") -> WireRequest:
        """The check of the address, as from the button on WeChat's page."""
        timestamp, nonce = str(int(self.clock.now().timestamp())), "1"
        query = {"timestamp": timestamp, "nonce": nonce, "signature": sign(self.token, timestamp, nonce)}
        return WireRequest("GET", {**query, "echostr": echo})

    def read(self, response: WireResponse) -> dict[str, Any]:
        """The reply's fields; {} for ``success``. Fails as WeChat would on anything else."""
        assert response.status == 200, response
        if response.body == b"success":
            return {}
        fields = xmltodict.parse(response.body)["xml"]
        if self.mode != "plain":
            fields = xmltodict.parse(self._decrypted(fields))["xml"]
        return dict(fields)

    def said(self, response: WireResponse) -> str:
        """The text of a reply; "" for ``success``."""
        return str(self.read(response).get("Content", ""))

    def _encrypted(self, xml: str, nonce: str, timestamp: str) -> dict[str, Any]:
        crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
        return dict(xmltodict.parse(crypto.encrypt_message(xml, nonce, timestamp))["xml"])

    def _decrypted(self, fields: dict[str, Any]) -> str:
        crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
        opened = crypto.decrypt_message(fields, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
        return str(opened)


class Echo(KebanRobot):
    """Answers a text with itself, counts its work, and remembers the last text in the conversation.

    ``first`` are handlers of texts that are asked before.
    """

    def __init__(self, *first: Handler) -> None:
        super().__init__(say)
        self.handled: list[str] = []
        for handler in first:
            self.text(handler)
        self.text(self._echo)

    def _echo(self, message: TextMessage, session: Conversation) -> str:
        self.handled.append(message.content)
        before, session.chosen = session.chosen, message.content
        return f"你说：{message.content}" + (f"，上次：{before}" if before else "")
