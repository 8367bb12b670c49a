"""From the fields of a document (`bot.document`) to a message object.

The objects are WeRoBot's, with what trips its classes put right first: an XML child named like an attribute,
broken numbers, odd picture lists, types it does not know.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from werobot.messages.base import WeRoBotMetaClass
from werobot.messages.entries import BaseEntry, FloatEntry, IntEntry
from werobot.messages.events import (
    BasePicEvent,
    PicPhotoOrAlbumEvent,
    PicSysphotoEvent,
    PicWeixinEvent,
    WeChatEvent,
)
from werobot.parser import process_message

from bot.document import Fields
from bot.refusal import Refusal

MAX_OPENID_CHARS = 64


class Message(Protocol):
    """What each message and event has. ``type`` is WeRoBot's: ``text``, ``subscribe_event`` …"""

    type: str
    source: str  # the follower's openid
    target: str  # our account
    time: int  # seconds since 1970; 0 when WeChat sent none
    message_id: int  # 0 for events


def to_message(fields: Fields) -> Message:
    """A message object of the class of its type. Raises Refusal when no sender is named."""
    clean = {
        name: value[0] if isinstance(value, list) else value
        for name, value in fields.items()
        if name not in _ATTRIBUTES
    }
    source, target = _text(clean, "FromUserName"), _text(clean, "ToUserName")
    if not source or len(source) > MAX_OPENID_CHARS:
        raise Refusal("sender", status=400)
    _name_type(clean)
    if "OpenID" in clean and not clean.get("EventKey"):
        # What WeChat's platform tells of a follower names them here; two of one second must stay two events.
        clean["EventKey"] = clean["OpenID"]
    message = process_message(clean)
    values = vars(message)
    # Plain attributes win over WeRoBot's lazy ones: quick, never None, and no odd number raises later.
    values["source"], values["target"], values["time"] = source, target, _number(clean, "CreateTime")
    values["message_id"] = _number(clean, "MsgId") or _number(clean, "MsgID")
    values["key"] = _text(clean, "EventKey")
    if values["type"] == "text":
        values["content"], values["tap_id"] = _text(clean, "Content"), _text(clean, "bizmsgmenuid")
    _drop_unreadable(type(message), values)
    return cast(Message, message)


def inside(message: Message, *path: str) -> str:
    """The text of a field by its names in the XML (``"ScanCodeInfo", "ScanResult"``), or ""."""
    value: Any = vars(message)
    for name in path:
        value = _first(value.get(name)) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def groups(message: Message, *path: str) -> list[Fields]:
    """The groups of fields under a name that stands once or several times (``"…Event", "List"``)."""
    value: Any = vars(message)
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    found = value if isinstance(value, list) else [value]
    return [group for group in found if isinstance(group, dict)]


def _first(value: Any) -> Any:
    """A field stands once at the top; of a repeated one the first counts."""
    return value[0] if isinstance(value, list) else value


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def _number(fields: Fields, name: str) -> int:
    text = _text(fields, name)
    try:
        return int(text) if text else 0
    except ValueError:
        return 0


def _name_type(fields: Fields) -> None:
    """Leaves a type for WeRoBot to look up. It keeps messages and events in one table, so a message type
    that is spelt like an event's must not reach that table."""
    kind = _text(fields, "MsgType").lower()
    if kind == "event":
        fields["Event"] = _text(fields, "Event") or "unknown"
    elif not kind or kind.endswith("_event"):
        kind = "unknown"
    fields["MsgType"] = kind


def _drop_unreadable(kind: type, values: Fields) -> None:
    """WeRoBot reads numbers and nested fields when they are asked for, and raises then."""
    for name in _PARENTS[kind]:
        if not isinstance(values.get(name), dict):
            values.pop(name, None)
    for convert, path in _NUMBERS[kind]:
        holder, leaf = _holder(values, path)
        try:
            convert(holder.get(leaf, 0))
        except (ValueError, TypeError):
            del holder[leaf]


def _holder(values: Fields, path: list[str]) -> tuple[Fields, str]:
    for name in path[:-1]:
        values = values.get(name, {})
    return values, path[-1]


class _Pictures(BasePicEvent):  # type: ignore[misc]  # the library is untyped
    """WeRoBot's picture events trust ``Count``; what counts is the list."""

    def __init__(self, fields: Fields) -> None:
        WeChatEvent.__init__(self, fields)
        self.pic_list = [{"pic_md5_sum": digest} for digest in _digests(fields)]
        self.count = len(self.pic_list)


def _digests(fields: Fields) -> list[str]:
    value: Any = fields.get("SendPicsInfo")
    for name in ("PicList", "item"):
        value = value.get(name) if isinstance(value, dict) else None
    items = value if isinstance(value, list) else [value]
    return [_text(item, "PicMd5Sum") for item in items if isinstance(item, dict)]


# Defining a class registers it under its type: this is how WeRoBot is extended.
class _PicSysphoto(_Pictures, PicSysphotoEvent):  # type: ignore[misc]
    __type__ = "pic_sysphoto_event"


class _PicPhotoOrAlbum(_Pictures, PicPhotoOrAlbumEvent):  # type: ignore[misc]
    __type__ = "pic_photo_or_album_event"


class _PicWeixin(_Pictures, PicWeixinEvent):  # type: ignore[misc]
    __type__ = "pic_weixin_event"


def _entries(kind: type) -> dict[str, BaseEntry]:
    named = {name: value for base in reversed(kind.__mro__) for name, value in vars(base).items()}
    return {name: value for name, value in named.items() if isinstance(value, BaseEntry)}


_KINDS: set[type] = set(WeRoBotMetaClass.TYPES.values())
# Names that a child of the XML may not have, or it would stand in for the real attribute.
_ATTRIBUTES = frozenset(name for kind in _KINDS for name in dir(kind)) | {"type", "tap_id", "pic_list", "raw"}
_PARENTS = {
    kind: {entry.entry.split(".")[0] for entry in _entries(kind).values() if "." in entry.entry}
    for kind in _KINDS
}
_SET_BY_US = {"time", "message_id", "source", "target", "key"}
_NUMBERS: dict[type, list[tuple[type[int] | type[float], list[str]]]] = {
    kind: [
        (int if isinstance(entry, IntEntry) else float, entry.entry.split("."))
        for name, entry in _entries(kind).items()
        if isinstance(entry, (IntEntry, FloatEntry)) and name not in _SET_BY_US
    ]
    for kind in _KINDS
}
