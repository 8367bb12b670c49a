"""QR codes with a scene, and their pictures."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any

from sandbox.clock import Clock
from sandbox.refused import Refused
from sandbox.store import Store

KIND = "qrcode"
EXPIRES_MAX_S = 2_592_000
EXPIRES_USUAL_S = 60
PERMANENT_MAX = 100_000
SCENE_CHARS_MAX = 64
ACTIONS = {
    "QR_SCENE": "scene_id",
    "QR_STR_SCENE": "scene_str",
    "QR_LIMIT_SCENE": "scene_id",
    "QR_LIMIT_STR_SCENE": "scene_str",
}
SIZE = 29


class QrCodes:
    """Codes by ticket. Raises Refused."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._codes: dict[str, dict[str, Any]] = dict(store.all(KIND))

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        action = body.get("action_name")
        if action not in ACTIONS:
            raise Refused(40052, "invalid action name")
        scene = _scene(body, ACTIONS[action])
        expires_s = None if "LIMIT" in action else _expires(body)
        if (
            expires_s is None
            and sum(code["ends_at"] is None for code in self._codes.values()) >= PERMANENT_MAX
        ):
            raise Refused(45029, "qrcode count out of limit")
        ticket = "gQ" + secrets.token_urlsafe(66)
        self._codes[ticket] = {
            "scene": scene,
            "ends_at": None if expires_s is None else self._clock() + expires_s,
        }
        self._store.put(KIND, ticket, self._codes[ticket])
        url = f"http://weixin.qq.com/q/{sha256(ticket.encode()).hexdigest()[:22]}"
        answer = {"ticket": ticket, "url": url}
        return answer if expires_s is None else {**answer, "expire_seconds": expires_s}

    def scene(self, ticket: str) -> str | None:
        """What the code says; None when there is no such code, or it has ended."""
        code = self._codes.get(ticket)
        if code is None or (code["ends_at"] is not None and self._clock() >= code["ends_at"]):
            return None
        return str(code["scene"])


def picture(ticket: str) -> str:
    """An SVG in the manner of a QR code; no camera can read it, the pretend phone need not."""
    bits = int.from_bytes(sha256(ticket.encode()).digest() * 4, "big")
    dots = "".join(
        f'<rect x="{spot % SIZE}" y="{spot // SIZE}" width="1" height="1"/>'
        for spot in range(SIZE * SIZE)
        if bits >> spot & 1
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">{dots}</svg>'


def _scene(body: dict[str, Any], name: str) -> str:
    info = body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    value = scene.get(name) if isinstance(scene, dict) else None
    if name == "scene_id" and isinstance(value, int) and 1 <= value <= 2**32 - 1:
        return str(value)
    if name == "scene_str" and isinstance(value, str) and 1 <= len(value) <= SCENE_CHARS_MAX:
        return value
    raise Refused(40053, "invalid action info")


def _expires(body: dict[str, Any]) -> int:
    expires_s = body.get("expire_seconds", EXPIRES_USUAL_S)
    if not isinstance(expires_s, int) or not 1 <= expires_s <= EXPIRES_MAX_S:
        raise Refused(40097, "invalid args")
    return expires_s
