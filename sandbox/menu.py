"""The custom menu and what WeChat accepts as one."""

from __future__ import annotations

from typing import Any

from sandbox.store import Store

KIND = "menu"
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
        self.version = 1

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return self._buttons

    def create(self, body: dict[str, Any]) -> None:
        """Raises MenuRefused; the old menu stays then."""
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS_MAX:
            raise MenuRefused(40016, "invalid button size")
        self._buttons = [_button(button) for button in buttons]
        self._store.put(KIND, "menu", {"button": self._buttons})
        self.version += 1

    def delete(self) -> None:
        self._buttons = []
        self._store.delete(KIND, "menu")
        self.version += 1

    def current(self) -> dict[str, Any]:
        """The answer of menu/get. Raises MenuRefused when there is none."""
        if not self._buttons:
            raise MenuRefused(46003, "menu no exist")
        return {"menu": {"button": self._buttons}}

    def self_menu(self) -> dict[str, Any]:
        """The answer of get_current_selfmenu_info, which nests the sub-buttons in a list of its own."""
        if not self._buttons:
            return {"is_menu_open": 0}
        return {"is_menu_open": 1, "selfmenu_info": {"button": [_nested(button) for button in self._buttons]}}


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
