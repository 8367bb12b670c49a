"""What several followers asked in the chat stands on the page of the course that answers it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from learners.tables import events
from tests.flows.town import Town

QUESTION = "自动抓取网页要学什么爬虫课"
ASKED_BY_ONE = "我想给外婆的小店抓网页做爬虫"


def test_what_several_asked_stands_on_the_page_and_nothing_of_a_single_one(town: Town) -> None:
    followers = [town.new_follower() for _ in range(3)]
    for follower in followers:
        follower.say(QUESTION)
    followers[0].say(ASKED_BY_ONE)
    _as_if_on_other_days(town, [follower.openid for follower in followers])
    page = followers[0].get("/courses/crawler-one").text
    assert "别人还问了" in page and QUESTION in page and "3 人问过" in page
    assert ASKED_BY_ONE not in page
    assert not any(follower.openid in page for follower in followers)


def _as_if_on_other_days(town: Town, openids: list[str]) -> None:
    town.rooms.shop.members.events.flush()
    with town.rooms.db.transaction() as conn:
        for days, openid in enumerate(openids):
            at = datetime.now(UTC) - timedelta(days=days)
            conn.execute(update(events).where(events.c.openid == openid).values(at=at))
