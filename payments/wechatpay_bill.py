"""The bill of a day: asked for, downloaded, unzipped and compared with its hash.

Nothing of it is believed before the hash agrees, and no size is believed at all.
"""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import urlsplit

from requests import RequestException, Response

from payments.gateway import Bill, BillNotReady, GatewayRefused, GatewayUnavailable
from payments.wechatpay_answers import Answer, accepted

MOST_BYTES = 512 * 1024 * 1024  # unzipped: about a million rows
MOST_SECONDS = 120.0  # for the whole download, which each piece of it could else prolong
IN_MEMORY = 8 * 1024 * 1024
_PIECE = 64 * 1024
_SHA1 = re.compile(r"[0-9a-f]{40}")


def fetch_bill(day: date, ask: Callable[[str], Answer], download: Callable[[str], Response]) -> Bill:
    """Raises BillNotReady, GatewayUnavailable or GatewayRefused; a day without business has an empty bill."""
    try:
        said = accepted(ask(day.isoformat()))
    except GatewayRefused as refusal:
        if refusal.code == "NO_STATEMENT_EXIST":
            return Bill(day, "", _file())
        if refusal.code == "STATEMENT_CREATING":
            raise BillNotReady(f"the bill of {day} is still being made", hint=refusal.hint) from refusal
        raise
    sha1, address = str(said.get("hash_value", "")).lower(), str(said.get("download_url", ""))
    if said.get("hash_type") != "SHA1" or not _SHA1.fullmatch(sha1) or not address:
        raise GatewayUnavailable(f"WeChat Pay answered without the hash or address of the bill of {day}")
    return Bill(day, sha1, _fetched(download, address, sha1))


def _fetched(download: Callable[[str], Response], address: str, sha1: str) -> IO[bytes]:
    # Asked where we ask everything, whatever host stands in the address.
    parts = urlsplit(address)
    file, digest = _file(), hashlib.sha1()  # noqa: S324 - the protocol's own choice
    try:
        with download(f"{parts.path}?{parts.query}") as response:
            if response.status_code != 200:
                raise GatewayUnavailable(f"the bill's download answered {response.status_code}")
            for piece in _unzipped(response):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != sha1:
            raise GatewayUnavailable("the bill does not agree with its hash")
    except (RequestException, zlib.error) as error:
        file.close()
        raise GatewayUnavailable("the bill's download broke off", hint=type(error).__name__) from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _unzipped(response: Response) -> Iterator[bytes]:
    """Piece by piece, each bounded: a small file may unzip to anything."""
    unzip, size, ends = zlib.decompressobj(wbits=31), 0, time.monotonic() + MOST_SECONDS
    for zipped in response.iter_content(_PIECE):
        waiting = zipped
        while waiting and not unzip.eof:
            piece = unzip.decompress(waiting, _PIECE)
            waiting, size = unzip.unconsumed_tail, size + len(piece)
            if size > MOST_BYTES or time.monotonic() > ends:
                raise GatewayUnavailable("the bill is larger, or slower, than any bill")
            yield piece
    if not unzip.eof:
        raise GatewayUnavailable("the bill was cut off")


def _file() -> IO[bytes]:
    """In memory while it is small; the caller closes it."""
    return SpooledTemporaryFile(max_size=IN_MEMORY)
