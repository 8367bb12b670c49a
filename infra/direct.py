"""The short way of ordinary requests to one address: from the socket to who answers, past the web server.

A whole ``POST`` that lies ready on its socket is recognised and taken at once; reading it through the web
server's streams would cost as much as answering does. Whatever is not just that (another address, a body that
is still coming, unusual headers) is not touched: the bytes have only been looked at, so the web server gets
the connection as it came, and keeps it. So a proxy in front should send each message in one go, over
connections that carry nothing else (docs/operations.md).

    Caller(house, addressee, connection, address).start()
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from functools import lru_cache
from http.client import responses as reasons
from typing import Any, Protocol

from infra.log import get_logger
from infra.recognise import Asked, recognise

log = get_logger("serve")

LINGER_S = 1.0  # for who sends on while he is being hung up on
MOST_LOST = 8  # reads of what he sends then
MOST_BYTES = 32 * 1024  # of a request that is taken; WeChat's largest messages have about a third of it


class Answer(Protocol):
    """What goes back."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def content_type(self) -> str: ...


class Addressee(Protocol):
    """Who answers what is posted to ``path``. ``take`` and ``reply`` are called on the loop's thread.

    ``reply`` counts once. When ``take`` raises, the caller is hung up on.
    """

    path: str

    def take(self, query: str, body: bytes, reply: Callable[[Answer], None]) -> None: ...


class House(Protocol):
    """The web server, which counts its callers."""

    def hand_over(self, connection: socket.socket, address: Any) -> None: ...
    def asked(self, caller: Caller) -> None: ...
    def answered(self, caller: Caller) -> None: ...
    def gone(self, caller: Caller, cause: str = "") -> None: ...


class Caller:
    """One connection, for as long as it asks for nothing else. Everything happens on the loop's thread.

    ``busy``: a request is being answered; ``since_s``: the loop's time at which that began or ended.
    """

    __slots__ = (
        "_address", "_addressee", "_connection", "_house", "_loop", "_lost", "_path", "_paused", "_stays",
        "busy", "since_s",
    )  # fmt: skip

    def __init__(self, house: House, addressee: Addressee, connection: socket.socket, address: Any) -> None:
        connection.setblocking(False)  # it comes blocking; who never reads would hold the whole loop
        with contextlib.suppress(OSError):  # it has gone already
            # An answer must not wait until the one before has arrived; nor be lost with it, when that is all.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._house = house
        self._addressee = addressee
        self._path = addressee.path.encode()
        self._connection = connection
        self._address = address
        self._loop = asyncio.get_running_loop()
        self._paused = False
        self._lost = 0
        self._stays = True
        self.busy = False
        self.since_s = self._loop.time()

    def start(self) -> None:
        """Listens to it."""
        self._loop.add_reader(self._connection.fileno(), self._look)

    def close(self) -> None:
        """Now; or, while a request is being answered, after the answer."""
        if self.busy:
            self._stays = False
        else:
            self._end()

    def _look(self) -> None:
        if self.busy:  # it asks on, or has gone: both can wait
            self._pause()
            return
        try:
            data = self._connection.recv(MOST_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        asked = recognise(self._path, data)
        if asked is not None:
            self._take(asked)
        elif data:
            self._pause()
            self._house.gone(self)
            self._house.hand_over(self._connection, self._address)
        else:
            self._end()

    def _take(self, asked: Asked) -> None:
        if not self._read_off(asked.size):
            self._end()
            return
        self.busy, self._stays, self.since_s = True, asked.stays, self._loop.time()
        self._house.asked(self)
        try:
            self._addressee.take(asked.query, asked.body, self._reply)
        except Exception:
            # The outermost edge of a request: who waits for nothing must not wait for ever.
            log.exception("request_broke")
            self.busy = False
            self._end()

    def _read_off(self, size: int) -> bool:
        """What has been looked at lies there still, but one call need not bring all of it."""
        try:
            while size:
                brought = len(self._connection.recv(size))
                if not brought:
                    return False
                size -= brought
        except OSError:
            return False
        return True

    def _reply(self, answer: Answer) -> None:
        if not self.busy:  # it has been hung up on, or answered: there is nothing left to answer
            return
        self.busy, self.since_s = False, self._loop.time()
        stays = self._stays and answer.status == 200
        try:
            data = _head(answer.status, answer.content_type, len(answer.body), stays) + answer.body
            whole = self._connection.send(data) == len(data)
        except BlockingIOError:
            whole = False
        except OSError:  # it has gone: the answer is kept for the repeat
            self._end()
            return
        except Exception:
            log.exception("answer_broke")
            self._end()
            return
        if not whole:
            self._end("unread")  # it has left so many answers lying that there is no room for another
        elif not stays:
            self._hang_up()
        else:
            self._house.answered(self)
            self._resume()

    def _pause(self) -> None:
        self._loop.remove_reader(self._connection.fileno())
        self._paused = True

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self.start()

    def _hang_up(self) -> None:
        """After an answer. To close on bytes that nobody has read would take the answer back."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
        if self._is_silent():
            self._end()
            return
        self._house.answered(self)  # while it lingers it is the first to make room
        self._loop.remove_reader(self._connection.fileno())
        self._loop.add_reader(self._connection.fileno(), self._linger)
        self._loop.call_later(LINGER_S, self._end)

    def _linger(self) -> None:
        self._lost += 1
        if self._lost > MOST_LOST or self._is_silent(or_quiet=False):
            self._end()

    def _is_silent(self, *, or_quiet: bool = True) -> bool:
        """Whether it has said its last word; ``or_quiet``: or says nothing just now. What it says is lost."""
        try:
            return not self._connection.recv(MOST_BYTES)
        except BlockingIOError:
            return or_quiet
        except OSError:
            return True

    def _end(self, cause: str = "") -> None:
        self._house.gone(self, cause)
        if self._connection.fileno() >= 0:
            self._loop.remove_reader(self._connection.fileno())
            self._connection.close()


@lru_cache(maxsize=4096)
def _head(status: int, content_type: str, length: int, stays: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {reasons.get(status, '')}",
        "Server: keban",
        f"Content-Type: {content_type}",
        f"Content-Length: {length}",
        "X-Content-Type-Options: nosniff",
        *([] if stays else ["Connection: close"]),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")
