"""Secrets and people taken out of what is logged: what a rule can recognise no careless call site leaks."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

_SECRET_NAME = re.compile(
    r"secret|token|password|authorization|api_v3_key|private_key|aes_key|paysign|signature|cookie|^code$",
    re.IGNORECASE,
)
_SECRET_IN_TEXT = re.compile(
    r"((?:access_token|secret|appsecret|component_access_token|password)[\"']?\s{0,3}[:=]\s{0,3}[\"']?|\bcode=)"
    r"[^&\s\"',}]+",
    re.IGNORECASE,
)
# The scheme is bounded, or a long run of letters would be looked at from each of its positions.
_URL_PASSWORD = re.compile(r"(\b\w{1,20}(?:\+\w{1,20})?://[^:/@\s]*):[^@/\s]+@")
# Not `\b`: an openid may end in a hyphen.
_OPENID = re.compile(r"(?<![A-Za-z0-9_-])o[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])")
_HIDDEN = "***"
_PEOPLE = ("openid", "follower", "payer")
MAX_TEXT_CHARS = 2_000
SHORT_CHARS = 28  # an openid is as long


def short_openid(openid: str) -> str:
    """Enough of an openid to follow one person through a log, not enough to address them."""
    return openid[:6] + "…" if len(openid) > 6 else openid


def redact_text(text: str) -> str:
    """A text without secrets in URLs and without whole openids, bounded in length."""
    text = _SECRET_IN_TEXT.sub(rf"\1{_HIDDEN}", text)
    text = _URL_PASSWORD.sub(rf"\1:{_HIDDEN}@", text)
    return _OPENID.sub(lambda match: short_openid(match.group()), text)[:MAX_TEXT_CHARS]


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: hides secret values by name and by shape, shortens openids."""
    for name, value in event.items():
        if isinstance(value, (int, float)) or value is None or (type(value) is str and is_plain(name, value)):
            continue
        event[name] = redacted(name, value)
    return event


def is_plain(name: str, value: str) -> bool:
    """Most values are a word: too short for an openid, no address, and under a harmless name."""
    return len(value) < SHORT_CHARS and "=" not in value and "@" not in value and not _is_delicate(name)


def redacted(name: str, value: Any) -> str:
    """What is written of a value that is not plain."""
    if value and _is_secret(name):
        return _HIDDEN
    text = _as_text(value)
    return short_openid(text) if name in _PEOPLE else redact_text(text)


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return repr({key: redacted(str(key), inner) for key, inner in value.items()})
    return str(value) if isinstance(value, (str, BaseException)) else repr(value)


@lru_cache(maxsize=512)
def _is_delicate(name: str) -> bool:
    return name in _PEOPLE or _is_secret(name)


@lru_cache(maxsize=512)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None
