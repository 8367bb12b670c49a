"""Tags on followers: up to 100 in an account, 20 on a follower; menus can be made for one.

https://developers.weixin.qq.com/doc/offiaccount/User_Management/User_Tag_Management.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.calls.caller import Call, Caller, field_of
from bot.errcode import ApiRefused

CREATE = Call("tags/create", repeatable=False)  # the second is refused: the name is taken
GET = Call("tags/get", repeatable=True)
DELETE = Call("tags/delete", repeatable=True)
TAG = Call("tags/members/batchtagging", repeatable=True)
UNTAG = Call("tags/members/batchuntagging", repeatable=True)
OF = Call("tags/getidlist", repeatable=True)

MAX_NAME_BYTES = 30
BATCH = 50
_NAME_TAKEN = 45157


@dataclass(frozen=True, slots=True)
class Tag:
    """``followers`` as WeChat counts them, now and then late."""

    id: int
    name: str
    followers: int = 0


class Tags:
    """The tags of the account."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def all(self) -> list[Tag]:
        """WeChat's own (1 to 100: black list, star, …) and ours."""
        return [_tag(raw) for raw in self._caller.call(GET, lambda client: client.tag.get())]

    def ensure(self, name: str) -> Tag:
        """The tag of this name, made if there is none; several processes may call it at once."""
        found = self._named(name)
        if found:
            return found
        if not 1 <= len(name.encode()) <= MAX_NAME_BYTES:
            raise ValueError(f"a tag's name has 1 to {MAX_NAME_BYTES} bytes")
        try:
            return _tag(self._caller.call(CREATE, lambda client: client.tag.create(name)))
        except ApiRefused as error:
            made_meanwhile = self._named(name) if error.errcode == _NAME_TAKEN else None
            if made_meanwhile is None:
                raise
            return made_meanwhile

    def delete(self, tag_id: int) -> None:
        """Takes it off every follower too."""
        self._caller.done(DELETE, lambda client: client.tag.delete(tag_id))

    def tag(self, tag_id: int, openids: Sequence[str]) -> None:
        """Puts the tag on; who has it keeps it."""
        for batch in _batches(openids):
            self._tag(tag_id, batch)

    def untag(self, tag_id: int, openids: Sequence[str]) -> None:
        """Takes the tag off; who does not have it stays without."""
        for batch in _batches(openids):
            self._untag(tag_id, batch)

    def of(self, openid: str) -> list[int]:
        """The ids of a follower's tags."""
        return [
            int(tag_id) for tag_id in self._caller.call(OF, lambda client: client.tag.get_user_tag(openid))
        ]

    def _tag(self, tag_id: int, batch: list[str]) -> None:
        self._caller.done(TAG, lambda client: client.tag.tag_user(tag_id, batch))

    def _untag(self, tag_id: int, batch: list[str]) -> None:
        self._caller.done(UNTAG, lambda client: client.tag.untag_user(tag_id, batch))

    def _named(self, name: str) -> Tag | None:
        return next((tag for tag in self.all() if tag.name == name), None)


def _tag(raw: Any) -> Tag:
    tag_id, name = field_of(GET, raw, "id", int), field_of(GET, raw, "name", str)
    return Tag(tag_id, name, int(raw.get("count") or 0))


def _batches(openids: Sequence[str]) -> list[list[str]]:
    return [list(openids[start : start + BATCH]) for start in range(0, len(openids), BATCH)]
