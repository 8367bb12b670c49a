"""Structured logs, one JSON object or one readable line an event, with secrets and people taken out.

What a rule can recognise is redacted as the last step (`infra.redact`): a careless call site cannot leak it.
Lines that come from one message (or one notification) carry the same ``trace``, see `tracing`.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterable, Mapping, MutableMapping
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import starmap
from json.encoder import encode_basestring as _quoted
from typing import Any, TextIO

import structlog

from infra.log_aside import Aside, Stream
from infra.redact import is_plain, redact, redacted

# Made once: `json.dumps` with options makes one a line.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
NOISY = (
    "urllib3", "huey", "tornado.access", "jieba", "gensim", "watchfiles", "requests", "alembic",
)  # fmt: skip

Logger = structlog.typing.FilteringBoundLogger

TRACE_CHARS = 12
_trace: ContextVar[str] = ContextVar("trace", default="")


class tracing:  # noqa: N801 - reads as what it does, like `contextlib.suppress`
    """What is done in the block comes from ``trace``: its log lines say so, and so do those of the jobs and
    parcels that it leaves to others. "" is for what comes from nothing in particular.

    It stands in the path of every message, hence a class and no generator: half a microsecond.
    """

    __slots__ = ("_before", "_trace")

    def __init__(self, trace: str) -> None:
        self._trace = trace

    def __enter__(self) -> None:
        self._before: Token[str] = _trace.set(self._trace)

    def __exit__(self, *_: object) -> None:
        _trace.reset(self._before)


def present_trace() -> str:
    """What `tracing` was given; "" outside of it."""
    return _trace.get()


def trace_of(name: str) -> str:
    """A short mark for what has a longer name of its own: twelve hexadecimal digits, always the same."""
    return blake2b(name.encode("utf-8", "replace"), digest_size=TRACE_CHARS // 2).hexdigest()


def configure(
    *,
    json_lines: bool,
    level: int = logging.INFO,
    stream: TextIO | None = None,
    final: bool = True,
    aside: bool = False,
) -> None:
    """Sets the process's logging up: ours and the libraries' end in the same redacted lines.

    A ``final`` setting is kept by each logger from its first line on, which is quicker. ``aside``: nobody
    waits for the stream (`infra.log_aside`).
    """
    target: Stream = stream or sys.stderr
    if aside:
        target = Aside(target, partial(_lost_line, json_lines))
    shared: list[Any] = [
        _add_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last = [redact, _renderer(json_lines)]
    # Ours go straight to the stream: a line stands in the path of every message.
    structlog.configure(
        processors=[_json_line] if json_lines else [*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Lines(target, level).for_all,
        cache_logger_on_first_use=final,
    )
    _configure_libraries(shared, last, level, target)


def configure_for_commands() -> None:
    """Only what is wrong, redacted, on stderr: a command's stdout is its answer. A service sets its own."""
    if not structlog.is_configured():
        configure(json_lines=False, level=logging.WARNING, final=False)


def get_logger(room: str) -> Logger:
    """A logger bound to a room's name: ``log.info("order_created", order_no=...)``."""
    logger: Logger = structlog.get_logger(room=room)
    return logger


def write_together(room: str, event: str, rows: Iterable[Mapping[str, str | float]]) -> None:
    """Lines of one kind at level info, as ``get_logger(room).info(event, **row)`` writes them one by one.

    For those of which there are thousands a second: they reach the stream in one call. All carry the moment
    of writing.
    """
    config = structlog.get_config()
    if config["processors"] != [_json_line]:  # lines for people, or a test that listens
        logger = get_logger(room)
        for row in rows:
            logger.info(event, **row)
        return
    lines: _Lines = config["logger_factory"].__self__
    if lines.level <= logging.INFO:
        head, foot = _frame(room, event)
        foot = f'{foot}"{_now()}"}}'
        text = "\n".join("".join((head, *starmap(_pair, row.items()), foot)) for row in rows)
        if text:
            lines.msg(text)


@lru_cache(maxsize=64)
def _frame(room: str, event: str) -> tuple[str, str]:
    """What stands before and behind the values of a line, without its time."""
    return f'{{"room": {_quoted(room)}', f', "event": {_quoted(event)}, "level": "info", "timestamp": '


@lru_cache(maxsize=512, typed=True)  # kinds, outcomes and times are few
@lru_cache(maxsize=512, typed=True)  # kinds, outcomes and times are few
def _pair(name: str, value: str | float) -> str:
    if not isinstance(value, str):
        return f', "{name}": {value}'
    if not is_plain(name, value) and value:
        value = redacted(name, value)
    return f', "{name}": {_quoted(value)}'


class _Lines:
    """Writes whole lines, for all loggers. A log that takes none (a full disk, a reader that has gone) stops
    nobody: a message is answered, whether or not that can be written down.
    """

    def __init__(self, target: Stream, level: int) -> None:
        self.level = level
        self._target = target
        self._turn = threading.Lock()

    def for_all(self, *_: Any) -> _Lines:
        return self

    def msg(self, line: str) -> None:
        try:
            with self._turn:
                self._target.write(line + "\n")
                self._target.flush()
        except (OSError, ValueError):  # ValueError: it has been closed
            pass

    debug = info = warning = error = critical = msg


def _json_line(_logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """All steps of a JSON line in one: it stands in the path of every message."""
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(_logger, method, event)
    line = redact(_logger, method, event)
    if trace := _trace.get():
        line["trace"] = trace
    line["level"] = method
    line["timestamp"] = _now()
    return _ENCODER.encode(line)


def _lost_line(json_lines: bool, count: int) -> str:
    line = {"room": "log", "event": "lines_lost", "count": count, "level": "warning", "timestamp": _now()}
    return _ENCODER.encode(line) if json_lines else f"{_now()} [warning  ] lines_lost count={count} room=log"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _add_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if trace := _trace.get():
        event["trace"] = trace
    return event


def _renderer(json_lines: bool) -> Any:
    if json_lines:
        return structlog.processors.JSONRenderer(serializer=lambda event, **_: _ENCODER.encode(event))
    return structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)


def _configure_libraries(shared: list[Any], last: list[Any], level: int, target: Stream) -> None:
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
