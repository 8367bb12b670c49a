"""Following and scanning by a code: where somebody came from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town


def touches(town: Town, follower: Follower) -> list[dict[str, Any]]:
    events = town.rooms.shop.members.events.of(follower.openid)
    return [event.data for event in reversed(events) if event.kind in ("follow", "scan")]


def test_who_follows_by_a_code_is_attributed_to_its_channel_and_referrer(town: Town) -> None:
    anna = town.follower()
    anna.follow(scene="share:xiaolin")
    assert touches(town, anna) == [{"scene": "share:xiaolin", "channel": "share", "referrer": "xiaolin"}]
    assert town.rooms.shop.members.origin(anna.openid).referrer == "xiaolin"


def test_the_first_touch_stays_whatever_is_scanned_later(town: Town) -> None:
    anna = town.follower()
    anna.follow(scene="poster")
    anna.send(type="scan", scene="fair")
    anna.unfollow()
    anna.follow(scene="share:xiaolin")
    assert [touch["channel"] for touch in touches(town, anna)] == ["poster", "fair", "share"]
    assert town.rooms.shop.members.origin(anna.openid).channel == "poster"


def test_a_follower_who_scans_is_greeted_by_what_they_own(town: Town, anna: Follower) -> None:
    greeting = anna.send(type="scan", scene="fair")["reply"]["content"]
    assert "欢迎" in greeting and CRAWLER not in greeting
    anna.buy(CRAWLER)
    assert CRAWLER in anna.send(type="scan", scene="fair")["reply"]["content"]


@pytest.mark.parametrize("scene", ["7", "x" * 64, "🎉:é", "]]>", ":", " a : b "])
def test_any_scene_is_a_scene(town: Town, scene: str) -> None:
    anna = town.follower()
    assert anna.follow(scene=scene)
    assert touches(town, anna)[0]["scene"] == scene.strip()
