"""What goes wrong behind the short way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.infra.callers import (
    Desk,
    Said,
    house,
    post,
    run,
    until,
)


def test_when_the_addressee_breaks_the_caller_is_hung_up_on() -> None:
    class Broken(Desk):
        def take(self, query: str, body: bytes, reply: Callable[[Any], None]) -> None:
            super().take(query, body, reply)
            raise RuntimeError("broken")

    async def story() -> None:
        async with house(Broken()) as one:
            client = one.client()
            assert await client.asks(post(b"1")) == (0, b"")
            one.desk.replies[0](Said())  # too late
            assert not one.server._callers and not one.server._awaited
            one.desk.says = Said()
            other = one.client()
            assert await other.asks(post(b"2")) == (200, b"success")
            assert await other.answer() == (0, b"")

    run(story)


@pytest.mark.parametrize("says", [Said(content_type="é"), Said(body="a text")])  # type: ignore[arg-type]
def test_an_answer_that_cannot_be_sent_hangs_up_too(says: Said) -> None:
    async def story() -> None:
        async with house(Desk(says)) as one:
            assert await one.client().asks(post(b"1")) == (0, b"")
            assert not one.server._callers and not one.server._awaited

    run(story)


def test_a_second_answer_is_none() -> None:
    async def story() -> None:
        async with house(Desk()) as one:
            client = one.client()
            await client.send(post(b"1"))
            await until(lambda: one.desk.replies, "the first message")
            one.desk.replies[0](Said(body=b"one"))
            one.desk.replies[0](Said(body=b"two"))
            await client.send(post(b"2"))
            await until(lambda: len(one.desk.replies) == 2, "the second message")
            one.desk.replies[1](Said(body=b"three"))
            assert [await client.answer() for _ in range(2)] == [(200, b"one"), (200, b"three")]

    run(story)
