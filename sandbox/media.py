"""Temporary media: uploaded, known by their id for three days."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.clock import Clock
from sandbox.refused import Refused
from sandbox.store import Store

KIND = "media"
LIFE_S = 3 * 86_400
BYTES_MAX = {
    "image": 10 * 1024 * 1024,
    "voice": 2 * 1024 * 1024,
    "video": 10 * 1024 * 1024,
    "thumb": 64 * 1024,
}
FORMATS = {
    "image": (".png", ".jpg", ".jpeg", ".gif", ".bmp"),
    "voice": (".amr", ".mp3"),
    "video": (".mp4",),
    "thumb": (".jpg",),
}


class Media:
    """What was uploaded; the bytes themselves are not kept."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._kept: dict[str, dict[str, Any]] = dict(store.all(KIND))

    def upload(self, kind: str, name: str, data: bytes) -> dict[str, Any]:
        """Raises Refused."""
        if kind not in BYTES_MAX:
            raise Refused(40004, "invalid media type")
        if not data:
            raise Refused(41005, "media data missing")
        if not name.lower().endswith(FORMATS[kind]):
            raise Refused(40005, "invalid file type")
        if len(data) > BYTES_MAX[kind]:
            raise Refused(40006, "invalid media size")
        media_id, now = secrets.token_urlsafe(48), int(self._clock())
        self._kept[media_id] = {"kind": kind, "ends_at": now + LIFE_S}
        self._store.put(KIND, media_id, self._kept[media_id])
        return {
            "type": kind,
            "thumb_media_id" if kind == "thumb" else "media_id": media_id,
            "created_at": now,
        }

    def knows(self, media_id: str, kind: str) -> bool:
        """Whether a message of this kind can show it."""
        kept = self._kept.get(media_id)
        return kept is not None and kept["kind"] == kind and self._clock() < kept["ends_at"]
