"""The page of a gift code: what it is for, and the tap that redeems it. Nothing is redeemed by a GET."""

from __future__ import annotations

from dataclasses import dataclass

from content.course import Course
from handlers import gifts
from handlers.shop import Shop
from handlers.web.base import Page
from payments.errors import AlreadyOwned, GiftNotFound
from payments.gift import code_in
from payments.order import Order

MOST_TYPED = 60


@dataclass(frozen=True)
class GiftView:
    """``state``: ``issued``, ``void``, ``mine`` (redeemed by who looks) or ``used``.

    ``item`` is where to read on; None when it was never on this shelf.
    """

    order: Order
    code: str
    state: str
    item: Course | None
    is_buyer: bool


class GiftCodePage(Page):
    """``GET /gift``: where a code is typed; ``?code=``: to its page, if it can be one."""

    name = "gift_code"

    async def get(self) -> None:
        typed = self.get_query_argument("code", "")[:MOST_TYPED]
        code = code_in(typed)
        if code:
            self.redirect(f"/gift/{code}")
            return
        self.set_header("X-Robots-Tag", "noindex")
        self.render("gift_code.html", code=typed, wrong=bool(typed))


class GiftPage(Page):
    name = "gift"

    async def get(self, code: str) -> None:
        if self.openid is None:
            self.login_first()
            return
        await self._show(self.openid, code)

    async def post(self, code: str) -> None:
        if self.openid is None:
            self.redirect(f"/gift/{code}", status=303)  # the login comes first, and then the tap anew
            return
        try:
            await self.work(gifts.redeem, self.shop, self.openid, code)
        except AlreadyOwned:
            await self._show(self.openid, code, notice=self.shop.say("gift.owned"))
        else:
            self.redirect(f"/gift/{code}", status=303)

    async def _show(self, openid: str, code: str, notice: str = "") -> None:
        self.set_header("X-Robots-Tag", "noindex")
        try:
            view = await self.work(look, self.shop, openid, code)
        except GiftNotFound:
            # Where the code can be put right.
            self.set_status(404)
            self.render("gift_code.html", code=code, wrong=True)
            return
        self.render("gift.html", view=view, notice=notice)


def look(shop: Shop, openid: str, code: str) -> GiftView:
    """Raises GiftNotFound or TooManyTries."""
    present = gifts.look(shop, openid, code)
    gift, order = present.gift, present.order
    state = gift.status
    if state == "redeemed":
        state = "mine" if gift.redeemer == openid else "used"
    item = shop.shelf.catalogue().by_id(order.item_id)
    return GiftView(order, gift.code, state, item, is_buyer=order.openid == openid)
