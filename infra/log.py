"""Structured logs, one JSON object or one readable line an event, with secrets and people taken out.

What a rule can recognise is redacted here, as the last processor, so a careless call site cannot leak it.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_SECRET_NAME = re.compile(
    r"secret|token|password|authorization|api_v3_key|private_key|aes_key|paysign|signature|cookie|code$",
    re.IGNORECASE,
)
_SECRET_IN_TEXT = re.compile(
    r"((?:access_token|secret|appsecret|code|component_access_token|password)=)[^&\s\"']+", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(\w+://[^:/@\s]*):[^@/\s]+@")
_OPENID = re.compile(r"\bo[A-Za-z0-9_-]{27}\b")
_HIDDEN = "***"
_PEOPLE = ("openid", "follower", "payer")
MAX_TEXT_CHARS = 2_000

Logger = structlog.stdlib.BoundLogger


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
        if isinstance(name, str) and _SECRET_NAME.search(name) and value:
            event[name] = _HIDDEN
        elif name in _PEOPLE and isinstance(value, str):
            event[name] = short_openid(value)
        elif isinstance(value, str):
            event[name] = redact_text(value)
        elif isinstance(value, (dict, list, tuple, bytes, BaseException)):
            event[name] = redact_text(repr(value) if not isinstance(value, BaseException) else str(value))
    return event


def configure(*, json_lines: bool, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Sets the process's logging up once: ours and the libraries' end in the same redacted lines."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("urllib3", "huey", "tornado.access", "jieba", "gensim", "watchfiles", "requests"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get_logger(name: str) -> Logger:
    """A logger bound to a room's name: ``log.info("order_created", order_no=...)``."""
    return structlog.stdlib.get_logger(f"keban.{name}")
