"""What WeChat's error codes mean for us, in one table: try again, stop, or tell the operator what to mend.

https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
"""

from __future__ import annotations

import re

from infra.errors import KebanError, Refused, Unavailable
from infra.outbox import Deferred, Undeliverable

OK = 0
# The token is not valid any more: renew it once, repeat the call once, then give up.
STALE_TOKEN = frozenset({40001, 40014, 42001})
# WeChat was too busy to begin: a call that may be repeated is repeated once, at once.
BUSY = -1
# For how many seconds nobody asks again: the minute's quota, and the day's, which may be cleared by hand.
PAUSE_S = {45011: 60.0, 45009: 300.0}


class ApiRefused(KebanError):
    """WeChat said no, and would again until the operator (or a programmer) mends something."""

    errcode = 0


class ApiBusy(Unavailable):
    """WeChat cannot do it now, and has not done it."""

    errcode = 0


class QuotaSpent(ApiBusy):
    """No more calls of this kind until the quota is filled up again."""


class Unsure(Unavailable):
    """WeChat was asked and gave no readable answer: it may have done it."""


class NotWhitelisted(ApiRefused):
    """This server's address is not on the account's IP white list."""


class WindowClosed(Deferred):
    """The follower was silent for too long, or enough was sent: their next message opens a window."""

    errcode = 0


class NoneLeft(Unavailable, Deferred):
    """By our own count no message to this follower is left; WeChat was not asked.

    The follower's next message opens a window, and the one that caused this very message may be written down
    a moment after it.
    """


class Unreachable(Undeliverable):
    """This follower cannot be written to at all: not subscribed, barred, or no follower of this account."""

    errcode = 0


class NotPermitted(ApiRefused, Undeliverable):
    """The account has no right to this interface: the operator hears of it, and nobody tries again."""


class CodeSpent(Refused):
    """An OAuth code that was used or has expired: send the follower through the login again."""

    errcode = 0


Kind = type[ApiRefused] | type[ApiBusy] | type[WindowClosed] | type[Unreachable] | type[CodeSpent]

_CONSOLE = "公众平台 → 设置与开发 → 开发接口管理"
_WHITELIST = f"add this server's address: {_CONSOLE} → IP 白名单"
_ADDRESS = re.compile(r"invalid ip ([0-9a-fA-F.:]{3,45})")
_OURS = "a mistake of this program's"
_MEANINGS: dict[int, tuple[Kind, str]] = {
    # With a new token first (STALE_TOKEN); this is when that did not help.
    40001: (ApiRefused, "the token stays invalid: is wechat.app_secret right?"),
    40014: (ApiRefused, "the token stays invalid: is wechat.app_secret right?"),
    42001: (ApiRefused, "the token stays expired"),
    # Later.
    BUSY: (ApiBusy, "WeChat is busy"),
    45009: (QuotaSpent, f"the day's quota of this call is spent; to clear it: {_CONSOLE} → 接口权限"),
    45011: (QuotaSpent, "too many calls a minute"),
    # The operator mends it.
    40013: (ApiRefused, "wechat.app_id is not known to WeChat"),
    40125: (ApiRefused, f"wechat.app_secret is wrong; was it reset? {_CONSOLE} → 基本配置"),
    40164: (NotWhitelisted, _WHITELIST),
    61004: (NotWhitelisted, _WHITELIST),
    40243: (ApiRefused, f"the AppSecret is frozen; to thaw it: {_CONSOLE} → 基本配置"),
    40037: (ApiRefused, "the account has no template of this id: 公众平台 → 广告与服务 → 模板消息"),
    40201: (ApiRefused, "no server address stands on WeChat's page: 公众平台 → 设置与开发 → 基本配置"),
    45056: (ApiRefused, "the account has 100 tags already"),
    45029: (ApiRefused, "the account has 100,000 permanent codes already; make temporary ones"),
    45064: (ApiRefused, "the menu may not hold links to a mini program that is not bound"),
    48001: (NotPermitted, f"this account may not use this interface: is it verified? {_CONSOLE} → 接口权限"),
    48002: (NotPermitted, "the follower's client takes no messages of this kind"),
    48004: (NotPermitted, "WeChat has blocked this interface of the account; its notice says why"),
    48006: (NotPermitted, "the day's quota has been cleared ten times this month"),
    50001: (NotPermitted, f"the account has no right to this interface: {_CONSOLE} → 接口权限"),
    65320: (ApiRefused, "menus by sex, region or language are no more; use tags"),
    # Quietly wait: the follower's next message changes it.
    45015: (WindowClosed, "the follower has not written within the last 48 hours"),
    45047: (WindowClosed, "enough customer messages were sent since the follower's last one"),
    # Quietly stop: this follower cannot be written to.
    40003: (Unreachable, "not an openid of this account"),
    43004: (Unreachable, "the follower has unsubscribed"),
    43019: (Unreachable, "the follower is on the account's black list"),
    43101: (Unreachable, "the follower has not agreed to this message, or takes no more of it"),
    49003: (Unreachable, "not an openid of this account"),
    50002: (Unreachable, "the follower's account is limited"),
    50005: (Unreachable, "the follower has unsubscribed"),
    # The follower logs in again.
    40029: (CodeSpent, "the login code is not valid"),
    40163: (CodeSpent, "the login code was used already, by a refresh of the page"),
    41008: (CodeSpent, "the login code is missing"),
    42003: (CodeSpent, "the login code has expired"),
    # Ours to mend: the message or the parameters.
    40007: (ApiRefused, "the media is gone: a temporary one lives for 3 days"),
    45002: (ApiRefused, f"{_OURS}: the text is too long"),
    47001: (ApiRefused, f"{_OURS}: the body is not what WeChat reads"),
    47003: (ApiRefused, "a field of the template has a value that it does not take"),
    45157: (ApiRefused, "the name is taken by another tag, or is no name"),
    45158: (ApiRefused, "the tag's name is longer than 30 bytes"),
    45159: (ApiRefused, "the account has no such tag"),
    45059: (ApiRefused, "a follower has 20 tags already"),
    40032: (ApiRefused, f"{_OURS}: at most 50 followers in one call"),
}


def to_error(call: str, errcode: int, errmsg: str) -> KebanError:
    """The error for a call that WeChat answered with ``errcode``. Its text holds no secret.

    A code that is not in the table is WeChat's own words for the operator: nothing is repeated for it.
    """
    kind, hint = _MEANINGS.get(errcode, (ApiRefused, errmsg.split(", rid", 1)[0].split(" rid:", 1)[0][:120]))
    error = kind(f"{call}: WeChat answers {errcode}{_address(kind, errmsg)}", hint=hint)
    error.errcode = errcode
    return error


def _address(kind: Kind, errmsg: str) -> str:
    """The address that WeChat saw: behind a gateway the machine itself does not know it."""
    found = _ADDRESS.search(errmsg) if kind is NotWhitelisted else None
    return f" for {found.group(1)}" if found else ""
