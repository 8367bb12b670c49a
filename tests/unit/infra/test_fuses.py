"""Timers of one length, on a real loop."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import dataclass

from infra.fuses import Fuses

PATIENCE_S = 10


@dataclass(eq=False)
class Item:
    name: str


def test_what_is_put_out_in_time_never_burns_down_and_the_rest_does_in_order() -> None:
    burnt: list[str] = []

    async def story() -> None:
        over = asyncio.Event()

        def burn_down(item: Item) -> None:
            burnt.append(item.name)
            if item.name == "last":
                over.set()

        fuses: Fuses[Item] = Fuses(0.02, burn_down)
        first, second, third, last = (Item(name) for name in ("first", "second", "third", "last"))
        for item in (first, second, third):
            fuses.light(item)
        fuses.put_out(second)
        fuses.put_out(second)
        fuses.light(last)
        await asyncio.wait_for(over.wait(), PATIENCE_S)
        assert fuses._timer is None and not fuses._lit

    asyncio.run(story())
    assert burnt == ["first", "third", "last"]


def test_each_burns_down_at_its_own_time_and_not_with_the_first() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        burnt: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
        fuses: Fuses[Item] = Fuses(0.05, lambda item: burnt.put_nowait((item.name, loop.time())))
        fuses.light(Item("one"))
        between = loop.create_future()
        loop.call_later(0.03, between.set_result, None)
        await between
        lit_at = loop.time()
        fuses.light(Item("two"))
        assert (await asyncio.wait_for(burnt.get(), PATIENCE_S))[0] == "one"
        name, at = await asyncio.wait_for(burnt.get(), PATIENCE_S)
        assert name == "two" and at - lit_at >= 0.05

    asyncio.run(story())


def test_it_burns_again_after_it_was_empty() -> None:
    async def story() -> None:
        burnt: asyncio.Queue[str] = asyncio.Queue()
        fuses: Fuses[Item] = Fuses(0.01, lambda item: burnt.put_nowait(item.name))
        for name in ("one", "two"):
            fuses.light(Item(name))
            assert await asyncio.wait_for(burnt.get(), PATIENCE_S) == name

    asyncio.run(story())


def test_what_is_out_is_not_held_though_an_older_one_burns() -> None:
    async def story() -> None:
        fuses: Fuses[Item] = Fuses(60, lambda _item: None)
        fuses.light(Item("burns on"))
        gone = []
        for number in range(100):
            item = Item(str(number))
            fuses.light(item)
            fuses.put_out(item)
            gone.append(weakref.ref(item))
        del item
        gc.collect()
        assert len(fuses._lit) == 1
        assert [one() for one in gone] == [None] * 100

    asyncio.run(story())
