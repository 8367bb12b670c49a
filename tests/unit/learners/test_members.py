"""Who follows, what they did, and what they have read: the same on each database."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from infra.clock import ManualClock
from infra.database import Database
from learners.event_log import MAX_DATA_TEXT
from learners.members import Members
from learners.origin import MAX_SCENE, origin_of
from learners.progress import Progress
from learners.tables import learners

ANNA, BERT = "oAnna", "oanna"  # openids are told apart by case


@pytest.fixture
def members(database: Database, clock: ManualClock) -> Members:
    return Members(database, clock)


@pytest.fixture
def progress(database: Database, clock: ManualClock) -> Progress:
    return Progress(database, clock)


def test_the_first_follow_is_told_from_the_later_ones(members: Members) -> None:
    assert members.followed(ANNA, scene="poster")
    members.unfollowed(ANNA)
    assert not members.followed(ANNA)
    assert members.followed(BERT)


def test_who_left_is_not_written_to_until_they_are_back(members: Members) -> None:
    members.followed(ANNA)
    members.unfollowed(ANNA)
    assert not members.is_subscribed(ANNA)
    members.followed(ANNA)
    assert members.is_subscribed(ANNA)


def test_somebody_who_was_never_seen_may_be_written_to(members: Members) -> None:
    assert members.is_subscribed("oNobody")


def test_the_first_touch_stays_and_the_later_ones_are_in_the_log(members: Members) -> None:
    members.followed(ANNA, scene="poster")
    members.scanned(ANNA, scene="fair")
    members.unfollowed(ANNA)
    members.followed(ANNA, scene="share:xiaolin")
    assert members.origin(ANNA).channel == "poster"
    touches = [(event.kind, event.data.get("channel")) for event in reversed(members.events.of(ANNA))]
    assert touches == [("follow", "poster"), ("scan", "fair"), ("unfollow", None), ("follow", "share")]


def test_a_scan_makes_an_old_follower_known_but_does_not_bring_back_who_left(members: Members) -> None:
    members.scanned(ANNA, scene="fair")
    assert members.origin(ANNA).channel == "fair" and not members.followed(ANNA)
    members.unfollowed(ANNA)
    members.scanned(ANNA, scene="fair")
    assert not members.is_subscribed(ANNA)


@pytest.mark.parametrize(
    ("scene", "channel", "referrer"),
    [
        ("poster", "poster", ""),
        ("share:xiaolin", "share", "xiaolin"),
        ("share:a:b", "share", "a:b"),
        ("7", "7", ""),
        (":xiaolin", "", "xiaolin"),
        ("", "", ""),
    ],
)
def test_a_scene_is_a_channel_and_a_referrer(scene: str, channel: str, referrer: str) -> None:
    origin = origin_of(scene)
    assert (origin.channel, origin.referrer) == (channel, referrer)


def test_of_a_closed_account_only_the_closing_is_kept(
    members: Members, progress: Progress, database: Database
) -> None:
    for openid in (ANNA, BERT):
        members.followed(openid, scene="share:xiaolin")
        members.record(openid, "ask", {"text": "想学爬虫"})
        progress.read(openid, "crawler", "start")
    members.forget(ANNA)
    assert [event.kind for event in members.events.of(ANNA)] == ["account_closed"]
    assert progress.of_course(ANNA, "crawler") == frozenset()
    assert members.origin(ANNA) == origin_of("") and not members.is_subscribed(ANNA)
    assert len(members.events.of(BERT)) == 2 and progress.of_course(BERT, "crawler") == {"start"}
    assert members.is_subscribed(BERT)
    with database.reading() as conn:
        assert len(conn.execute(select(learners)).all()) == 2


def test_an_account_that_was_never_seen_is_closed_too(members: Members) -> None:
    members.forget("oNobody")
    assert not members.is_subscribed("oNobody")


def test_a_scene_that_is_too_long_is_cut(members: Members) -> None:
    assert members.followed(ANNA, scene="x" * 1000)
    assert len(members.events.of(ANNA)[0].data["scene"]) == MAX_SCENE


def test_what_a_follower_did_is_told_newest_first(members: Members, clock: ManualClock) -> None:
    for text in ("想学爬虫", "🎉", "'; --"):
        members.record(ANNA, "ask", {"text": text, "shown": ["a"]})
        clock.advance(1)
    members.record(BERT, "ask", {"text": "别人的"})
    events = members.events.of(ANNA)
    assert [event.data["text"] for event in events] == ["'; --", "🎉", "想学爬虫"]
    assert (clock.now() - events[0].at).total_seconds() == 1


def test_events_of_a_kind_are_found_whoever_did_them(members: Members) -> None:
    members.record(ANNA, "unanswered", {"text": "书法"})
    members.record(BERT, "unanswered", {"text": "钢琴"})
    members.record(BERT, "ask", {"text": "爬虫"})
    assert [event.data["text"] for event in members.events.of_kind("unanswered")] == ["钢琴", "书法"]


def test_a_long_text_is_cut_in_the_log(members: Members) -> None:
    members.record(ANNA, "ask", {"text": "长" * 5000})
    assert len(members.events.of(ANNA)[0].data["text"]) == MAX_DATA_TEXT


def test_closing_writes_what_waits(database: Database, clock: ManualClock) -> None:
    members = Members(database, clock)
    for number in range(500):
        members.record(ANNA, "ask", {"text": str(number)})
    members.events.close()
    assert len(Members(database, clock).events.of(ANNA, limit=1000)) == 500


def test_one_event_that_cannot_be_written_does_not_stop_the_log(db: Database, clock: ManualClock) -> None:
    """Half of a surrogate pair is no text for any database."""
    members = Members(db, clock)
    members.record(ANNA, "ask", {"text": "\ud83d"})
    members.record(ANNA, "ask", {"text": "after"})
    members.events.close()
    assert "after" in [event.data["text"] for event in Members(db, clock).events.of(ANNA)]


def test_lessons_that_were_read_are_counted_once(progress: Progress) -> None:
    for slug in ("start", "work", "start"):
        progress.read(ANNA, "crawler", slug)
    assert progress.of_course(ANNA, "crawler") == {"start", "work"}
    assert progress.of_course(BERT, "crawler") == frozenset()


def test_the_course_that_was_read_last_comes_first(progress: Progress, clock: ManualClock) -> None:
    for course in ("one", "two", "three", "one"):
        progress.read(ANNA, course, "start")
        clock.advance(1)
    assert progress.latest_courses(ANNA) == ["one", "three", "two"]
    assert progress.latest_courses(ANNA, limit=2) == ["one", "three"]


def test_progress_is_told_by_course_with_the_latest_first(progress: Progress, clock: ManualClock) -> None:
    for course, slug in (("crawler", "start"), ("crawler", "work"), ("pandas", "start")):
        clock.advance(60)
        progress.read(ANNA, course, slug)
    progress.read(BERT, "git", "start")
    read = progress.by_course(ANNA)
    assert [(course, count) for course, (count, _) in read.items()] == [("pandas", 1), ("crawler", 2)]
    assert read["pandas"][1] == clock.now()


def test_events_of_a_kind_are_told_from_a_day_on(members: Members, clock: ManualClock) -> None:
    members.record(ANNA, "ask", {"text": "old"})
    clock.advance(3600)
    members.record(ANNA, "ask", {"text": "new"})
    found = members.events.of_kind("ask", since=clock.now())
    assert [event.data["text"] for event in found] == ["new"]
