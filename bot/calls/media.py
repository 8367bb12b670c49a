"""Pictures and sounds for messages: uploaded once, and known by their content until WeChat drops them.

https://developers.weixin.qq.com/doc/offiaccount/Asset_Management/New_temporary_materials.html
"""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

from bot.calls.caller import Call, Caller

UPLOAD = Call("media/upload", repeatable=True)  # another copy, under another id
MediaKind = Literal["image", "voice", "video", "thumb"]
MAX_BYTES: dict[MediaKind, int] = {
    "image": 10 * 1024 * 1024,
    "voice": 2 * 1024 * 1024,
    "video": 10 * 1024 * 1024,
    "thumb": 64 * 1024,
}
# WeChat keeps them for 3 days; half a day is for the message that is still waiting to be sent.
KEPT_S = 2.5 * 86_400


class Media:
    """Temporary media of the account."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._store = caller.tokens.store

    def id_of(self, kind: MediaKind, data: bytes, name: str) -> str:
        """The media_id of this content, uploaded unless that was done lately. ``name`` tells the format.

        Raises ValueError for a size that WeChat would not take.
        """
        if not 1 <= len(data) <= MAX_BYTES[kind]:
            raise ValueError(f"a medium of kind {kind} has 1 to {MAX_BYTES[kind]} bytes")
        key = f"media:{self._caller.app_id}:{kind}:{sha256(data).hexdigest()}"
        kept = self._store.get(key)
        if kept:
            return kept.decode()
        field = "thumb_media_id" if kind == "thumb" else "media_id"
        media_id = self._caller.field(
            UPLOAD, lambda client: client.media.upload(kind, (name, data)), field, str
        )
        self._store.set(key, media_id.encode(), ttl_s=KEPT_S)
        return media_id
