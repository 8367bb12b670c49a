"""What WeChat would refuse waits for the follower, and goes out after their next message."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from infra.outbox import outbox, put
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.waiting import until


def receipts(town: Town, follower: Follower, count: int, name: str = "") -> None:
    """So many payments of this follower's were received just now."""
    with town.rooms.db.transaction() as conn:
        for number in range(1, count + 1):
            order_no = f"KB{name}{number}"
            paid = {"openid": follower.openid, "title": "爬虫", "total_fen": 100, "item_id": "x"}
            key = f"receipt:{follower.openid}:{order_no}"
            payload = paid | {"order_no": order_no}
            put(conn, topic="receipt", key=key, payload=payload, now=datetime.now(UTC))
    town.rooms.nudge()


def await_receipts(follower: Follower, count: int, name: str = "") -> None:
    def arrived() -> bool:
        return len(follower.pushed(f"KB{name}")) >= count

    until(arrived, f"{count} receipts")


def await_waiting(town: Town, follower: Follower, count: int) -> None:
    """So many wait for the follower, and none of them has used up a try."""
    query = select(outbox.c.tries).where(
        outbox.c.key.contains(follower.openid), outbox.c.status == "deferred"
    )

    def tries() -> list[int]:
        with town.rooms.db.reading() as conn:
            return list(conn.execute(query).scalars())

    until(lambda: tries() == [0] * count, f"{count} that wait")


def can_be_sent(town: Town, follower: Follower) -> bool:
    return follower.openid in town.rooms.api.reachable([follower.openid])


def looked_again(town: Town) -> None:
    """What the worker does every ten seconds."""
    town.rooms.nudge()


def test_the_sixth_receipt_arrives_after_the_next_message(town: Town) -> None:
    anna = town.follower()
    anna.say("你好")
    receipts(town, anna, 6)
    await_receipts(anna, 5)
    await_waiting(town, anna, 1)
    looked_again(town)
    await_waiting(town, anna, 1)
    assert anna.pushed("KB6") == []
    anna.say("还在吗")
    looked_again(town)
    anna.await_push("KB6")
    assert len(anna.pushed("KB")) == 6


def test_who_opens_a_page_only_is_sent_nothing(town: Town) -> None:
    anna = town.follower()
    anna.say("你好")
    receipts(town, anna, 6)
    await_waiting(town, anna, 1)
    anna.send(type="view", key="https://keban.example/courses")
    looked_again(town)
    await_waiting(town, anna, 1)
    assert len(anna.pushed("KB")) == 5


def test_who_follows_can_be_sent_three_within_a_minute(town: Town, anna: Follower) -> None:
    receipts(town, anna, 4)
    await_receipts(anna, 3)
    await_waiting(town, anna, 1)
    anna.tap_menu("HELP")
    looked_again(town)
    await_receipts(anna, 4)


def test_who_leaves_cannot_be_sent_what_was_left(town: Town) -> None:
    anna = town.follower()
    anna.say("你好")
    assert can_be_sent(town, anna)
    anna.unfollow()
    assert not can_be_sent(town, anna)
    anna.follow()
    receipts(town, anna, 4)
    await_receipts(anna, 3)
    await_waiting(town, anna, 1)


def test_what_waits_for_somebody_who_leaves_waits_until_they_are_back(town: Town) -> None:
    anna = town.follower()
    anna.say("你好")
    receipts(town, anna, 7)
    await_waiting(town, anna, 2)
    anna.unfollow()
    looked_again(town)
    await_waiting(town, anna, 2)
    assert len(anna.pushed("KB")) == 5
    anna.follow()
    looked_again(town)
    await_receipts(anna, 7)
