"""An HTTP server that strangers cannot fill: connections, and the time of a body, are bounded.

Who sends nothing, or a body byte by byte, holds a connection and what it has sent. So a body has some
seconds, and when there is no room for a new connection, the one that has been waited for longest makes it:
a request that is whole is never dropped, and a sender who means it needs milliseconds.
"""

from __future__ import annotations

from collections.abc import Awaitable
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
from tornado.iostream import IOStream

from infra.fuses import Fuses
from infra.metrics import DROPPED

MAX_CONNECTIONS = 1_000
BODY_S = 10.0
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
    """``max_connections`` at a time; ``body_s`` seconds from a request's headers to the end of its body."""

    def initialize(
        self, *args: Any, max_connections: int = MAX_CONNECTIONS, body_s: float = BODY_S, **more: Any
    ) -> None:
        super().initialize(*args, **more)
        self._max_connections = max_connections
        # The clock of a body. Tornado's own (``body_timeout``) costs ten times as much a request.
        self.bodies: Fuses[_Awaited] = Fuses(body_s, _Awaited.is_whole, _Awaited.give_up)
        # Connections whose next request is not whole yet, the longest waited for first.
        self._awaited: dict[object, HTTP1Connection] = {}

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        if len(self._connections) >= self._max_connections and not self._make_room():
            DROPPED.labels("refused").inc()
            stream.close()
            return
        super().handle_stream(stream, address)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        connection = cast(HTTP1Connection, request_conn)
        self._awaited[server_conn] = connection
        return _Awaited(self, server_conn, connection, super().start_request(server_conn, request_conn))

    def on_close(self, server_conn: object) -> None:
        self._awaited.pop(server_conn, None)
        self._connections.discard(cast(HTTP1ServerConnection, server_conn))

    def arrived(self, server_conn: object) -> None:
        """The request is whole: from here on its connection is ours to wait for."""
        self._awaited.pop(server_conn, None)

    def _make_room(self) -> bool:
        for server_conn, connection in self._awaited.items():
            self.on_close(server_conn)
            _drop(connection, "full")
            return True
        return False


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
        self._whole = False
        self._following = following
        self.data_received = following.data_received  # type: ignore[method-assign]

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        if "Content-Length" in headers or "Transfer-Encoding" in headers:
            self._server.bodies.light(self)
        return self._following.headers_received(start_line, headers)

    def is_whole(self) -> bool:
        """Nothing of it is waited for any more."""
        return self._whole

    def give_up(self) -> None:
        _drop(self._connection, "slow")

    def finish(self) -> None:
        self._whole = True
        self._server.arrived(self._server_conn)
        self._following.finish()

    def on_connection_close(self) -> None:
        self._whole = True
        self._following.on_connection_close()


def _drop(connection: HTTP1Connection, cause: str) -> None:
    DROPPED.labels(cause).inc()
    connection.close()
