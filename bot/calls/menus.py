"""The custom menu, and those that only followers with a tag see.

https://developers.weixin.qq.com/doc/offiaccount/Custom_Menus/Creating_Custom-Defined_Menu.html
https://developers.weixin.qq.com/doc/offiaccount/Custom_Menus/Personalized_menu_interface.html
"""

from __future__ import annotations

from typing import Any

from bot.calls.caller import Call, Caller, field_of

CREATE = Call("menu/create", repeatable=True)  # it replaces
GET = Call("menu/get", repeatable=True)
ADD_FOR_TAG = Call("menu/addconditional", repeatable=False)  # twice makes two
DELETE_FOR_TAG = Call("menu/delconditional", repeatable=True)


class Menus:
    """Menus as WeChat has them: ``{"button": […]}``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def create(self, menu: dict[str, Any]) -> None:
        """Replaces the menu (`bot.menu.to_wechat`). Followers see it within a day."""
        self._caller.done(CREATE, lambda client: client.menu.create(menu))

    def get(self) -> dict[str, Any] | None:
        """The menu for everybody, or None when there is none."""
        answer = self._caller.call(GET, lambda client: client.menu.get())
        return field_of(GET, answer, "menu", dict) if answer else None

    def for_tags(self) -> list[dict[str, Any]]:
        """Each ``{"button": […], "matchrule": {"tag_id": …}, "menuid": …}``."""
        answer = self._caller.call(GET, lambda client: client.menu.get())
        menus = answer.get("conditionalmenu", []) if isinstance(answer, dict) else []
        return [menu for menu in menus if isinstance(menu, dict)]

    def add_for_tag(self, menu: dict[str, Any], tag_id: int) -> str:
        """A menu for the followers with a tag, beside the one for everybody; answers its id."""
        body = {**menu, "matchrule": {"tag_id": str(tag_id)}}
        answer = self._caller.call(ADD_FOR_TAG, lambda client: client.menu.add_conditional(body))
        return str(field_of(ADD_FOR_TAG, answer, "menuid", object))

    def delete_for_tag(self, menu_id: str) -> None:
        """Followers with the tag see the menu for everybody again."""
        self._caller.done(DELETE_FOR_TAG, lambda client: client.menu.del_conditional(menu_id))
