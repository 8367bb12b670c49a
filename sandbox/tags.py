"""Tags of the account, and who has which."""

from __future__ import annotations

from typing import Any

from sandbox.refused import Refused
from sandbox.store import Store

KIND = "tag"
NAME_BYTES_MAX = 30
TAGS_MAX = 100
BATCH_MAX = 50
OF_ONE_MAX = 20
BUILT_IN = {2: "星标组"}
FIRST_OWN = 100


class Tags:
    """Tags by id. Every method raises Refused with WeChat's errcode."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: dict[int, str] = dict(BUILT_IN)
        self._members: dict[int, set[str]] = {tag_id: set() for tag_id in BUILT_IN}
        for key, body in store.all(KIND):
            self._names[int(key)] = body["name"]
            self._members[int(key)] = set(body["members"])

    def create(self, name: object) -> dict[str, Any]:
        if not isinstance(name, str) or not name.strip() or name in self._names.values():
            raise Refused(45157, "invalid tag name")
        if len(name.encode()) > NAME_BYTES_MAX:
            raise Refused(45158, "tag name too long")
        if len(self._names) - len(BUILT_IN) >= TAGS_MAX:
            raise Refused(45056, "too many tag now, no need to add new")
        tag_id = max(FIRST_OWN - 1, *self._names) + 1
        self._names[tag_id], self._members[tag_id] = name, set()
        self._keep(tag_id)
        return {"id": tag_id, "name": name}

    def all(self) -> list[dict[str, Any]]:
        return [
            {"id": tag_id, "name": name, "count": len(self._members[tag_id])}
            for tag_id, name in self._names.items()
        ]

    def delete(self, tag_id: object) -> None:
        if tag_id in BUILT_IN:
            raise Refused(45058, "can't modify sys tag")
        known = self._known(tag_id)
        del self._names[known], self._members[known]
        self._store.delete(KIND, str(known))

    def put_on(self, tag_id: object, openids: list[str]) -> None:
        known = self._known(tag_id)
        if any(known not in self.of(openid) and len(self.of(openid)) >= OF_ONE_MAX for openid in openids):
            raise Refused(45059, "can't add more than 20 tags to a user")
        self._members[known] |= set(openids)
        self._keep(known)

    def take_off(self, tag_id: object, openids: list[str]) -> None:
        known = self._known(tag_id)
        self._members[known] -= set(openids)
        self._keep(known)

    def of(self, openid: str) -> list[int]:
        return [tag_id for tag_id, members in self._members.items() if openid in members]

    def _known(self, tag_id: object) -> int:
        if not isinstance(tag_id, int) or tag_id not in self._names:
            raise Refused(45159, "invalid tag id")
        return tag_id

    def _keep(self, tag_id: int) -> None:
        self._store.put(
            KIND, str(tag_id), {"name": self._names[tag_id], "members": sorted(self._members[tag_id])}
        )
