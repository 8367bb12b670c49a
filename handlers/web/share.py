"""The card that a page becomes when it is forwarded: `og:` for everybody, WeChat's JS-SDK inside WeChat.

A card carries the title, the summary and the cover, never a word of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from content.course import Course, Lesson
from handlers.shop import Shop
from handlers.web.base import Page
from handlers.web.cover import cover_url
from handlers.web.login import MOST_ADDRESS_CHARS
from infra.errors import KebanError

SDK_HOST = "https://res.wx.qq.com"
SDK = f"{SDK_HOST}/open/js/jweixin-1.6.0.js"
NO_COVER = "/static/share.png"


@dataclass(frozen=True)
class Card:
    """``address`` and ``picture`` are whole addresses; ``picture`` is one that WeChat shows (no SVG)."""

    title: str
    summary: str
    address: str
    picture: str


def course_card(shop: Shop, course: Course) -> Card:
    return _card(shop, course, course.title, course.summary, shop.course_url(course.slug))


def lesson_card(shop: Shop, course: Course, lesson: Lesson) -> Card:
    """Free or paid, the same: a lesson's title, and what the course says of itself."""
    summary = f"《{course.title}》{course.summary}"
    return _card(shop, course, lesson.title, summary, shop.lesson_url(course.slug, lesson.slug))


def shelf_card(shop: Shop) -> Card:
    base = shop.base_url
    return Card(shop.say("shelf.card"), shop.say("shelf.card_note"), f"{base}/courses", base + NO_COVER)


def _card(shop: Shop, course: Course, title: str, summary: str, address: str) -> Card:
    # Whom the card reaches has no grant, so it shows the cover of what everybody may see only.
    picture = cover_url(course) if course.listed else ""
    return Card(title, summary, address, f"{shop.base_url}{picture or NO_COVER}")


def as_card(page: Page, card: Card) -> dict[str, Any]:
    """What the template ``share.html`` shows; in WeChat the page may fetch WeChat's own script."""
    if page.in_wechat:
        page.allow("script-src", SDK_HOST)
    return {"card": card, "sdk": SDK}


class ShareSignatureHandler(Page):
    """``GET /share/signature?uri=``: the values for ``wx.config`` on one of our pages.

    The page asks when it is drawn already, so that nobody waits for WeChat to read.
    """

    name = "share_signature"

    async def get(self) -> None:
        uri = self.get_query_argument("uri", "")
        if not uri.startswith("/") or len(uri) > MOST_ADDRESS_CHARS:
            self.answer_json({"code": "FAIL"}, 400)
            return
        try:
            # As the browser has it, whatever a proxy makes of scheme and host on the way to us.
            config = await self.done(
                self.room.pools.login.submit(self.room.sign_page, f"{self.shop.base_url}{uri}")
            )
        except KebanError as error:
            # The page is forwarded without a card, then; that is no fault to show.
            self.log_exception(type(error), error, None)
            self.answer_json({"code": "FAIL"}, 503)
            return
        self.set_header("Cache-Control", "no-store")
        self.answer_json(dict(config))
