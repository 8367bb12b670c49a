"""Customer-service messages: what the account may send by itself, and how it looks in the chat."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import urlencode

from sandbox.chats import Chats
from sandbox.clock import Clock
from sandbox.followers import Followers

TEXT_BYTES_MAX = 2048
WORDS = {
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
}


class PushRefused(Exception):
    """WeChat's errcode and its words."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg


class Pushes:
    """``/cgi-bin/message/custom/send``."""

    def __init__(
        self,
        clock: Clock,
        followers: Followers,
        chats: Chats,
        *,
        knows_media: Callable[[str, str], bool] = lambda media_id, kind: True,
    ) -> None:
        self._clock, self._followers, self._chats = clock, followers, chats
        self._knows_media = knows_media

    def send(self, body: dict[str, Any]) -> None:
        """Raises PushRefused; a message refused for its form costs no quota."""
        follower = self._followers.get(str(body.get("touser") or ""))
        if follower is None:
            raise PushRefused(40003, "invalid openid")
        line = _line(body)
        if line.get("media_id") and not self._knows_media(line["media_id"], line["kind"]):
            raise PushRefused(40007, "invalid media_id")
        errcode = follower.may_push(self._clock())
        if errcode:
            raise PushRefused(errcode, WORDS[errcode])
        self._followers.keep(follower)
        self._chats.add(follower.openid, side="account", via="push", **line)


def _line(body: dict[str, Any]) -> dict[str, Any]:
    kind = body.get("msgtype")
    make = _KINDS.get(str(kind))
    if make is None:
        raise PushRefused(40008, "invalid message type")
    inner = body.get(str(kind))
    if not isinstance(inner, dict):
        raise PushRefused(47001, "data format error")
    return make(inner)


def _text(inner: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "text", "content": _sized(inner.get("content"))}


def _sized(content: object) -> str:
    if not isinstance(content, str) or not content.strip():
        raise PushRefused(44004, "empty content")
    if len(content.encode()) > TEXT_BYTES_MAX:
        raise PushRefused(45002, "content size out of limit")
    return content


def _menu(inner: dict[str, Any]) -> dict[str, Any]:
    """Shown as WeChat shows it: a text whose lines send themselves when tapped."""
    items = inner.get("list")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise PushRefused(47001, "data format error")
    choices = [_choice(item) for item in items]
    lines = [str(inner.get("head_content") or ""), *choices, str(inner.get("tail_content") or "")]
    return {"kind": "msgmenu", "content": _sized("\n".join(line for line in lines if line))}


def _choice(item: dict[str, Any]) -> str:
    label = str(item.get("content") or "")
    query = urlencode({"msgmenucontent": label, "msgmenuid": str(item.get("id") or "")})
    return f'<a href="weixin://bizmsgmenu?{query}">{escape(label, quote=False)}</a>'


def _news(inner: dict[str, Any]) -> dict[str, Any]:
    articles = inner.get("articles")
    if not isinstance(articles, list) or len(articles) != 1 or not isinstance(articles[0], dict):
        raise PushRefused(45008, "article size out of limit")
    names = {"title": "title", "description": "description", "picture": "picurl", "url": "url"}
    article = {name: str(articles[0].get(given) or "") for name, given in names.items()}
    return {"kind": "news", "content": article["title"], "articles": [article]}


def _media(kind: str, shown: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def line(inner: dict[str, Any]) -> dict[str, Any]:
        if not inner.get("media_id"):
            raise PushRefused(40007, "invalid media_id")
        return {"kind": kind, "content": shown, "media_id": str(inner["media_id"])}

    return line


_KINDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "text": _text,
    "msgmenu": _menu,
    "news": _news,
    "image": _media("image", "[图片]"),
    "voice": _media("voice", "[语音]"),
    "video": _media("video", "[视频]"),
}
