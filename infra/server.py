"""An HTTP server that strangers cannot fill: connections, and the time of a body, are bounded.

Who sends nothing, or a body byte by byte, holds a connection and what it has sent; who never reads his answer
holds the answer. So a body and the taking of an answer have some seconds, and when there is no room for a new
connection, the one that has kept us waiting longest makes it. A request that is being worked on is never
dropped, and who means it needs milliseconds.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Awaitable
from functools import partial
from typing import Any, cast

from tornado.http1connection import HTTP1Connection, HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from infra.direct import Addressee, Caller
from infra.fuses import Fuses
from infra.metrics import DROPPED

MAX_CONNECTIONS = 1_000
BODY_S = 10.0
ANSWER_S = 30.0  # between two looks for answers that nobody takes
IDLE_S = 75.0  # of a caller between two requests
IDLE_LOOK_S = 5.0
DRAIN_LOOK_S = 0.01
RESERVED_FILES = 200  # of the databases, the queue, the log, and calls to other services


def raise_file_limit() -> int:
    """Takes all open files that the system allows this process; returns how many that is."""
    try:
        import resource
    except ImportError:  # not a Unix
        return MAX_CONNECTIONS + RESERVED_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):
        return _count(soft)
    return _count(hard)


def connections_within(files: int) -> int:
    """How many connections may be open, so that there are files left for everything else."""
    return max(16, min(MAX_CONNECTIONS, files - RESERVED_FILES))


def _count(limit: int) -> int:
    """The system says "no limit" with a negative number."""
    return limit if limit >= 0 else MAX_CONNECTIONS + RESERVED_FILES


class BoundedServer(HTTPServer):
    """``max_connections`` at a time; ``body_s`` seconds from a request's headers to the end of its body.

    ``direct`` answers ordinary requests to its own address without the web server (`infra.direct`).
    """

    def initialize(
        self,
        *args: Any,
        max_connections: int = MAX_CONNECTIONS,
        body_s: float = BODY_S,
        answer_s: float = ANSWER_S,
        idle_s: float = IDLE_S,
        direct: Addressee | None = None,
        **more: Any,
    ) -> None:
        super().initialize(*args, **more)
        self._direct = direct
        self._idle_s = idle_s
        self._callers: set[Caller] = set()
        self._looking_for_idle: asyncio.TimerHandle | None = None
        self._max_connections = max_connections
        # The clock of a body. Tornado's own (``body_timeout``) costs ten times as much a request.
        self.bodies: Fuses[HTTP1Connection] = Fuses(body_s, partial(_drop, cause="slow"))
        self._answer_s = answer_s
        # Connections whose next request is not whole yet, and those whose answer is not sent yet; the longest
        # waited for first.
        self._awaited: dict[object, HTTP1Connection | Caller] = {}
        self._answering: dict[object, HTTP1Connection] = {}
        self._answering_before: dict[object, HTTP1Connection] = {}
        self._looking: asyncio.TimerHandle | None = None

    def _handle_connection(self, connection: socket.socket, address: Any) -> None:
        """A new one; Tornado makes a stream of it."""
        if not self._has_room():
            DROPPED.labels("refused").inc()
            connection.close()
        elif self._direct is None:
            self.hand_over(connection, address)
        else:
            self._listen_to(Caller(self, self._direct, connection, address))

    def hand_over(self, connection: socket.socket, address: Any) -> None:
        """A connection that asks for more than the short way gives."""
        super()._handle_connection(connection, address)

    def asked(self, caller: Caller) -> None:
        """Its request is whole."""
        self._awaited.pop(caller, None)

    def answered(self, caller: Caller) -> None:
        """From here on we wait for it."""
        self._awaited[caller] = caller

    def gone(self, caller: Caller, cause: str = "") -> None:
        """It is closed, or no longer on the short way; dropped when there is a ``cause``."""
        self._callers.discard(caller)
        self._awaited.pop(caller, None)
        if cause:
            DROPPED.labels(cause).inc()

    async def close_all_connections(self) -> None:
        """Who has asked gets the answer first, however long it takes: let the caller of this have an end.

        Who has not asked yet is not waited for, nor who does not read.
        """
        while True:
            for one in [*self._awaited.values(), *self._callers]:
                one.close()
            if not self._callers and not any(map(_is_worked_for, self._answering.values())):
                break
            await asyncio.sleep(DRAIN_LOOK_S)
        await super().close_all_connections()

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        connection = cast(HTTP1Connection, request_conn)
        self._answered(server_conn)  # Tornado waits for the next request once an answer is gone
        self._awaited[server_conn] = connection
        return _Awaited(self, server_conn, connection, super().start_request(server_conn, request_conn))

    def on_close(self, server_conn: object) -> None:
        self._awaited.pop(server_conn, None)
        self._answered(server_conn)
        self._connections.discard(cast(HTTP1ServerConnection, server_conn))

    def arrived(self, server_conn: object) -> None:
        """The request is whole: from here on its sender waits for us, until our answer waits for him."""
        connection = self._awaited.pop(server_conn, None)
        if connection is not None:
            self._answering[server_conn] = cast(HTTP1Connection, connection)
            if self._looking is None:
                self._look_later()

    def _answered(self, server_conn: object) -> None:
        self._answering.pop(server_conn, None)

    def _look_later(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(self._answer_s, self._look_for_unread)

    def _listen_to(self, caller: Caller) -> None:
        caller.start()
        self._callers.add(caller)
        self._awaited[caller] = caller
        if self._looking_for_idle is None:
            self._look_for_idle_later()

    def _look_for_idle_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._looking_for_idle = loop.call_later(IDLE_LOOK_S, self._look_for_idle)

    def _look_for_idle(self) -> None:
        self._looking_for_idle = None
        before_s = asyncio.get_running_loop().time() - self._idle_s
        for caller in [caller for caller in self._callers if not caller.busy and caller.since_s < before_s]:
            caller.close()
        if self._callers:
            self._look_for_idle_later()

    def _has_room(self) -> bool:
        return len(self._connections) + len(self._callers) < self._max_connections or self._make_room()

    def _make_room(self) -> bool:
        """Whoever keeps us waiting longest goes: first who does not send, then who does not read."""
        unread = (pair for pair in self._answering.items() if _is_unread(pair[1]))
        for server_conn, connection in itertools.chain(self._awaited.items(), unread):
            self.on_close(server_conn)
            _drop(connection, "full")
            return True
        return False

    def _look_for_unread(self) -> None:
        """Ends the answers that lay unread at the last look, too. What is worked on has its own limits."""
        self._looking = None
        for server_conn, connection in list(self._answering.items()):
            # Each request has a connection object of its own.
            if self._answering_before.get(server_conn) is connection and _is_unread(connection):
                self.on_close(server_conn)
                _drop(connection, "unread")
        self._answering_before = dict(self._answering)
        if self._answering:
            self._look_later()


class _Awaited(HTTPMessageDelegate):
    """Tells the server when a request is whole; everything else is the next one's."""

    def __init__(
        self,
        server: BoundedServer,
        server_conn: object,
        connection: HTTP1Connection,
        following: HTTPMessageDelegate,
    ) -> None:
        self._server = server
        self._server_conn = server_conn
        self._connection = connection
        self._following = following
        self.data_received = following.data_received  # type: ignore[method-assign]

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        if "Content-Length" in headers or "Transfer-Encoding" in headers:
            self._server.bodies.light(self._connection)
        return self._following.headers_received(start_line, headers)

    def finish(self) -> None:
        self._server.bodies.put_out(self._connection)
        self._server.arrived(self._server_conn)
        self._following.finish()

    def on_connection_close(self) -> None:
        self._server.bodies.put_out(self._connection)
        self._following.on_connection_close()


def _is_unread(connection: HTTP1Connection) -> bool:
    """Something was written that the other side's machine has not taken yet."""
    return not connection.stream.closed() and connection.stream.writing()


def _is_worked_for(connection: HTTP1Connection) -> bool:
    return not connection.stream.closed() and not connection.stream.writing()


def _drop(connection: HTTP1Connection | Caller, cause: str) -> None:
    DROPPED.labels(cause).inc()
    connection.close()
