"""How the short way ends with its house."""

from __future__ import annotations

import asyncio

import pytest

from infra import direct
from tests.unit.infra.callers import (
    Desk,
    Said,
    house,
    post,
    run,
    until,
)


def test_who_has_asked_before_the_end_gets_his_answer() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            idle, asks_on, page, unfinished = (one.client() for _ in range(4))
            await asks_on.send(post(b"1") + post(b"2"))
            await page.send(b"GET /held HTTP/1.1\r\nHost: keban\r\n\r\n")
            await unfinished.send(b"POST /page HTTP/1.1\r\nContent-Le")
            await until(lambda: one.desk.replies, "the message")
            await one.begun.wait()
            one.server.stop()
            ending = asyncio.ensure_future(one.server.close_all_connections())
            assert await idle.answer() == (0, b"")
            assert await unfinished.answer() == (0, b"")
            one.desk.replies[0](Said())
            assert await asks_on.answer() == (200, b"success")
            assert await asks_on.answer() == (0, b"")
            assert not ending.done()
            one.go.set()
            assert await page.answer() == (200, b"at last")
            await ending
            assert await page.answer() == (0, b"")
            assert one.desk.taken == [b"1"]

    run(story)


def test_the_end_does_not_wait_for_who_has_hung_up_or_does_not_read() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            gone = one.client()
            await gone.send(b"GET /held HTTP/1.1\r\nHost: keban\r\n\r\n")
            await one.begun.wait()
            gone.close()
            await one.server.close_all_connections()

    run(story)


def test_the_end_may_be_given_an_end() -> None:
    """As `commands.serving` does: one that is never answered holds up nothing else."""

    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            await until(lambda: one.desk.replies, "the message")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(one.server.close_all_connections(), 0.05)
            one.desk.replies[0](Said())
            assert await client.answer() == (200, b"success")

    run(story)


def test_heads_of_answers_are_made_once() -> None:
    head = direct._head(200, "text/plain", 7, True)
    assert head is direct._head(200, "text/plain", 7, True)
    assert head.endswith(b"\r\nContent-Length: 7\r\nX-Content-Type-Options: nosniff\r\n\r\n")
    assert b"Connection: close" in direct._head(403, "text/plain", 7, False)
