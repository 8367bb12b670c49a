"""Which part of a file a request wants: one range of bytes, as players ask while they seek.

See https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# More digits than any file has bytes are no place in it.
_ONE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")


@dataclass(frozen=True)
class Span:
    """``length`` bytes from ``start``; ``partial`` when that was asked for."""

    start: int
    length: int
    partial: bool


class NoSuchRange(Exception):
    """The file is shorter: 416."""


def wanted(headers: Mapping[str, str], size: int, etag: str) -> Span:
    """The part of a file of ``size`` bytes; all of it when no single range is asked for, or when the client
    has the beginning of another version (``If-Range``). Raises NoSuchRange.
    """
    found = _ONE.fullmatch(headers.get("Range", "").strip())
    if found is None or headers.get("If-Range", etag) != etag:
        return Span(0, size, partial=False)
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
        if int(suffix) == 0:
            raise NoSuchRange
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < start:
            return Span(0, size, partial=False)
    if start >= size:
        raise NoSuchRange
    return Span(start, end - start, partial=True)
