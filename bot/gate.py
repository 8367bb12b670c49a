"""Who gets in, and with what: a request becomes a letter, or a refusal. Computation only, nothing waits."""

from __future__ import annotations

import time
from collections.abc import Mapping

from bot.account import Account
from bot.document import MAX_BODY_BYTES
from bot.envelope import Envelope
from bot.letter import Letter
from bot.line import new_mark
from bot.message import to_message
from bot.recall import identity
from bot.refusal import Refusal
from bot.signature import verify
from bot.stages import stages
from bot.wire import TEXT, WireRequest, WireResponse
from infra.clock import Clock
from infra.log import get_logger
from infra.metrics import REFUSALS

log = get_logger("bot")

MAX_ECHO_CHARS = 256


class Gate:
    """Of one account; its way out, too. Threads may use it at the same time."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._envelope = Envelope(account)

    def open(self, request: WireRequest) -> Letter | WireResponse:
        """The letter in a request, or the answer at once: a refusal, or the echo of the address check."""
        try:
            _refuse(request)
            if not request.admitted:
                self._verify(request)
            return _echo(request) if request.method == "GET" else self._open(request)
        except Refusal as refusal:
            return _turned_away(refusal)

    def glance(self, method: str, query: Mapping[str, str]) -> WireResponse | None:
        """The refusal that a request has earned before its body is read; None: it is ``admitted``."""
        request = WireRequest(method, query)
        try:
            _refuse(request)
            self._verify(request)
        except Refusal as refusal:
            return _turned_away(refusal)
        return None

    def seal(self, letter: Letter, xml: bytes) -> bytes:
        """The answer as it goes out: encrypted, when what it answers came so."""
        return self._envelope.seal(xml, now_s=self._clock.now_s()) if letter.encrypted else xml

    def _verify(self, request: WireRequest) -> None:
        verify(self._account.token, request.query, now_s=self._clock.now_s())

    def _open(self, request: WireRequest) -> Letter:
        began_s = time.perf_counter()
        opened = self._envelope.open(request.query, request.body)
        message = to_message(opened.fields)
        ended = stages(began_s)
        ended("open")
        at_s = self._clock.now_s()
        return Letter(message, identity(message), opened.encrypted, at_s, began_s, ended, new_mark(at_s))


def _refuse(request: WireRequest) -> None:
    if request.method not in ("GET", "POST"):
        raise Refusal("method", status=405)
    if len(request.body) > MAX_BODY_BYTES:
        raise Refusal("size", status=413)


def _echo(request: WireRequest) -> WireResponse:
    """WeChat's check of the address: its text comes back as plain text, so it cannot become a page."""
    echo = request.query.get("echostr", "")
    if not echo or len(echo) > MAX_ECHO_CHARS:
        raise Refusal("parameters", status=400, hint="echostr is missing or too long")
    return WireResponse(200, echo.encode("utf-8", "replace"), TEXT)


def _turned_away(refusal: Refusal) -> WireResponse:
    REFUSALS.labels("wechat", refusal.cause).inc()
    log.warning("refused", cause=refusal.cause, hint=refusal.hint)
    return WireResponse(refusal.status, b"refused", TEXT)
