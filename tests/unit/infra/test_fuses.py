"""Timers of one length, on a real loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from infra.fuses import Fuses

PATIENCE_S = 10


@dataclass(eq=False)
class Item:
    name: str
    out: bool = False


def test_what_is_put_out_in_time_never_burns_down_and_the_rest_does_in_order() -> None:
    burnt: list[str] = []

    async def story() -> None:
        over = asyncio.Event()

        def burn_down(item: Item) -> None:
            burnt.append(item.name)
            if item.name == "last":
                over.set()

        fuses: Fuses[Item] = Fuses(0.02, lambda item: item.out, burn_down)
        first, second, third, last = (Item(name) for name in ("first", "second", "third", "last"))
        for item in (first, second, third):
            fuses.light(item)
        second.out = True
        fuses.light(last)
        await asyncio.wait_for(over.wait(), PATIENCE_S)
        assert fuses._timer is None and not fuses._lit

    asyncio.run(story())
    assert burnt == ["first", "third", "last"]


def test_it_burns_again_after_it_was_empty() -> None:
    async def story() -> None:
        burnt: asyncio.Queue[str] = asyncio.Queue()
        fuses: Fuses[Item] = Fuses(0.01, lambda item: item.out, lambda item: burnt.put_nowait(item.name))
        for name in ("one", "two"):
            fuses.light(Item(name))
            assert await asyncio.wait_for(burnt.get(), PATIENCE_S) == name

    asyncio.run(story())


def test_what_is_out_is_not_held() -> None:
    async def story() -> None:
        fuses: Fuses[Item] = Fuses(60, lambda item: item.out, lambda _item: None)
        for number in range(100):
            item = Item(str(number))
            fuses.light(item)
            item.out = True
        assert len(fuses._lit) == 1

    asyncio.run(story())
