"""Pictures, sound and film of a course: which files count, what they may be, and the record handed out.

SVG is left out: it is a document that can carry script, not a picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import imagesize

MAX_IMAGE_BYTES = 2 * 1024 * 1024
# One statement writes one file. MariaDB takes 16 MiB in one unless it is told otherwise, and PyMySQL writes
# each byte as two digits.
MAX_MEDIA_BYTES = 7 * 1024 * 1024
# How far into an MP3 the first frame may be looked for, behind zeros that some programs leave there.
_MP3_SEARCH = 4_096

MEDIA_TYPES: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "webm": "video/webm",
}


@dataclass(frozen=True)
class Asset:
    """A picture, or a file of sound or film. ``path`` is relative to the course's folder; ``paid``: only paid
    text shows it.

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


def is_asset_name(name: str) -> bool:
    return _ending(name) in MEDIA_TYPES


def is_image_name(name: str) -> bool:
    return kind_of(name) == "image"


def kind_of(name: str) -> str:
    """``image``, ``audio``, ``video``, or empty for a name that is none of them."""
    return MEDIA_TYPES.get(_ending(name), "").partition("/")[0]


def max_bytes(name: str) -> int:
    return MAX_IMAGE_BYTES if is_image_name(name) else MAX_MEDIA_BYTES


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as the picture is shown, or None when its head cannot be read."""
    width, height = imagesize.get(BytesIO(data))
    return (width, height) if width > 0 and height > 0 else None


def media_type(name: str) -> str:
    return MEDIA_TYPES[_ending(name)]


def is_what_it_says(name: str, data: bytes) -> bool:
    """Whether the first bytes agree with the file's ending."""
    sniffed, told = _sniffed(data), media_type(name)
    return sniffed == told or (sniffed == "video/mp4" and told == "audio/mp4")  # one container for both


def _sniffed(data: bytes) -> str:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return _sniffed_media(data)


def _sniffed_media(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return "video/mp4"
    if data.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in data[:64]:
        return "video/webm"
    frame = data[:_MP3_SEARCH].lstrip(b"\x00")
    is_frame = len(frame) > 1 and frame[0] == 0xFF and frame[1] & 0xE6 == 0xE2  # MPEG audio, layer III
    return "audio/mpeg" if data.startswith(b"ID3") or is_frame else ""


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
