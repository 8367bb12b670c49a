"""The real processes, killed at the worst moments: what was paid is opened, and told once."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.courses import CANARY, CRAWLER, write_courses
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town
from tests.process import Running, answers, running
from tests.waiting import until

LESSON = "/courses/crawler-one/work"


@pytest.fixture
def town(tmp_path: Path, platform_keys: dict[str, Any]) -> Iterator[Town]:
    """The platform, and settings for a service that each test starts as a process of its own."""
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses"), in_process=False) as opened:
        yield opened


def command(town: Town, *words: str) -> Any:
    return running(town.config.parent / f"{words[0]}.log", "--config", str(town.config), *words)


def await_service(town: Town, service: Running) -> Running:
    service.await_answer(f"{town.url}/healthz")
    return service


def paid_follower(town: Town) -> tuple[Follower, str]:
    anna = town.new_follower().log_in()
    order_no = anna.order_of(CRAWLER)
    assert anna.pay(order_no)["status"] == "success"
    return anna, order_no


def test_killed_between_payment_and_receipt_the_receipt_comes_once_after_the_restart(town: Town) -> None:
    with command(town, "serve") as service:
        await_service(town, service)
        anna, order_no = paid_follower(town)
        assert CANARY in anna.get(LESSON).text
        service.kill()
    assert anna.pushed(order_no) == []
    # The queue only carries nudges: with all of them lost, the receipt still stands in the database.
    (town.settings.site.data_dir / "jobs.db").unlink()
    with command(town, "serve") as service, command(town, "worker"):
        await_service(town, service)
        receipt = anna.await_push(order_no, timeout_s=20)
        assert "继续学习" in receipt
        assert CANARY in anna.get(LESSON).text
        second = anna.order_of("爬虫数据课")
        assert anna.pay(second)["status"] == "success"
        anna.await_push(second)
    assert len(anna.pushed(order_no)) == 1


def test_killed_before_the_notification_the_payment_is_taken_after_the_restart(town: Town) -> None:
    with command(town, "serve") as service:
        await_service(town, service)
        town.faults(delay_s=1)
        anna, order_no = paid_follower(town)
        service.kill()
    town.faults()
    with command(town, "serve") as service:
        await_service(town, service)
        anna.until_status(order_no, lambda state: bool(state["paid"]), ask=True)
        assert CANARY in anna.get(LESSON).text


def test_the_log_of_a_whole_story_holds_no_paid_text_no_secret_and_no_openid(town: Town) -> None:
    with command(town, "serve") as service, command(town, "worker") as worker:
        await_service(town, service)
        anna, order_no = paid_follower(town)
        anna.get(LESSON)
        anna.await_push(order_no)
        anna.say("退款")
        anna.say("退款 1")
        anna.await_push("已经原路退回")
        assert worker.interrupt() == 0
        assert service.interrupt() == 0
        lines = (service.printed + worker.printed).splitlines()
    assert {"serving", "message", "payment_settled"} <= {json.loads(line)["event"] for line in lines}
    private = [CANARY, anna.openid, *hidden(town)]
    assert [line for line in lines if any(word in line for word in private)] == []


def test_two_processes_share_one_port_and_one_conversation(town: Town) -> None:
    with command(town, "serve", "--processes", "2") as service:
        await_service(town, service)
        anna = town.new_follower()
        for _ in range(4):
            assert CRAWLER in anna.say("想学爬虫")
            assert f"《{CRAWLER}》" in anna.say("1")
        service.interrupt()
    until(lambda: service.process.poll() is not None, "the end of both")


def test_a_parent_that_is_told_to_stop_takes_its_children_along(town: Town) -> None:
    with command(town, "serve", "--processes", "2") as service:
        await_service(town, service)
        service.process.terminate()
        assert service.process.wait(20) == 0
        assert not answers(f"{town.url}/healthz"), "a child goes on without its parent"


def test_a_child_that_dies_is_replaced(town: Town) -> None:
    with command(town, "serve", "--processes", "2") as service:
        await_service(town, service)
        until(lambda: len(pids_of(service)) == 2, "both children in the log")
        for pid in pids_of(service):
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(pids_of(service)) == 4, "two children in their place")
        await_service(town, service)
        service.process.terminate()
        assert service.process.wait(20) == 0


def pids_of(service: Running) -> list[int]:
    """The children that have begun to serve."""
    return [int(pid) for pid in re.findall(r'"pid": (\d+)', service.printed)]


def hidden(town: Town) -> list[str]:
    wechat, pay = town.settings.wechat, town.settings.pay
    secrets = (wechat.app_secret, wechat.token, wechat.encoding_aes_key, pay.api_v3_key)
    return [secret.get_secret_value() for secret in secrets]
