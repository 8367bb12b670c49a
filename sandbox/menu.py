"""The custom menu and what WeChat accepts as one."""

from __future__ import annotations

from typing import Any

from sandbox.store import Store

KIND = "menu"
CONDITIONAL = "conditional menu"
BUTTONS_MAX, SUB_BUTTONS_MAX = 3, 5
NAME_BYTES_MAX, SUB_NAME_BYTES_MAX = 16, 60
KEY_BYTES_MAX, URL_BYTES_MAX = 128, 1024
KEYED = frozenset(
    [
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    ]
)


class MenuRefused(Exception):
    """WeChat's errcode and its words."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg


class Menu:
    """The one menu of the account; ``version`` grows with each change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._buttons: list[dict[str, Any]] = next((body["button"] for _, body in store.all(KIND)), [])
        self._conditional: dict[str, dict[str, Any]] = dict(store.all(CONDITIONAL))
        self.version = 1

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return self._buttons

    def create(self, body: dict[str, Any]) -> None:
        """Raises MenuRefused; the old menu stays then."""
        self._buttons = _buttons(body)
        self._store.put(KIND, "menu", {"button": self._buttons})
        self.version += 1

    def add_conditional(self, body: dict[str, Any], tag_ids: set[str]) -> str:
        """A menu for the followers with a tag; its id. Raises MenuRefused."""
        if not self._buttons:
            raise MenuRefused(65303, "there is no selfmenu, please create selfmenu first")
        rule = body.get("matchrule")
        if not isinstance(rule, dict) or not any(rule.values()):
            raise MenuRefused(65304, "match rule empty")
        if any(value for name, value in rule.items() if name != "tag_id"):
            raise MenuRefused(65320, "match rule by sex, region or language is not supported any more")
        if str(rule["tag_id"]) not in tag_ids:
            raise MenuRefused(45159, "invalid tag id")
        made = {"button": _buttons(body), "matchrule": {"tag_id": str(rule["tag_id"])}}
        menu_id = str(max((int(key) for key in self._conditional), default=400_000_000) + 1)
        self._conditional[menu_id] = made
        self._store.put(CONDITIONAL, menu_id, made)
        return menu_id

    def delete_conditional(self, menu_id: str) -> None:
        """Raises MenuRefused."""
        if self._conditional.pop(menu_id, None) is None:
            raise MenuRefused(65301, "no such menuid")
        self._store.delete(CONDITIONAL, menu_id)

    def seen_with(self, tag_ids: list[int]) -> list[dict[str, Any]]:
        """The buttons that a follower with these tags sees: of the newest menu that fits."""
        fitting = [
            menu["button"]
            for menu in self._conditional.values()
            if menu["matchrule"]["tag_id"] in map(str, tag_ids)
        ]
        return fitting[-1] if fitting else self._buttons

    def delete(self) -> None:
        for menu_id in list(self._conditional):
            self.delete_conditional(menu_id)
        self._buttons = []
        self._store.delete(KIND, "menu")
        self.version += 1

    def current(self) -> dict[str, Any]:
        """The answer of menu/get. Raises MenuRefused when there is none."""
        if not self._buttons:
            raise MenuRefused(46003, "menu no exist")
        answer: dict[str, Any] = {"menu": {"button": self._buttons}}
        if self._conditional:
            answer["conditionalmenu"] = [
                {**menu, "menuid": int(menu_id)} for menu_id, menu in self._conditional.items()
            ]
        return answer

    def self_menu(self) -> dict[str, Any]:
        """The answer of get_current_selfmenu_info, which nests the sub-buttons in a list of its own."""
        if not self._buttons:
            return {"is_menu_open": 0}
        return {"is_menu_open": 1, "selfmenu_info": {"button": [_nested(button) for button in self._buttons]}}


def _buttons(body: dict[str, Any]) -> list[dict[str, Any]]:
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS_MAX:
        raise MenuRefused(40016, "invalid button size")
    return [_button(button) for button in buttons]


def _nested(button: dict[str, Any]) -> dict[str, Any]:
    if not button["sub_button"]:
        return {name: value for name, value in button.items() if name != "sub_button"}
    return {"name": button["name"], "sub_button": {"list": button["sub_button"]}}


def _button(button: object) -> dict[str, Any]:
    checked = _named(button, NAME_BYTES_MAX)
    children = checked.get("sub_button") or []
    if not children:
        return {**_leaf(checked), "sub_button": []}
    if not isinstance(children, list) or len(children) > SUB_BUTTONS_MAX:
        raise MenuRefused(40023, "invalid sub button size")
    leaves = [_leaf(_named(child, SUB_NAME_BYTES_MAX)) for child in children]
    return {"name": checked["name"], "sub_button": [{**leaf, "sub_button": []} for leaf in leaves]}


def _named(button: object, bytes_max: int) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise MenuRefused(47001, "data format error")
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= bytes_max:
        raise MenuRefused(40018, "invalid button name size")
    return button


def _leaf(button: dict[str, Any]) -> dict[str, Any]:
    kind = button.get("type")
    if kind in KEYED:
        return {
            "type": kind,
            "name": button["name"],
            "key": _sized(button.get("key"), KEY_BYTES_MAX, 40019, "key"),
        }
    if kind == "view":
        url = _sized(button.get("url"), URL_BYTES_MAX, 40020, "url")
        if not url.startswith(("http://", "https://")):
            raise MenuRefused(40055, "invalid view url")
        return {"type": kind, "name": button["name"], "url": url}
    raise MenuRefused(40017, "invalid button type")


def _sized(value: object, bytes_max: int, errcode: int, name: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= bytes_max:
        raise MenuRefused(errcode, f"invalid button {name} size")
    return value
