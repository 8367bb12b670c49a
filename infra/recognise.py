"""The ordinary request, recognised at the beginning of what lies on a connection."""

from __future__ import annotations

import re
from typing import NamedTuple

# A recogniser, not a parser: what it does not know is the web server's to judge.
_HEAD = re.compile(
    rb"POST ([!-~]{1,4096}) HTTP/1\.([01])\r\n((?:[A-Za-z0-9-]{1,64}:[ -~]{0,1024}\r\n){1,40})\r\n"
)
_LENGTH = re.compile(rb"\ncontent-length: ?([0-9]{1,6})\r")
# How the body comes, what is expected before it, any other way of going on: not ordinary.
_UNUSUAL = re.compile(rb"transfer-encoding|expect:|upgrade|trailer|\nte:")
_CLOSES = re.compile(rb"\nconnection: *close")


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
    head = _HEAD.match(data)
    if head is None:
        return None
    target, version, headers = head.groups()
    headers = b"\n" + headers.lower()
    length = _LENGTH.search(headers)
    if length is None or headers.count(b"content-length") != 1 or _UNUSUAL.search(headers):
        return None
    size = head.end() + int(length.group(1))
    if size > len(data):
        return None
    stays = version == b"1" and not _CLOSES.search(headers)
    return Asked(target[len(path) + 1 :].decode("ascii"), data[head.end() : size], stays, size)
