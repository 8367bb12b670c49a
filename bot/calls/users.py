"""Followers as WeChat knows them; since 2021 it tells no names and no pictures any more.

https://developers.weixin.qq.com/doc/offiaccount/User_Management/Get_users_basic_information_UnionID.html
https://developers.weixin.qq.com/doc/offiaccount/User_Management/Getting_a_User_List.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.calls.caller import Call, Caller, field_of

INFO = Call("user/info", repeatable=True)
LIST = Call("user/get", repeatable=True)


@dataclass(frozen=True, slots=True)
class User:
    """Who does not follow has an openid and nothing else. ``scene``: what the QR code of the follow said."""

    openid: str
    subscribed: bool
    subscribed_at_s: int = 0
    came_by: str = ""
    scene: str = ""
    tag_ids: tuple[int, ...] = ()


class Users:
    """The followers of the account."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def info(self, openid: str) -> User:
        """Raises Unreachable for what is no openid of this account's."""
        answer = self._caller.call(INFO, lambda client: client.user.get(openid))
        if not field_of(INFO, answer, "subscribe", int):
            return User(openid, subscribed=False)
        return User(
            openid,
            subscribed=True,
            subscribed_at_s=int(answer.get("subscribe_time") or 0),
            came_by=str(answer.get("subscribe_scene") or ""),
            scene=str(answer.get("qr_scene_str") or ""),
            tag_ids=tuple(int(tag_id) for tag_id in answer.get("tagid_list") or ()),
        )

    def openids(self) -> Iterator[str]:
        """All followers; a call for each 10,000."""
        page = self._page("")
        # The last page names a next one too, and that one is empty.
        while field_of(LIST, page, "count", int):
            yield from field_of(LIST, page, "data", dict)["openid"]
            page = self._page(field_of(LIST, page, "next_openid", str))

    def _page(self, after: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._caller.call(
            LIST, lambda client: client.user.get_followers(after or None)
        )
        return answer
