"""The custom menu: from the plain entries of the configuration to WeChat's JSON, checked on the way.

https://developers.weixin.qq.com/doc/offiaccount/Custom_Menus/Creating_Custom-Defined_Menu.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.errors import ConfigError

MAX_BUTTONS = 3
MAX_CHILDREN = 5
# Four Chinese characters at the foot of the chat, eight in the list above; WeChat shows no more.
MAX_NAME_BYTES = 16
MAX_CHILD_NAME_BYTES = 60
MAX_KEY_BYTES = 128
MAX_URL_BYTES = 1024

Entry = Mapping[str, Any]


def to_wechat(entries: Sequence[Entry], base_url: str) -> dict[str, Any]:
    """WeChat's ``{"button": […]}``.

    An entry has a ``name`` and one of ``key`` (a click event), ``url`` (a page; a path counts from
    ``base_url``) and ``children``. Raises ConfigError with the entry's name and what to mend.
    """
    if not entries:
        raise ConfigError(
            "menu: no button", hint="give it one, or leave the whole menu out for the usual one"
        )
    if len(entries) > MAX_BUTTONS:
        raise ConfigError(f"menu: {len(entries)} buttons", hint=f"WeChat shows at most {MAX_BUTTONS}")
    return {"button": [_button(entry, base_url) for entry in entries]}


def keys(entries: Sequence[Entry]) -> set[str]:
    """The keys that taps can send: each needs a handler."""
    return {str(entry["key"]) for entry in _leaves(entries) if entry.get("key")}


def lines(menu: Mapping[str, Any] | None) -> list[str]:
    """WeChat's menu as readable lines, for showing and for comparing; empty when there is none."""
    return [line for button in (menu or {}).get("button", ()) for line in _lines(button, "")]


def _lines(button: Mapping[str, Any], indent: str) -> Iterator[str]:
    target = button.get("key") or button.get("url") or ""
    yield f"{indent}{button['name']}" + (f"  →  {target}" if target else "")
    for child in _children(button.get("sub_button")):
        yield from _lines(child, indent + "    ")


def _children(given: Any) -> Sequence[Mapping[str, Any]]:
    # menu/get answers a list; the older current-menu call wraps it.
    return given.get("list", ()) if isinstance(given, Mapping) else given or ()


def _leaves(entries: Sequence[Entry]) -> Iterator[Entry]:
    for entry in entries:
        children = entry.get("children") or ()
        if children:
            yield from _leaves(children)
        else:
            yield entry


def _button(entry: Entry, base_url: str) -> dict[str, Any]:
    children = entry.get("children") or ()
    if not children:
        return _leaf(entry, base_url, MAX_NAME_BYTES)
    if entry.get("key") or entry.get("url"):
        raise ConfigError(f"menu: {entry.get('name')} has children", hint="leave out its key and url")
    if len(children) > MAX_CHILDREN:
        raise ConfigError(f"menu: {entry.get('name')} has too many children", hint=f"at most {MAX_CHILDREN}")
    return {
        "name": _name(entry, MAX_NAME_BYTES),
        "sub_button": [_leaf(child, base_url, MAX_CHILD_NAME_BYTES) for child in children],
    }


def _leaf(entry: Entry, base_url: str, name_bytes: int) -> dict[str, Any]:
    name, key, url = _name(entry, name_bytes), entry.get("key") or "", entry.get("url") or ""
    if entry.get("children"):
        raise ConfigError(f"menu: {name}: children of children", hint="a menu has two levels")
    if bool(key) == bool(url):
        raise ConfigError(f"menu: {name} leads nowhere", hint="give it either a key or a url")
    if key:
        return {"type": "click", "name": name, "key": _bounded(name, "key", key, MAX_KEY_BYTES)}
    address = base_url + url if url.startswith("/") else url
    if not address.startswith(("http://", "https://")):
        raise ConfigError(f"menu: {name}: {url} is not an address", hint="https://… or a path like /courses")
    return {"type": "view", "name": name, "url": _bounded(name, "url", address, MAX_URL_BYTES)}


def _name(entry: Entry, limit: int) -> str:
    name = str(entry.get("name") or "")
    if not name:
        raise ConfigError("menu: an entry has no name")
    return _bounded(name, "name", name, limit)


def _bounded(name: str, what: str, value: str, limit: int) -> str:
    if len(value.encode()) > limit:
        raise ConfigError(f"menu: the {what} of {name} is too long", hint=f"at most {limit} bytes")
    return value
