"""The addresses of all pages, in one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tornado.web import url

from content.folder import MAX_PATH_CHARS
from handlers.web.asset import AssetHandler
from handlers.web.course import BuyHandler, CoursePage
from handlers.web.gift import GiftCodePage, GiftPage
from handlers.web.health import HealthHandler, ReadyHandler
from handlers.web.highlight import HighlightHandler
from handlers.web.lesson import LessonPage
from handlers.web.login import LoginHandler, LoginStart
from handlers.web.me import ContinuePage, MePage
from handlers.web.metrics import Look, MetricsHandler
from handlers.web.notify import NotifyHandler, RefundNotifyHandler
from handlers.web.pay import PayCodeHandler, PayH5Handler, PayPage, PayStatusHandler, PrepayHandler
from handlers.web.room import WebRoom
from handlers.web.scan_login import ScanAnswerPage, ScanLoginPage, ScanStatus
from handlers.web.share import ShareSignatureHandler
from handlers.web.shelf import ShelfPage
from handlers.web.static_files import Home, Robots
from handlers.web.verify import NAME, VerifyHandler

_SLUG = r"([a-z0-9-]{1,80})"  # see content.fields.SLUG
# Percent-encoded a character may have twelve; see content.folder.MAX_PATH_CHARS.
_MOST_PATH_CHARS = 12 * MAX_PATH_CHARS
_GIFT_CODE = r"([0-9A-Za-z-]{16,24})"
_ORDER_NO = r"([0-9A-Za-z]{6,32})"


def routes(room: WebRoom, checks: dict[str, Callable[[], None]], looks: Sequence[Look]) -> list[url]:
    """``checks`` are what ``/readyz`` asks, by name; each raises a KebanError when it fails. ``looks`` are
    what ``/metrics`` looks for when it is asked.
    """
    given: dict[str, Any] = {"room": room}
    return [
        url(r"/", Home, given),
        url(r"/favicon\.ico", Home, given | {"to": "/static/icon.svg"}),
        url(r"/robots\.txt", Robots, given),
        url(rf"/{NAME}", VerifyHandler, given),
        url(r"/courses/?", ShelfPage, given),
        url(rf"/courses/{_SLUG}/buy", BuyHandler, given),
        url(rf"/courses/{_SLUG}/assets/(.{{1,{_MOST_PATH_CHARS}}})", AssetHandler, given),
        url(rf"/courses/{_SLUG}/?", CoursePage, given),
        url(rf"/courses/{_SLUG}/{_SLUG}", LessonPage, given),
        url(r"/pay/notify", NotifyHandler, given),
        url(r"/pay/refund-notify", RefundNotifyHandler, given),
        url(rf"/pay/{_ORDER_NO}", PayPage, given),
        url(rf"/pay/{_ORDER_NO}/prepay", PrepayHandler, given),
        url(rf"/pay/{_ORDER_NO}/qr\.svg", PayCodeHandler, given),
        url(rf"/pay/{_ORDER_NO}/h5", PayH5Handler, given),
        url(rf"/pay/{_ORDER_NO}/status", PayStatusHandler, given),
        url(r"/gift/?", GiftCodePage, given),
        url(rf"/gift/{_GIFT_CODE}", GiftPage, given),
        url(r"/share/signature", ShareSignatureHandler, given),
        url(r"/me", MePage, given),
        url(rf"/me/continue/{_SLUG}", ContinuePage, given),
        url(r"/login", LoginHandler, given),
        url(r"/login/start", LoginStart, given),
        url(r"/login/qr", ScanLoginPage, given),
        url(r"/login/qr/status", ScanStatus, given),
        url(r"/login/scan/([0-9A-Za-z_-]{10,64})", ScanAnswerPage, given),
        url(r"/highlight\.css", HighlightHandler, given),
        url(r"/healthz", HealthHandler, given),
        url(r"/readyz", ReadyHandler, given | {"checks": checks}),
        url(r"/metrics", MetricsHandler, given | {"looks": looks}),
    ]
