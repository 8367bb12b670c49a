"""What a push of the menus would change at WeChat: computed first, shown, and then done step by step."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.menu import lines

Menu = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TagMenu:
    """A menu that WeChat has for a tag. ``tag`` is its name, or its number when no tag has that number."""

    tag: str
    menu_id: str
    menu: Menu


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the menus that are wanted and those that WeChat has.

    ``text``: lines to read, ``+`` new and ``-`` gone; empty when nothing differs.
    ``everybody``: the menu for everybody differs. ``delete``: ids of menus that are in the way.
    ``add``: the tags whose menus WeChat does not have as they are wanted.
    """

    text: tuple[str, ...]
    everybody: bool
    delete: tuple[str, ...]
    add: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.everybody or self.delete or self.add)


def difference(
    wanted: Menu, wanted_for: Mapping[str, Menu], present: Menu | None, present_for: Sequence[TagMenu]
) -> Difference:
    """``wanted_for`` by tag. Of two menus that WeChat has for one tag, one is in the way."""
    kept: set[str] = set()
    delete: list[str] = []
    for there in present_for:
        same = there.tag in wanted_for and lines(there.menu) == lines(wanted_for[there.tag])
        if same and there.tag not in kept:
            kept.add(there.tag)
        else:
            delete.append(there.menu_id)
    return Difference(
        text=tuple(_text(wanted, wanted_for, present, present_for)),
        everybody=lines(present) != lines(wanted),
        delete=tuple(delete),
        add=tuple(tag for tag in wanted_for if tag not in kept),
    )


def tagged(raw: Sequence[Menu], names: Mapping[str, str]) -> list[TagMenu]:
    """WeChat's conditional menus; ``names`` of tags by their numbers. Older answers say ``group_id``."""
    return [_tagged(menu, names) for menu in raw]


def all_lines(menu: Menu | None, menus_for: Iterable[tuple[str, Menu]]) -> list[str]:
    """Everything as lines: the menu for everybody, then each tag's under its name."""
    by_tag = sorted(menus_for, key=lambda pair: pair[0])
    blocks = [[f"［{tag}］", *(f"  {line}" for line in lines(own))] for tag, own in by_tag]
    return [*lines(menu), *(line for block in blocks for line in block)]


def _tagged(menu: Menu, names: Mapping[str, str]) -> TagMenu:
    rule = menu.get("matchrule") or {}
    number = str(rule.get("tag_id") or rule.get("group_id") or "")
    return TagMenu(names.get(number, number), str(menu.get("menuid", "")), menu)


def _text(
    wanted: Menu, wanted_for: Mapping[str, Menu], present: Menu | None, present_for: Sequence[TagMenu]
) -> Iterator[str]:
    before = all_lines(present, ((there.tag, there.menu) for there in present_for))
    after = all_lines(wanted, wanted_for.items())
    if before != after:
        yield from (line for line in difflib.ndiff(before, after) if not line.startswith("?"))
