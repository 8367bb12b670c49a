"""Pictures of a course: which files count, what they may be, and the record that is handed out.

SVG is left out: it is a document that can carry script, not a picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MAX_IMAGE_BYTES = 2 * 1024 * 1024

MEDIA_TYPES: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}


@dataclass(frozen=True)
class Asset:
    """A picture. ``path`` is relative to the course's folder; ``paid``: only paid text shows it.

    Whoever serves it checks a grant first when ``paid`` is true. ``shown_in``: where it is shown, by the
    lesson's slug ("" for the course page) and whether that is its paid part; empty when that is not known,
    as in versions from before it was kept.
    """

    path: str
    media_type: str
    sha256: str
    paid: bool
    data: bytes
    shown_in: tuple[tuple[str, bool], ...] = ()


def is_image_name(name: str) -> bool:
    return _ending(name) in MEDIA_TYPES


def media_type(name: str) -> str:
    return MEDIA_TYPES[_ending(name)]


def is_what_it_says(name: str, data: bytes) -> bool:
    """Whether the first bytes agree with the file's ending."""
    return _sniffed(data) == media_type(name)


def _sniffed(data: bytes) -> str:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
