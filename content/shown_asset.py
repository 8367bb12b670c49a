"""A picture, or a file of sound or film, as it is handed out: what it is, without its bytes."""

from __future__ import annotations

from dataclasses import dataclass

_MARK_CHARS = 12


@dataclass(frozen=True)
class ShownAsset:
    """As `content.assets.Asset`; ``size`` in bytes. The bytes are asked of the shelf, a part at a time."""

    course_id: str
    path: str
    media_type: str
    sha256: str
    paid: bool
    size: int
    shown_in: tuple[tuple[str, bool], ...] = ()


def mark_of(sha256: str) -> str:
    """What stands for a file's contents in its address."""
    return sha256[:_MARK_CHARS]
