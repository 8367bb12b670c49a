"""Each serving process writes down, once a minute, how many signatures failed at its door."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest

from commands import serving
from infra.errors import Unavailable


def test_it_goes_on_when_the_database_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    async def until_twice() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def flush(desk: object) -> int:
            calls.append(desk)
            if len(calls) == 1:
                raise Unavailable("the database does not answer")
            loop.call_soon_threadsafe(done.set)
            return 0

        monkeypatch.setattr(serving, "FAILURES_S", 0)
        monkeypatch.setattr(serving, "flush", flush)
        rooms: Any = SimpleNamespace(shop=SimpleNamespace(till=SimpleNamespace(desk="the desk")))
        counting = asyncio.create_task(serving._write_down_failures(rooms))
        await asyncio.wait_for(done.wait(), 10)
        counting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await counting

    asyncio.run(until_twice())
    assert calls[:2] == ["the desk", "the desk"]
