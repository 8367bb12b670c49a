"""Where a page is opened, and how one pays there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from payments.gateway import Way

_PHONE = re.compile(r"Mobile|Android|iPhone|iPod|HarmonyOS", re.IGNORECASE)


def in_wechat(user_agent: str) -> bool:
    """WeChat's own browser, which has the pay sheet and a silent login."""
    return "MicroMessenger" in user_agent


def is_browser_elsewhere(user_agent: str) -> bool:
    """A browser that is not WeChat's; WeChat's login page would only tell it to open WeChat.

    Programs, which do not call themselves Mozilla, follow the login as ever.
    """
    return user_agent.startswith("Mozilla/") and not in_wechat(user_agent)


def is_phone(user_agent: str) -> bool:
    return _PHONE.search(user_agent) is not None


def way_here(user_agent: str, ways: Sequence[Way], wished: str = "") -> Way | None:
    """How to pay here, of the ``ways`` that the shop has: the ``wished`` one where there is a choice.

    A code on a phone's screen cannot be scanned by the same phone, so there the browser's way comes first; a
    computer has no WeChat to go to. None: not here.
    """
    possible = [way for way in _possible(user_agent) if way in ways]
    return next((way for way in possible if way == wished), possible[0] if possible else None)


def _possible(user_agent: str) -> tuple[Way, ...]:
    if not is_browser_elsewhere(user_agent):
        return ("jsapi",)
    # The page's script sees more than the server does: it may find itself in WeChat, or on a phone that asks
    # for a computer's pages.
    return ("h5", "native", "jsapi") if is_phone(user_agent) else ("native", "h5", "jsapi")
