"""Where WeChat's OAuth comes back: the code becomes an openid, the openid a signed cookie."""

from __future__ import annotations

import hmac
import json
from typing import Any

from bot.errcode import CodeSpent
from handlers.web.base import LOGIN_COOKIE, SESSION_COOKIE, SESSION_DAYS, START, Page, inside

MOST_ADDRESS_CHARS = 500


class LoginHandler(Page):
    """The address is left at once by a redirect: a code works only once, and a refresh here would fail."""

    name = "login"

    async def get(self) -> None:
        begun = self._begun()
        state, code = self.get_query_argument("state", ""), self.get_query_argument("code", "")
        self.clear_cookie(LOGIN_COOKIE)
        if begun is None or not hmac.compare_digest(state.encode(), begun["state"].encode()) or not code:
            # An old tab, a shared link or somebody else's code: start again from the shelf, logged in or not.
            self.redirect(START)
            return
        try:
            openid = await self.done(self.room.pools.login.submit(self.room.oauth.exchange, code))
        except CodeSpent:
            self._again(begun)
            return
        self.set_signed_cookie(
            SESSION_COOKIE,
            openid,
            expires_days=SESSION_DAYS,
        )
        self.redirect(inside(begun["to"]))

    def _again(self, begun: dict[str, Any]) -> None:
        """A code that was used or has expired: whoever is logged in goes on, others get one new code.

        Only one: should WeChat take none at all, the follower ends at the shelf and not in a circle.
        """
        back_to = inside(begun["to"])
        if self.openid is not None:
            self.redirect(back_to)
        elif begun.get("again"):
            self.redirect(START)
        else:
            self.redirect_to_login(back_to, again=True)

    def _begun(self) -> dict[str, Any] | None:
        cookie = self.get_signed_cookie(LOGIN_COOKIE, max_age_days=1)
        return json.loads(cookie) if cookie else None


class LoginStart(Page):
    """``GET /login/start?to=``: for who wants to log in on a page that everybody may see."""

    name = "login_start"

    async def get(self) -> None:
        back_to = inside(self.get_query_argument("to", START)[:MOST_ADDRESS_CHARS])
        if self.openid is None:
            self.redirect_to_login(back_to)
        else:
            self.redirect(back_to)
