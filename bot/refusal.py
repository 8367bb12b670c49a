"""A request that is turned away at the door, with its cause."""

from __future__ import annotations

from infra.errors import Refused


class Refusal(Refused):
    """Nothing has been done for the request and nothing will be.

    ``cause`` is one of a few words (it labels a figure); ``status`` is what the sender gets. WeChat takes any
    4xx for a failure and repeats, but WeChat itself is never refused unless the configuration is wrong.
    """

    def __init__(self, cause: str, *, status: int = 403, hint: str = "") -> None:
        super().__init__(f"refused: {cause}", hint=hint)
        self.cause = cause
        self.status = status
