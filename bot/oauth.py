"""Login inside WeChat: who is looking at a page. ``snsapi_base`` gives the openid without asking.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html
"""

from __future__ import annotations

from urllib.parse import quote

from bot.answers import ask
from infra.http import Door

_STATE_CHARS = 128


class OAuth:
    """The login of one account."""

    def __init__(self, door: Door, *, app_id: str, secret: str, api_base: str, open_base: str) -> None:
        self._door = door
        self._app_id = app_id
        self._secret = secret
        self._exchange_url = f"{api_base}/sns/oauth2/access_token"
        self._authorize_url = f"{open_base}/connect/oauth2/authorize"

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Where to send the browser. WeChat is particular about the order of the parameters.

        ``state`` comes back unchanged; raises ValueError unless it is up to 128 letters and digits.
        """
        if len(state) > _STATE_CHARS or not (state.isascii() and state.isalnum()):
            raise ValueError("state is up to 128 letters and digits")
        return (
            f"{self._authorize_url}?appid={self._app_id}&redirect_uri={quote(redirect_uri, safe='')}"
            f"&response_type=code&scope=snsapi_base&state={state}#wechat_redirect"
        )

    def exchange(self, code: str) -> str:
        """The openid for a code. A code works once: redirect afterwards, or a refresh shows it again.

        Raises CodeSpent for a code that was used or is not valid, Unavailable when WeChat does not answer.
        """
        params = {
            "appid": self._app_id,
            "secret": self._secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        return ask(
            "oauth2/access_token",
            lambda: self._door.get(self._exchange_url, params=params),
            lambda answer: str(answer["openid"]),
        )
