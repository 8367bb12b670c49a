"""WeChat's API for one account: the calls by subject, and those that are used most by their own names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.calls.caller import Caller
from bot.calls.jssdk import JsSdk
from bot.calls.media import Media
from bot.calls.menus import Menus
from bot.calls.messages import Messages
from bot.calls.network import Network
from bot.calls.qrcodes import QrCodes
from bot.calls.tags import Tags
from bot.calls.users import Users
from bot.quota import Quota
from bot.token import StableToken
from infra.http import Door

# Pictures of QR codes have a host of their own, whichever of the API's hosts is the nearest.
_WECHAT, _PICTURES = ".weixin.qq.com", "https://mp.weixin.qq.com"


class WeChatApi:
    """What a call raises stands at `bot.calls.caller.Caller`; each error has a hint for the operator."""

    def __init__(
        self, tokens: StableToken, door: Door, *, app_id: str, api_base: str, quota: Quota | None = None
    ) -> None:
        caller = Caller(tokens, door, app_id=app_id, api_base=api_base)
        self._tokens = tokens
        self.messages = Messages(caller, quota)
        self.menus = Menus(caller)
        self.qrcodes = QrCodes(caller, picture_base=_PICTURES if api_base.endswith(_WECHAT) else api_base)
        self.tags = Tags(caller)
        self.users = Users(caller)
        self.media = Media(caller)
        self.jssdk = JsSdk(caller)
        self.network = Network(caller)

    def send_text(self, openid: str, text: str, *, once: str = "") -> None:
        """A customer-service message (`Messages.text`)."""
        self.messages.text(openid, text, once=once)

    def reachable(self, openids: Collection[str]) -> set[str]:
        """Those who can be sent a customer-service message now (`Messages.reachable`)."""
        return self.messages.reachable(openids)

    def create_menu(self, menu: dict[str, Any]) -> None:
        """Replaces the custom menu (`bot.menu.to_wechat`). Followers see it within a day."""
        self.menus.create(menu)

    def get_menu(self) -> dict[str, Any] | None:
        """The custom menu as WeChat has it (``{"button": […]}``), or None when there is none."""
        return self.menus.get()

    def check_secret(self) -> None:
        """Asks with app_id and app_secret themselves, whatever token is kept. Raises ApiRefused."""
        self._tokens.check()

    def callback_addresses(self) -> list[str]:
        """The addresses that WeChat calls from: a cheap call that needs a valid token and the white list."""
        return self.network.callback_addresses()
