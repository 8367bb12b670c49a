"""WeChat's JS-SDK on the phone: its script, which stands in for the one of res.wx.qq.com, and the check of a
page's signature.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html#62
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha1
from typing import Any

from sandbox.script_api import ScriptHandler
from sandbox.world import World

REAL_SCRIPT = "https://res.wx.qq.com/open/js/jweixin-"
SCRIPT = "/static/jweixin.js"


class JsSdkCheck(ScriptHandler):
    """POST /api/jssdk: the ``path`` of a page with what it gave to ``wx.config``; what that is told"""

    def post(self) -> None:
        given = {name: str(value) for name, value in self.body().items()}
        self.say({"errMsg": verdict(self.world, given)})


def verdict(world: World, given: Mapping[str, str]) -> str:
    """``config:ok``, or WeChat's words for what is wrong. ``path`` is the page's, as the browser has it."""
    if given.get("appId") != world.config.app_id:
        return "config:invalid appid"
    path = given.get("path", "").partition("#")[0]
    ticket, _left_s = world.tokens.ticket("jsapi")
    signed = "&".join(
        (
            f"jsapi_ticket={ticket}",
            f"noncestr={given.get('nonceStr', '')}",
            f"timestamp={given.get('timestamp', '')}",
            f"url={world.config.service_url}{path}",
        )
    )
    right = sha1(signed.encode(), usedforsecurity=False).hexdigest()
    return (
        "config:ok" if hmac.compare_digest(right, given.get("signature", "")) else "config:invalid signature"
    )


ROUTES: list[tuple[str, Any]] = [(r"/api/jssdk", JsSdkCheck)]
