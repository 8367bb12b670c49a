"""A number that stands beside nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from handlers.chat.choose import out_of_reach
from handlers.sentences import Sentences

SHOP = cast(Any, SimpleNamespace(say=Sentences()))


def told(ids: tuple[str, ...], number: int) -> str | None:
    listing = SimpleNamespace(ids=ids, offset=0)
    return out_of_reach(SHOP, cast(Any, SimpleNamespace(session=SimpleNamespace(listing=listing))), number)


def test_behind_a_single_course_no_range_is_told() -> None:
    assert "只列了 1 门" in (told(("a-course",), 2) or "")
    assert told(("a-course",), 1) is None


def test_behind_several_the_range_is_told() -> None:
    assert "1 到 2" in (told(("a-course", "b-course"), 3) or "")
