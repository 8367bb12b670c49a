"""What a follower does, as the XML that WeChat sends for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.events import event_fields

TEXT_BYTES_MAX = 2048
FIELDS_MAX = 20

Fields = dict[str, Any]
"""XML children by name: str becomes CDATA, int stands bare, a dict nests, a list repeats its name."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_counter = itertools.count(1)


class MessageRefused(ValueError):
    """WeChat's client would not let a follower send this; the text says why."""


@dataclass(frozen=True)
class Message:
    """One message or event before it is sealed."""

    kind: str
    """MsgType: "text", "event", …"""
    event: str
    """Event's name, "" for a plain message."""
    fields: Fields = field(default_factory=dict)
    shown: str = ""
    """What the follower's own side of the chat shows; "" for events."""


def read(request: Mapping[str, Any], now: float) -> Message:
    """A Message from the script interface's JSON. Raises MessageRefused."""
    kind = str(request.get("type") or "text")
    if not _NAME.fullmatch(kind):
        raise MessageRefused("type: must be a name")
    message = _PLAIN[kind](request) if kind in _PLAIN else _event(kind, request)
    extra = request.get("fields") or {}
    if (
        not isinstance(extra, dict)
        or len(extra) > FIELDS_MAX
        or not all(_NAME.fullmatch(name) for name in extra)
    ):
        raise MessageRefused("fields: must be an object of XML names and values")
    stamp: Fields = {} if message.event else {"MsgId": int(request.get("msg_id") or _message_id(now))}
    return Message(message.kind, message.event, {**message.fields, **stamp, **extra}, message.shown)


def xml(account: str, openid: str, created_at: int, message: Message) -> str:
    """The whole plain XML document."""
    head: Fields = {
        "ToUserName": account,
        "FromUserName": openid,
        "CreateTime": created_at,
        "MsgType": message.kind,
    }
    event: Fields = {"Event": message.event} if message.event else {}
    return element("xml", {**head, **event, **message.fields})


def element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(element(name, one) for one in value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(element(child, inner) for child, inner in value.items())}</{name}>"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"<{name}>{value}</{name}>"
    text = _NOT_XML.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"


def _message_id(now: float) -> int:
    """Unique and growing, 17 digits as the real ones have."""
    return int(now * 1000) * 10_000 + next(_counter) % 10_000


def _string(request: Mapping[str, Any], name: str, default: str = "") -> str:
    value = request.get(name)
    return default if value is None else str(value)


def _text(request: Mapping[str, Any]) -> Message:
    content = _string(request, "content")
    if not content.strip():
        raise MessageRefused("content: an empty message cannot be sent")
    if len(content.encode()) > TEXT_BYTES_MAX:
        raise MessageRefused(f"content: longer than {TEXT_BYTES_MAX} bytes")
    fields: Fields = {"Content": content}
    if request.get("bizmsgmenuid"):
        fields["bizmsgmenuid"] = _string(request, "bizmsgmenuid")
    return Message("text", "", fields, content)


def _image(request: Mapping[str, Any]) -> Message:
    url = _string(request, "url", "http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0")
    return Message(
        "image", "", {"PicUrl": url, "MediaId": _string(request, "media_id", "sandbox-image")}, "[图片]"
    )


def _voice(request: Mapping[str, Any]) -> Message:
    heard = _string(request, "recognition") or _string(request, "content")
    fields: Fields = {
        "MediaId": _string(request, "media_id", "sandbox-voice"),
        "Format": "amr",
        "Recognition": heard,
    }
    return Message("voice", "", fields, f"[语音] {heard}".strip())


def _video(request: Mapping[str, Any]) -> Message:
    fields: Fields = {
        "MediaId": _string(request, "media_id", "sandbox-video"),
        "ThumbMediaId": "sandbox-thumb",
    }
    return Message(_string(request, "type"), "", fields, "[视频]")


def _location(request: Mapping[str, Any]) -> Message:
    label = _string(request, "label") or _string(request, "content", "广州市海珠区")
    fields: Fields = {
        "Location_X": _string(request, "latitude", "23.134521"),
        "Location_Y": _string(request, "longitude", "113.358803"),
        "Scale": _string(request, "scale", "15"),
        "Label": label,
    }
    return Message("location", "", fields, f"[位置] {label}")


def _link(request: Mapping[str, Any]) -> Message:
    title, url = _string(request, "title", "链接"), _string(request, "url", "https://example.com/")
    fields: Fields = {"Title": title, "Description": _string(request, "description"), "Url": url}
    return Message("link", "", fields, f"[链接] {title}")


_PLAIN: dict[str, Callable[[Mapping[str, Any]], Message]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}


def _event(kind: str, request: Mapping[str, Any]) -> Message:
    name = {"subscribe": "subscribe", "unsubscribe": "unsubscribe"}.get(kind, _EVENTS.get(kind.lower(), kind))
    key = _string(request, "key") or _string(request, "scene") or _string(request, "url")
    fields: Fields = {"EventKey": f"qrscene_{key}" if name == "subscribe" and key else key}
    if key and name in ("subscribe", "SCAN"):
        fields["Ticket"] = _string(request, "ticket", "gQ" + "sandbox" * 10)
    if name.startswith("user_"):
        fields["OpenID"] = _string(request, "openid")  # WeChat's platform speaks; this is of whom
    return Message("event", name, {**fields, **event_fields(name)})


_EVENTS = {
    "click": "CLICK",
    "scan": "SCAN",
    "view": "VIEW",
    "location_report": "LOCATION",
    "templatesendjobfinish": "TEMPLATESENDJOBFINISH",
    "masssendjobfinish": "MASSSENDJOBFINISH",
    "publishjobfinish": "PUBLISHJOBFINISH",
}
