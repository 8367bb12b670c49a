"""The ordinary request, recognised at the beginning of what lies on a connection."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

# A recogniser, not a parser: what it does not know is the web server's to judge.
_LINE = re.compile(rb"POST ([!-~]{1,4096}) HTTP/1\.([01])\r\n")
_HEADERS = re.compile(rb"(?:[A-Za-z0-9-]{1,64}:[ -~]{0,1024}\r\n){1,40}")
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\ncontent-length: ?([0-9]{1,6})\r")
# How the body comes, what is expected before it, any other way of going on: not ordinary.
_UNUSUAL = re.compile(rb"transfer-encoding|expect:|upgrade|trailer|\nte:")
_CLOSES = re.compile(rb"\nconnection: *close")
# WeChat's differ in the length alone, so what they say is mostly known. Longer ones are read each time.
_MOST_KNOWN = 1_024
_MOST_KNOWN_BYTES = 1_024


class Asked(NamedTuple):
    """A recognised request: ``size`` bytes on the wire, ``query`` being what stands behind the path.

    ``stays``: the connection may be used again.
    """

    query: str
    body: bytes
    stays: bool
    size: int


def recognise(path: bytes, data: bytes) -> Asked | None:
    """The ordinary request at the beginning of ``data``; None for anything else."""
    if not data.startswith(path + b"?", 5):
        return None
    line = _LINE.match(data)
    if line is None:
        return None
    end = data.find(_END, line.end()) + len(_END)
    headers = data[line.end() : end - 2]
    said = _known(headers) if len(headers) <= _MOST_KNOWN_BYTES else _read(headers)
    if said is None:
        return None
    target, version = line.groups()
    size = end + said.length
    if size > len(data):
        return None
    stays = version == b"1" and not said.closes
    return Asked(target[len(path) + 1 :].decode("ascii"), data[end:size], stays, size)


class _Said(NamedTuple):
    """What ordinary headers say."""

    length: int
    closes: bool


def _read(headers: bytes) -> _Said | None:
    """None for headers that are not ordinary, or not all there."""
    if _HEADERS.fullmatch(headers) is None:
        return None
    headers = b"\n" + headers.lower()
    length = _LENGTH.search(headers)
    if length is None or headers.count(b"content-length") != 1 or _UNUSUAL.search(headers):
        return None
    return _Said(int(length.group(1)), _CLOSES.search(headers) is not None)


_known = lru_cache(maxsize=_MOST_KNOWN)(_read)
