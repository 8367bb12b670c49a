"""What WeChat's error codes mean for us: try again, stop, or tell the operator what to mend.

https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
"""

from __future__ import annotations

from infra.errors import KebanError, Refused, Unavailable
from infra.outbox import Undeliverable

OK = 0
# The token is not valid any more: renew it once, repeat the call once, then give up.
STALE_TOKEN = frozenset({40001, 40014, 42001})


class ApiRefused(KebanError):
    """WeChat said no, and would again."""

    errcode = 0


class ApiBusy(Unavailable):
    """WeChat cannot do it now."""

    errcode = 0


class QuotaSpent(ApiBusy):
    """No more calls of this kind until the quota is filled up again."""


class NotWhitelisted(ApiRefused):
    """This server's address is not on the account's IP white list."""


class WindowClosed(Undeliverable):
    """The follower cannot be written to now: not subscribed, silent for too long, or enough was sent."""

    errcode = 0


class CodeSpent(Refused):
    """An OAuth code that was used or has expired: send the follower through the login again."""

    errcode = 0


Kind = type[ApiRefused] | type[ApiBusy] | type[WindowClosed] | type[CodeSpent]

_WHITELIST = "add this server's address: 公众平台 → 设置与开发 → 开发接口管理 → IP 白名单"
_MEANINGS: dict[int, tuple[Kind, str]] = {
    -1: (ApiBusy, "WeChat is busy"),
    40001: (ApiRefused, "the token stays invalid: is wechat.app_secret right?"),
    40014: (ApiRefused, "the token stays invalid: is wechat.app_secret right?"),
    42001: (ApiRefused, "the token stays expired"),
    40003: (WindowClosed, "not an openid of this account"),
    40013: (ApiRefused, "wechat.app_id is not known to WeChat"),
    40125: (ApiRefused, "wechat.app_secret is wrong; was it reset on WeChat's page?"),
    40164: (NotWhitelisted, _WHITELIST),
    40243: (ApiRefused, "the AppSecret is frozen: 公众平台 → 设置与开发 → 开发接口管理"),
    61004: (NotWhitelisted, _WHITELIST),
    40029: (CodeSpent, "the login code is not valid"),
    40163: (CodeSpent, "the login code was used already, by a refresh of the page"),
    41008: (CodeSpent, "the login code is missing"),
    42003: (CodeSpent, "the login code has expired"),
    43004: (WindowClosed, "the follower has unsubscribed"),
    45009: (QuotaSpent, "the day's quota of this call is spent"),
    45011: (QuotaSpent, "too many calls a minute"),
    45015: (WindowClosed, "the follower has not written within the last 48 hours"),
    45047: (WindowClosed, "enough customer messages were sent since the follower's last one"),
    45064: (ApiRefused, "the menu may not hold links to a mini program that is not bound"),
    48001: (WindowClosed, "this account may not use this interface: is it verified?"),
    50002: (WindowClosed, "the follower's account is limited"),
    65320: (ApiRefused, "menus by sex, region or language are no more; use tags"),
}


def to_error(call: str, errcode: int, errmsg: str) -> KebanError:
    """The error for a call that WeChat answered with ``errcode``. Its text holds no secret."""
    kind, hint = _MEANINGS.get(errcode, (ApiRefused, errmsg.split(",", 1)[0][:120]))
    error = kind(f"{call}: WeChat answers {errcode}", hint=hint)
    error.errcode = errcode
    return error
