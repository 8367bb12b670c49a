"""One HTTP request and its answer, without a web framework: what the door takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TEXT = "text/plain; charset=utf-8"
XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class WireRequest:
    """``query`` holds the first value of each parameter; ``body`` is raw.

    ``admitted``: the door has seen method and query already, and let them in.
    """

    method: str
    query: Mapping[str, str]
    body: bytes = b""
    admitted: bool = False


@dataclass(frozen=True, slots=True)
class WireResponse:
    status: int = 200
    body: bytes = b"success"
    content_type: str = TEXT


# WeChat's word for "received, nothing to say": it stops the repeats, and the follower sees nothing.
SUCCESS = WireResponse()
