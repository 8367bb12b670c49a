"""One family of errors with the decision in it.

Every error says three things: whether trying again can help (``retryable``), which sentence the follower
reads (``say``, a key of the sentences file), and what the operator reads (the message and its ``hint``).
"""

from __future__ import annotations

from typing import ClassVar


class KebanError(Exception):
    """Base of all errors that the product raises on purpose."""

    retryable: ClassVar[bool] = False
    say: ClassVar[str] = "error.sorry"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigError(KebanError):
    """The configuration is wrong; the start stops. Commands exit with status 2."""


class NotFound(KebanError):
    """There is no such thing, or not for this follower; the two are not told apart on purpose."""

    say = "error.not_found"


class Refused(KebanError):
    """The request is not allowed: wrong signature, wrong owner, out of bounds."""

    say = "error.refused"


class Conflict(KebanError):
    """Something else happened first; the caller looks again instead of repeating."""

    say = "error.conflict"


class Unavailable(KebanError):
    """A store or a peer did not answer in time; the same call may go through later."""

    retryable = True
    say = "error.busy"


class LockTimeout(Unavailable):
    """A lock was not free within the time that the caller could wait."""
