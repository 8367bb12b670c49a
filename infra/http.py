"""The one door out: every call to another service leaves through it.

Each call has an end, whatever the peer sends and however slowly, a bound on its answer, a name in the figures
and one redacted log line. There are no retries here: whether a call may be repeated is known only by the
caller.
"""

from __future__ import annotations

import time
from typing import Any

import requests
from urllib3.exceptions import ReadTimeoutError

from infra.errors import Unavailable
from infra.http_limits import TimedAdapter, TooLarge, all_within, read_body
from infra.log import get_logger
from infra.metrics import CALL_SECONDS, CALLS
from infra.redact import redact_text

log = get_logger("http")

CONNECT_TIMEOUT_S = 3.05
READ_TIMEOUT_S = 8.0
MAX_REDIRECTS = 3
POOL_CONNECTIONS = 16
MAX_BODY_BYTES = 32 * 1024 * 1024  # the bill of a great day has some of it


class Door(requests.Session):
    """A requests session for one peer.

    A call ends within the time to connect and ``total_s`` (None: ``read_timeout_s``, which each silence has).
    Raises Unavailable for whatever a network does (refused, timed out, cut), and for an answer of more than
    ``max_body_bytes``. HTTP error statuses are returned: their meaning belongs to the peer's protocol.
    """

    def __init__(
        self,
        peer: str,
        *,
        read_timeout_s: float = READ_TIMEOUT_S,
        total_s: float | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        super().__init__()
        self._peer = peer
        self._timeout = (min(CONNECT_TIMEOUT_S, read_timeout_s), read_timeout_s)
        self._total_s = self._timeout[0] + (total_s or read_timeout_s)
        self._max_body_bytes = max_body_bytes
        self.max_redirects = MAX_REDIRECTS
        # Proxies and .netrc of the environment are not part of our configuration.
        self.trust_env = False
        adapter = TimedAdapter(pool_connections=4, pool_maxsize=POOL_CONNECTIONS, pool_block=True)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        kwargs["stream"] = True
        started = time.perf_counter()
        try:
            with all_within(self._total_s, self._max_body_bytes):
                response = super().request(method, url, *args, **kwargs)
                read_body(response, self._max_body_bytes)
        except TooLarge as error:
            self._note(str(method), str(url), "too_large", started)
            raise Unavailable(f"the answer of {self._peer} is too large", hint=str(error)) from error
        except requests.RequestException as error:
            self._note(str(method), str(url), "timeout" if was_silent(error) else "unreachable", started)
            raise Unavailable(f"{self._peer} does not answer", hint=type(error).__name__) from error
        self._note(str(method), str(url), str(response.status_code), started)
        return response

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """`requests` unpacks an answer that leads elsewhere before it follows, without any bound."""
        target: str | None = super().get_redirect_target(resp)
        if target is not None:
            read_body(resp, self._max_body_bytes)
        return target

    def _note(self, method: str, url: str, result: str, started: float) -> None:
        seconds = time.perf_counter() - started
        CALLS.labels(peer=self._peer, result=result).inc()
        CALL_SECONDS.labels(peer=self._peer).observe(seconds)
        log.info(
            "called",
            peer=self._peer,
            method=method.upper(),
            url=redact_text(url.split("?", maxsplit=1)[0]),
            result=result,
            ms=round(seconds * 1000, 1),
        )


def was_silent(error: BaseException | None) -> bool:
    """Silence, unlike a door that is shut, has cost the whole time and may hide that it was done.

    In the middle of an answer it comes as an error of the connection.
    """
    cause = error.args[0] if isinstance(error, requests.RequestException) and error.args else None
    return isinstance(error, requests.Timeout) or isinstance(cause, ReadTimeoutError)
