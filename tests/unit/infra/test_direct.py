"""The short way over real sockets. Nothing sleeps."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import pytest

from infra import direct
from tests.unit.infra.callers import (
    GARBAGE,
    PATIENCE_S,
    Desk,
    Said,
    house,
    post,
    run,
    until,
)


def test_messages_of_one_connection_are_answered_again_and_again() -> None:
    async def story() -> None:
        async with house(Desk(Said())) as one:
            client = one.client()
            assert [await client.asks(post(b"%d" % n)) for n in range(3)] == [(200, b"success")] * 3
            assert one.desk.taken == [b"0", b"1", b"2"]
            assert len(one.server._callers) == 1 and not one.server._connections

    run(story)


def test_several_messages_at_once_are_taken_one_after_the_other() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(b"".join(post(b"%d" % n) for n in range(3)))
            for number in range(3):
                await until(lambda number=number: len(one.desk.replies) > number, "the next")  # type: ignore[misc]
                assert one.desk.taken == [b"%d" % n for n in range(number + 1)]
                one.desk.replies[number](Said(body=b"to %d" % number))
                assert await client.answer() == (200, b"to %d" % number)

    run(story)


def test_what_is_not_ordinary_is_tornados_from_then_on() -> None:
    async def story() -> None:
        async with house(Desk(Said())) as one:
            client = one.client()
            page = b"GET /page HTTP/1.1\r\nHost: keban\r\n\r\n"
            assert await client.asks(post(b"1") + page + post(b"2")) == (200, b"success")
            assert await client.answer() == (200, b"a page")
            assert await client.answer() == (200, b"by tornado: 2")
            assert one.desk.taken == [b"1"] and not one.server._callers

    run(story)


@pytest.mark.parametrize("cut", [1, 30, len(post(b"body")) - 1])
def test_a_message_that_comes_in_parts_is_tornados(cut: int) -> None:
    async def story() -> None:
        async with house(Desk(Said())) as one:
            client, data = one.client(), post(b"body")
            await client.send(data[:cut])
            await until(lambda: one.server._connections, "its being handed over")
            assert await client.asks(data[cut:]) == (200, b"by tornado: body")
            assert not one.desk.taken

    run(story)


def test_nonsense_behind_a_message_is_refused_and_the_message_answered() -> None:
    async def story() -> None:
        async with house(Desk(Said())) as one:
            client = one.client()
            assert await client.asks(post(b"1") + GARBAGE) == (200, b"success")
            assert (await client.answer())[0] == 400
            assert await client.answer() == (0, b"")

    run(story)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (post(b"1", b"Connection: close"), Said()),
        (post(b"1", head=b"POST /wechat?a=1 HTTP/1.0\r\n"), Said()),
        (post(b"1"), Said(403, b"refused")),
    ],
)
def test_a_last_answer_is_followed_by_nothing(data: bytes, says: Said) -> None:
    async def story() -> None:
        async with house(Desk(says)) as one:
            client = one.client()
            assert await client.asks(data + post(b"2")) == (says.status, says.body)
            # An end, and not a reset, which may take the answer back from who has not read it yet.
            assert await asyncio.get_running_loop().sock_recv(client.socket, 1) == b""
            assert one.desk.taken == [b"1"]
            client.close()
            await until(lambda: not one.server._callers, "the end")

    run(story)


@pytest.mark.parametrize(("linger_s", "most"), [(0.01, 10**9), (PATIENCE_S, 3)])
def test_who_sends_on_behind_his_last_answer_is_listened_to_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch, linger_s: float, most: int
) -> None:
    monkeypatch.setattr(direct, "LINGER_S", linger_s)
    monkeypatch.setattr(direct, "MOST_LOST", most)

    async def story() -> None:
        async with house(Desk(Said(403, b"refused"))) as one:
            client = one.client()
            assert await client.asks(post(b"1") + post(b"2")) == (403, b"refused")
            with contextlib.suppress(ConnectionError):
                while one.server._callers:
                    await client.send(post(b"3"))
            assert one.desk.taken == [b"1"]

    run(story)


def test_a_request_that_is_read_off_in_pieces_is_read_off_whole() -> None:
    class Stingy(socket.socket):
        def recv(self, size: int, flags: int = 0, /) -> bytes:
            return super().recv(size if flags else min(size, 10), flags)

    class Counter:
        """Who counts the callers here."""

        def asked(self, _caller: direct.Caller) -> None: ...
        def answered(self, _caller: direct.Caller) -> None: ...
        def gone(self, _caller: direct.Caller, _cause: str = "") -> None: ...
        def hand_over(self, _connection: socket.socket, _address: Any) -> None:
            raise AssertionError

    async def story() -> None:
        ours, theirs = socket.socketpair()
        desk = Desk(Said())
        stingy = Stingy(fileno=ours.detach())
        caller = direct.Caller(Counter(), desk, stingy, None)
        caller.start()
        await asyncio.get_running_loop().sock_sendall(theirs, post(b"1" * 30) + post(b"2"))
        await until(lambda: len(desk.taken) == 2, "both")
        assert desk.taken == [b"1" * 30, b"2"]
        caller.close()
        theirs.close()

    run(story)
