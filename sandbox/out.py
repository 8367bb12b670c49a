"""The one way out: every request goes to the service, has a deadline and a bound on what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tornado.httpclient import HTTPError, HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from sandbox.config import Config

ANSWER_BYTES_MAX = 8 * 1024 * 1024
AT_ONCE_MAX = 200


class NoAnswer(Exception):
    """Refused, broken off, too large or too late."""


class ElsewhereRefused(Exception):
    """An address that is not the service's is never fetched."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPHeaders
    body: bytes


class Out:
    """HTTP to ``service_url`` and nowhere else."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._client = SimpleAsyncHTTPClient(
            force_instance=True, max_clients=AT_ONCE_MAX, max_body_size=ANSWER_BYTES_MAX
        )

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
    ) -> Answer:
        """Raises NoAnswer and ElsewhereRefused; any HTTP status is an answer. Redirects are not followed."""
        if not self.is_service(url):
            raise ElsewhereRefused(url)
        request = HTTPRequest(
            url,
            method=method,
            body=b"" if body is None and method in ("POST", "PUT", "PATCH") else body,
            headers=HTTPHeaders(dict(headers or {})),
            connect_timeout=timeout_s,
            request_timeout=timeout_s,
            follow_redirects=False,
            allow_nonstandard_methods=True,
        )
        try:
            response = await self._client.fetch(request, raise_error=False)
        except (HTTPError, OSError, ValueError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        if response.code == 599:
            raise NoAnswer(str(response.error))
        return Answer(response.code, response.headers, response.body or b"")

    def is_service(self, url: str) -> bool:
        return url == self._config.service_url or url.startswith(
            (f"{self._config.service_url}/", f"{self._config.service_url}?")
        )

    def close(self) -> None:
        self._client.close()
