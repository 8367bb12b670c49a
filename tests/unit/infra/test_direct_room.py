"""How many callers there may be, and for how long."""

from __future__ import annotations

import pytest

from infra import server as server_room
from tests.unit.infra.callers import (
    Desk,
    Said,
    dropped,
    house,
    post,
    run,
    until,
)


def test_a_thousand_who_say_nothing_make_room() -> None:
    async def story() -> None:
        before = dropped("full")
        async with house(Desk(Said()), max_connections=16) as one:
            for _ in range(20):
                crowd = [one.client() for _ in range(50)]
                await until(lambda: len(one.server._awaited) == 16, "the crowd to be let in")
                assert await one.client().asks(post(b"1")) == (200, b"success")
                assert len(one.server._callers) + len(one.server._connections) <= 16
                for each in crowd:
                    each.close()
        assert dropped("full") - before >= 600

    run(story)


def test_whose_message_is_worked_on_is_not_dropped_for_another() -> None:
    async def story() -> None:
        async with house(Desk(), max_connections=2) as one:
            busy = [one.client() for _ in range(2)]
            for client in busy:
                await client.send(post(b"1"))
            await until(lambda: len(one.desk.replies) == 2, "their messages")
            assert await one.client().answer() == (0, b"")
            for reply in one.desk.replies:
                reply(Said())
            assert [await client.answer() for client in busy] == [(200, b"success")] * 2

    run(story)


def test_tornados_connections_and_callers_make_room_for_each_other() -> None:
    async def story() -> None:
        async with house(Desk(Said()), max_connections=4) as one:
            crowd = [one.client() for _ in range(4)]
            for client in crowd:
                await client.send(b"GET /pa")  # handed over, and then nothing
            await until(lambda: len(one.server._awaited) == len(one.server._connections) == 4, "them all")
            assert await one.client().asks(post(b"1")) == (200, b"success")
            assert len(one.server._connections) + len(one.server._callers) == 4

    run(story)


def test_who_asks_nothing_for_long_is_hung_up_on_and_who_waits_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_room, "IDLE_LOOK_S", 0.01)

    async def story() -> None:
        async with house(Desk(), idle_s=0.05) as one:
            busy, idle = one.client(), one.client()
            await busy.send(post(b"1"))
            assert await idle.answer() == (0, b"")
            one.desk.replies[0](Said())
            assert await busy.answer() == (200, b"success")
            assert await busy.answer() == (0, b"")
            assert not one.server._callers

    run(story)
