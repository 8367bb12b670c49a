"""Who hangs up, resets, reads nothing or says nothing on the short way."""

from __future__ import annotations

import socket

from tests.unit.infra.callers import (
    Desk,
    Said,
    dropped,
    house,
    post,
    run,
    until,
)


def test_no_answer_is_lost_with_the_connection_that_ends_behind_it() -> None:
    """One that waited in the system for the one before to arrive was thrown away with what lay unread."""

    async def story() -> None:
        async with house(Desk(Said())) as one:
            for _ in range(50):
                client = one.client()
                for _ in range(5):  # from here on his side waits a moment before it says what has arrived
                    await client.asks(post(b"0"))
                await client.send(post(b"1") + post(b"2") + post(b"3", b"Connection: close") + post(b"4"))
                assert [await client.answer() for _ in range(3)] == [(200, b"success")] * 3
                assert await client.answer() == (0, b"")

    run(story)


def test_who_hangs_up_while_his_message_is_worked_on_keeps_his_place_until_then() -> None:
    """Or somebody else would come by the same number, and by his answer."""

    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            await until(lambda: one.desk.replies, "his message")
            (caller,) = one.server._callers
            client.close()
            await until(lambda: caller._paused, "his going to be seen")
            other = one.client()
            await other.send(post(b"2"))
            await until(lambda: len(one.desk.replies) == 2, "the other's message")
            one.desk.replies[0](Said(body=b"his"))
            one.desk.replies[1](Said(body=b"the other's"))
            assert await other.answer() == (200, b"the other's")
            await until(lambda: len(one.server._callers) == 1, "his place to be free")

    run(story)


def test_who_resets_while_his_message_is_worked_on_is_let_go() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            await until(lambda: one.desk.replies, "his message")
            client.reset()
            await until(lambda: next(iter(one.server._callers))._paused, "the reset to be seen")
            one.desk.replies[0](Said())
            assert not one.server._callers and not one.server._awaited

    run(story)


def test_who_has_said_all_he_will_still_gets_his_answer() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            client.socket.shutdown(socket.SHUT_WR)
            await until(lambda: one.desk.replies, "his message")
            await until(lambda: next(iter(one.server._callers))._paused, "his silence")
            one.desk.replies[0](Said())
            assert await client.answer() == (200, b"success")
            assert await client.answer() == (0, b"")
            assert not one.server._callers

    run(story)


def test_who_asks_on_and_never_reads_is_hung_up_on_and_holds_nobody() -> None:
    async def story() -> None:
        before = dropped("unread")
        async with house(Desk(Said(body=b"x" * 200_000))) as one:
            greedy, other = one.client(), one.client()
            await greedy.send(post(b"more") * 300)
            await until(lambda: dropped("unread") > before, "his being hung up on")
            assert (await other.asks(post(b"1")))[0] == 200
            assert len(one.server._callers) == 1

    run(story)


def test_a_great_answer_goes_out_whole() -> None:
    async def story() -> None:
        async with house(Desk(Said(body=b"x" * 60_000))) as one:
            client = one.client()
            for _ in range(5):
                assert await client.asks(post(b"1")) == (200, b"x" * 60_000)

    run(story)


def test_who_connects_and_says_nothing_may_leave_again() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            quiet, rude = one.client(), one.client()
            await until(lambda: len(one.server._callers) == 2, "them")
            quiet.close()
            rude.reset()
            await until(lambda: not one.server._callers, "their leaving")
            assert not one.server._awaited

    run(story)
