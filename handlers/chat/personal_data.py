"""What WeChat tells of its users' own data; the law (PIPL, art. 47) says what has to follow.

The event comes from WeChat's platform, and names the follower in ``OpenID``.
https://developers.weixin.qq.com/doc/service/guide/h5/authorization_change.html
"""

from __future__ import annotations

from bot.message import inside
from handlers.chat.turn import Turn
from handlers.shop import Shop

MAX_WHAT = 64


def account_closed(shop: Shop, turn: Turn) -> None:
    """``user_authorization_cancellation``: the user is gone, and with them what we know of them.

    Orders and grants stay: the law wants transactions kept for three years (E-Commerce Law, art. 31).
    """
    openid = _whose(turn)
    if openid:
        shop.members.forget(openid)


def withdrawn(shop: Shop, turn: Turn) -> None:
    """``user_authorization_revoke``, ``user_info_modified``: names, pictures, addresses. We hold none of
    these (the login asks for the openid alone), so there is nothing to delete; the note is the proof."""
    openid = _whose(turn)
    if openid:
        data = {"event": turn.message.type, "what": inside(turn.message, "RevokeInfo")[:MAX_WHAT]}
        shop.members.record(openid, "consent_withdrawn", data)


def _whose(turn: Turn) -> str:
    return inside(turn.message, "OpenID")
