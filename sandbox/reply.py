"""The service's passive reply, read as strictly as WeChat reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sandbox.config import Config
from sandbox.envelope import Envelope, EnvelopeBroken, matches

BODY_BYTES_MAX = 64 * 1024
TEXT_BYTES_MAX = 2048
ARTICLES_MAX = 8
ONE_ARTICLE_AFTER = frozenset({"text", "image", "voice", "video", "shortvideo", "location"})
MEDIA = {"image": "Image/MediaId", "voice": "Voice/MediaId", "video": "Video/MediaId"}


class ReplyInvalid(Exception):
    """WeChat would show the follower its fault banner; the text says why."""


@dataclass(frozen=True)
class Reply:
    """What the follower gets to see. ``content`` is the text, or a line that stands for another type."""

    kind: str
    content: str
    more: dict[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        return {"type": self.kind, "content": self.content, **self.more}


def read(config: Config, body: bytes, *, openid: str, asked_kind: str) -> Reply | None:
    """The reply in an HTTP body; None for ``success`` and for an empty body.

    ``asked_kind`` is the MsgType that is being answered. Raises ReplyInvalid."""
    if body in (b"", b"success"):
        return None
    if len(body) > BODY_BYTES_MAX:
        raise ReplyInvalid(f"longer than {BODY_BYTES_MAX} bytes")
    root = _opened(config, _parsed(body))
    _check_addresses(config, root, openid)
    return _content(root, asked_kind)


def _parsed(body: bytes | str) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ReplyInvalid(f"not XML that WeChat reads: {error}") from error
    if root.tag != "xml":
        raise ReplyInvalid("the root element is not <xml>")
    return root


def _opened(config: Config, root: Element) -> Element:
    closed = root.findtext("Encrypt")
    if closed is None:
        if config.mode == "safe":
            raise ReplyInvalid("not encrypted, although the account is in safe mode")
        return root
    if config.mode == "plain":
        raise ReplyInvalid("encrypted, although the account is in plain mode")
    stamp = [root.findtext(name) or "" for name in ("TimeStamp", "Nonce")]
    if not all(stamp) or not matches(root.findtext("MsgSignature") or "", config.token, *stamp, closed):
        raise ReplyInvalid("MsgSignature does not fit")
    try:
        return _parsed(Envelope(config.encoding_aes_key, config.app_id).open(closed))
    except EnvelopeBroken as error:
        raise ReplyInvalid(f"cannot be decrypted: {error}") from error


def _check_addresses(config: Config, root: Element, openid: str) -> None:
    if root.findtext("ToUserName") != openid:
        raise ReplyInvalid("ToUserName is not the follower")
    if root.findtext("FromUserName") != config.original_id:
        raise ReplyInvalid("FromUserName is not this account")
    if not (root.findtext("CreateTime") or "").strip().isdigit():
        raise ReplyInvalid("CreateTime is not a number")


def _content(root: Element, asked_kind: str) -> Reply:
    kind = root.findtext("MsgType") or ""
    if kind == "text":
        return Reply("text", checked_text(root.findtext("Content") or ""))
    if kind == "news":
        return _news(root, asked_kind)
    if kind in MEDIA:
        return _media(root, kind)
    if kind == "music":
        return Reply("music", root.findtext("Music/Title") or "[音乐]")
    if kind == "transfer_customer_service":
        return Reply(kind, "[已转接人工客服]")
    raise ReplyInvalid(f"MsgType {kind!r} is none of a passive reply's")


def checked_text(content: str) -> str:
    """``content`` if WeChat would pass it on. Raises ReplyInvalid."""
    if not content.strip():
        raise ReplyInvalid("the text is empty")
    if len(content.encode()) > TEXT_BYTES_MAX:
        raise ReplyInvalid(f"the text has {len(content.encode())} bytes; {TEXT_BYTES_MAX} is the limit")
    return content


def _media(root: Element, kind: str) -> Reply:
    media_id = root.findtext(MEDIA[kind])
    if not media_id:
        raise ReplyInvalid(f"{MEDIA[kind]} is missing")
    return Reply(
        kind, {"image": "[图片]", "voice": "[语音]", "video": "[视频]"}[kind], {"media_id": media_id}
    )


def _news(root: Element, asked_kind: str) -> Reply:
    articles = [_article(item) for item in root.findall("Articles/item")]
    if not articles or root.findtext("ArticleCount") != str(len(articles)):
        raise ReplyInvalid("ArticleCount is not the number of articles")
    allowed = 1 if asked_kind in ONE_ARTICLE_AFTER else ARTICLES_MAX
    if len(articles) > allowed:
        raise ReplyInvalid(f"{len(articles)} articles; {allowed} may answer this message")
    return Reply("news", articles[0]["title"], {"articles": articles})


def _article(item: Element) -> dict[str, str]:
    names = {"title": "Title", "description": "Description", "picture": "PicUrl", "url": "Url"}
    return {name: item.findtext(tag) or "" for name, tag in names.items()}
