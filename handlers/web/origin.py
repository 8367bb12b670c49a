"""Whether a request that changes something was started on our own pages.

Browsers say where a request comes from, and no page can make them lie: ``Sec-Fetch-Site`` (all since 2023),
``Origin`` (on every POST, for ten years), ``Referer`` (to our own site always, by our ``Referrer-Policy``). A
script of ours may also say so by ``X-Requested-With``: another site's form cannot send it, and another site's
script would have to ask first (CORS), which is never granted. So no token stands in the pages; one would be a
secret beside what a visitor typed in a compressed answer (BREACH).
See https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

_PLAIN_PORTS = {"http": ":80", "https": ":443"}

Start = Literal["here", "elsewhere", "unknown"]


def started(headers: Mapping[str, str], base_url: str) -> Start:
    """Where the request was started. ``elsewhere`` as soon as any of the headers says so."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return "elsewhere"
    origin = headers.get("Origin")
    if origin is not None:
        return "here" if _host(origin) == _host(base_url) else "elsewhere"
    if site is not None or "X-Requested-With" in headers:
        return "here"
    referer = headers.get("Referer")
    if referer is None:
        return "unknown"
    return "here" if _host(referer) == _host(base_url) else "elsewhere"


def _host(address: str) -> str:
    """Host and port, "" for what is no address, like the ``null`` of a sandboxed frame.

    A browser leaves out the port that its scheme has anyway; a ``base_url`` may have it.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.netloc.lower().removesuffix(_PLAIN_PORTS.get(parts.scheme, ":"))
