"""QR codes that lead into the chat and say where from: ``scene`` arrives with the follow or the scan.

https://developers.weixin.qq.com/doc/offiaccount/Account_Management/Generating_a_Parametric_QR_Code.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.calls.caller import Call, Caller, field_of

# Another temporary code with the same scene does the same; a permanent one counts towards the 100,000.
TEMPORARY = Call("qrcode/create", repeatable=True)
PERMANENT = Call("qrcode/create", repeatable=False)

MAX_SCENE_CHARS = 64
MAX_EXPIRES_S = 2_592_000


@dataclass(frozen=True, slots=True)
class QrCode:
    """``url`` is what the code says, for drawing it oneself; ``picture_url`` is WeChat's drawing."""

    ticket: str
    url: str
    picture_url: str
    expires_s: int | None


class QrCodes:
    """``picture_base``: the host that shows pictures; another one than the API's."""

    def __init__(self, caller: Caller, *, picture_base: str) -> None:
        self._caller = caller
        self._picture_base = picture_base

    def temporary(self, scene: str, *, expires_s: int = MAX_EXPIRES_S) -> QrCode:
        """A code that works for up to 30 days. Raises ValueError for what WeChat would not take."""
        if not 60 <= expires_s <= MAX_EXPIRES_S:
            raise ValueError(f"expires_s is between 60 and {MAX_EXPIRES_S}")
        return self._create(TEMPORARY, {"action_name": "QR_STR_SCENE", "expire_seconds": expires_s}, scene)

    def permanent(self, scene: str) -> QrCode:
        """One of the account's 100,000 codes that never end."""
        return self._create(PERMANENT, {"action_name": "QR_LIMIT_STR_SCENE"}, scene)

    def _create(self, call: Call, about: dict[str, Any], scene: str) -> QrCode:
        if not 1 <= len(scene) <= MAX_SCENE_CHARS:
            raise ValueError(f"a scene has 1 to {MAX_SCENE_CHARS} characters")
        body = {**about, "action_info": {"scene": {"scene_str": scene}}}
        answer = self._caller.call(call, lambda client: client.qrcode.create(body))
        ticket, url = field_of(call, answer, "ticket", str), field_of(call, answer, "url", str)
        picture = f"{self._picture_base}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"
        return QrCode(ticket, url, picture, answer.get("expire_seconds"))
