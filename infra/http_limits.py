"""What bounds an answer from outside: a time for all of it, and a size.

`requests` has a timeout for each read, so a peer that sends a byte now and then would be waited for without
an end. Here each read has what is left of the call's time, from the answer's first line to its last byte.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_CHUNK_BYTES = 64 * 1024
_HEAD_BYTES = 1024 * 1024  # more than the library takes of status, headers and the lengths of chunks


class TooLarge(requests.RequestException):
    """The answer is larger than anything that the peer should say."""


class _Call(threading.local):
    """The call that this thread makes: when it must have ended (`time.monotonic`), and how much may come."""

    until_s = float("inf")
    limit_bytes = 0


_call = _Call()


@contextmanager
def all_within(seconds: float, limit_bytes: int) -> Iterator[None]:
    """Around a call by a session with `TimedAdapter`; its body is to be read inside, too.

    ``limit_bytes`` counts for each answer on the wire, also for those that lead elsewhere.
    """
    _call.until_s, _call.limit_bytes = time.monotonic() + seconds, limit_bytes
    try:
        yield
    finally:
        _call.until_s = float("inf")


def read_body(response: requests.Response, limit_bytes: int) -> None:
    """Reads the body of an answer that was asked for with ``stream``, as `requests` does without.

    Counted is what comes out: a few packed bytes may be a great many. Raises TooLarge.
    """
    parts, size = [], 0
    for part in response.iter_content(_CHUNK_BYTES):
        size += len(part)
        if size > limit_bytes:
            response.close()
            raise TooLarge(f"more than {limit_bytes} bytes")
        parts.append(part)
    response._content = b"".join(parts)


class _TimedReads(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket, call: _Call) -> None:
        self._raw = raw
        self._sock = sock
        self._until_s = call.until_s
        self._room = call.limit_bytes + _HEAD_BYTES
        self._patience_s = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(left_s if self._patience_s is None else min(left_s, self._patience_s))
        count: int | None = self._raw.readinto(buffer)
        self._room -= count or 0
        if self._room < 0:
            raise OSError("the answer is too large")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        if _call.until_s != float("inf"):
            self.fp = io.BufferedReader(_TimedReads(self.fp.detach(), sock, _call))


class _Connection(HTTPConnection):
    response_class = _TimedResponse


class _SafeConnection(HTTPSConnection):
    response_class = _TimedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


class TimedAdapter(HTTPAdapter):
    """See `all_within`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}
