"""Real processes that share their stores, and the same signed requests delivered to all of them at once.

WeChat repeats what it got no answer to, and a repeat may come while the first is still worked on, to another
process, to another machine: one effect, one answer.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import func, select

from bot.wire import WireRequest
from infra.database import Database
from infra.stores import open_database
from learners.tables import events
from payments.tables import orders
from tests.conftest import POSTGRES_URL, need, own_database, server_answers
from tests.flows.courses import CRAWLER, write_courses
from tests.flows.town import Town, new_openid, open_town
from tests.flows.wire import Told, Wire, wire_to
from tests.process import Running, free_ports, running

FOLLOWERS = 12
TIMES = 4  # WeChat delivers three times; one is delivered by somebody who replays it
AT_ONCE = 16
PATIENCE_S = 20
# A store that is silent for a second makes the service say that it cannot know whether a message is a repeat
# (`test_outage`): another text than that of the other deliveries. Here the machine may be that busy.
PATIENT = "?socket_timeout=4&socket_connect_timeout=4"
ORDER = re.compile(r"/pay/([0-9A-Za-z]{6,32})")
_MESSAGES = re.compile(r'^keban_messages_total\{outcome="(\w+)",type="\w+"\} (\S+)$', re.MULTILINE)


@dataclass
class Shop:
    """Several processes; ``urls`` are the addresses at which they take messages."""

    town: Town
    wire: Wire
    urls: list[str]
    processes: list[Running]

    def deliver_all(self, sent: list[WireRequest]) -> dict[str, set[str]]:
        """Each of them several times at once, all mixed; for each the different answers that had a text."""
        deliveries = [(request, self.urls[at % len(self.urls)]) for request in sent for at in range(TIMES)]
        random.shuffle(deliveries)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = list(pool.map(lambda one: self.wire.deliver(*one), deliveries))
        assert {one.status for one in told} == {200}
        assert max(one.seconds for one in told) < 5
        return answers_of(deliveries, told)

    def outcomes(self) -> Counter[str]:
        """How many messages ended how, in all processes."""
        counted: Counter[str] = Counter()
        for url in self.urls:
            figures = requests.get(f"{url}/metrics", timeout=10).text
            for outcome, count in _MESSAGES.findall(figures):
                counted[outcome] += int(float(count))
        return counted

    def stop(self) -> None:
        """What waits to be written is written."""
        for process in self.processes:
            process.process.terminate()
        for process in self.processes:
            assert process.process.wait(20) == 0


def answers_of(deliveries: list[tuple[WireRequest, str]], told: list[Told]) -> dict[str, set[str]]:
    said: dict[str, set[str]] = {str(request.body): set() for request, _ in deliveries}
    for (request, _), one in zip(deliveries, told, strict=True):
        if one.said:
            said[str(request.body)].add(one.said)
    return said


@pytest.fixture
def town(
    request: pytest.FixtureRequest, tmp_path: Path, platform_keys: dict[str, Any], redis_url: str
) -> Iterator[Town]:
    with ExitStack() as stack:
        database_url = ""
        if request.param == "postgresql":
            need("postgresql", server_answers(POSTGRES_URL))
            database_url = stack.enter_context(own_database(POSTGRES_URL))
        yield stack.enter_context(
            open_town(
                tmp_path,
                platform_keys,
                write_courses(tmp_path / "courses"),
                database_url=database_url,
                redis_url=redis_url + PATIENT,
                in_process=False,
            )
        )


def one_effect_each(shop: Shop) -> None:
    """The story of some followers, every word of it delivered several times."""
    before = shop.outcomes()
    openids = [new_openid() for _ in range(FOLLOWERS)]
    wechat = shop.wire.wechat
    follows = [wechat.event("subscribe", openid=openid, EventKey="") for openid in openids]
    greeted = shop.deliver_all(follows)
    asks = [wechat.text("想学爬虫", openid=openid) for openid in openids]
    helps = [wechat.text("帮助", openid=openid) for openid in openids]
    answered = shop.deliver_all([*asks, *helps])
    bought = shop.deliver_all([wechat.text("买 1", openid=openid) for openid in openids])

    for one in (greeted, answered, bought):
        assert [texts for texts in one.values() if len(texts) != 1] == [], (
            "the deliveries of one message, one answer"
        )
    assert all(CRAWLER in answered[str(ask.body)].pop() for ask in asks)
    numbers = [ORDER.search(texts.pop()) for texts in bought.values()]
    assert len({number[1] for number in numbers if number}) == FOLLOWERS

    sent = len(follows) + len(asks) + len(helps) + len(bought)
    outcomes = shop.outcomes() - before
    assert outcomes.pop("answered") == sent
    assert outcomes.pop("repeated") + outcomes.pop("waited", 0) == sent * (TIMES - 1)
    assert not outcomes, "nothing failed, nothing was shed or late"

    shop.stop()
    database = open_database(shop.town.settings)
    for openid in openids:
        assert kinds_of(database, openid) == {"follow": 1, "ask": 1, "order": 1}
    with database.reading() as conn:
        assert conn.scalar(select(func.count()).select_from(orders)) == FOLLOWERS
    database.close()


def kinds_of(database: Database, openid: str) -> dict[str, int]:
    """How often the event log has noted what of a follower."""
    query = select(events.c.kind, func.count()).where(events.c.openid == openid).group_by(events.c.kind)
    with database.reading() as conn:
        return {str(row[0]): int(row[1]) for row in conn.execute(query)}


@pytest.mark.redis
@pytest.mark.parametrize(
    "town", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_two_processes_on_one_port_have_one_effect_each(town: Town) -> None:
    words = ("--config", str(town.config), "serve", "--processes", "2")
    with running(town.config.parent / "serve.log", *words) as service:
        service.await_answer(f"{town.url}/healthz")
        shop = Shop(town, wire_to(town.settings), [town.url], [service])
        await_both_at_work(shop)
        one_effect_each(shop)


@pytest.mark.redis
@pytest.mark.parametrize("town", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_two_services_on_two_ports_have_one_effect_each(town: Town) -> None:
    port, folder = free_ports(), town.config.parent
    words = ("--config", str(town.config), "serve")
    with (
        running(folder / "one.log", *words) as one,
        running(folder / "two.log", *words, "--port", str(port)) as two,
    ):
        urls = [town.url, f"http://127.0.0.1:{port}"]
        for service, url in zip((one, two), urls, strict=True):
            service.await_answer(f"{url}/healthz")
        one_effect_each(Shop(town, wire_to(town.settings), urls, [one, two]))


def await_both_at_work(shop: Shop) -> None:
    """Whichever process is quicker takes a caller, so it may take some until each of them has had one."""
    folder = shop.town.settings.site.data_dir / f"figures-{shop.town.settings.site.port}"
    deadline = time.monotonic() + PATIENCE_S
    while not all(counted_in(folder / f"counter_{number}.db") for number in range(2)):
        assert time.monotonic() < deadline, "only one of the processes answers"
        greetings = [shop.wire.wechat.text("你好", openid=new_openid()) for _ in range(AT_ONCE)]
        shop.deliver_all(greetings)


def counted_in(file: Path) -> float:
    """The messages that one process has counted; none before it has begun."""
    if not file.exists():
        return 0.0
    merged = MultiProcessCollector.merge([str(file)])  # type: ignore[no-untyped-call]
    return sum(
        float(sample.value)
        for metric in merged
        for sample in metric.samples
        if sample.name == "keban_messages_total"
    )
