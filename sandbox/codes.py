"""QR codes that stand on a screen, for who has no camera: a picture's description says what it holds."""

from __future__ import annotations

import re
from base64 import b64decode
from collections import deque
from html import unescape

from sandbox.out import Answer

KEPT_MAX = 6
_PICTURE = re.compile(rb"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
_SAYS = re.compile(rb"<desc>([^<]{1,600})</desc>")


class Codes:
    """The newest codes that the other screens have shown, newest first."""

    def __init__(self) -> None:
        self._seen: deque[str] = deque(maxlen=KEPT_MAX)

    def look_at(self, answer: Answer) -> None:
        """Remembers what the codes in this answer say: a picture, or a page with pictures in it."""
        if answer.status != 200 or not answer.headers.get("Content-Type", "").startswith(
            ("image/svg", "text/html")
        ):
            return
        for picture in (answer.body, *map(_decoded, _PICTURE.findall(answer.body))):
            for says in _SAYS.findall(picture):
                self._remember(unescape(says.decode("utf-8", "replace")))

    def all(self) -> list[str]:
        return list(self._seen)

    def _remember(self, text: str) -> None:
        if text in self._seen:
            self._seen.remove(text)
        self._seen.appendleft(text)


def _decoded(text: bytes) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""
