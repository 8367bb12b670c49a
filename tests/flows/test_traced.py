"""One thing that happened can be followed through the logs of all processes by its trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.flows.courses import CRAWLER, write_courses
from tests.flows.town import Town, open_town
from tests.process import Running, free_ports, running
from tests.waiting import until


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    """The platform, and settings for real processes."""
    folder = tmp_path_factory.mktemp("town")
    with open_town(folder, platform_keys, write_courses(folder / "courses"), in_process=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def worker_port() -> int:
    return free_ports()


@pytest.fixture(scope="module")
def processes(town: Town, worker_port: int) -> Iterator[list[Running]]:
    """The service and the worker."""
    words, folder = ("--config", str(town.config)), town.config.parent
    with (
        running(folder / "serve.log", *words, "serve") as service,
        running(folder / "worker.log", *words, "worker", "--port", str(worker_port)) as worker,
    ):
        service.await_answer(f"{town.url}/healthz")
        worker.await_line("worker_ready")
        yield [service, worker]


def lines_of(process: Running) -> list[dict[str, Any]]:
    return [json.loads(line) for line in process.printed.splitlines() if line.startswith("{")]


def test_a_receipt_is_sent_under_the_trace_of_its_notification(town: Town, processes: list[Running]) -> None:
    service, worker = processes
    anna = town.new_follower().log_in()
    order_no = anna.order_of(CRAWLER)
    anna.pay(order_no)
    anna.await_push(order_no)
    settled = until(
        lambda: [line for line in lines_of(service) if line["event"] == "payment_settled"], "the payment"
    )
    traces = {line["trace"] for line in settled}
    assert len(traces) == 1, "one notification, however often it is delivered"

    def sent() -> list[dict[str, Any]]:
        calls = [line for line in lines_of(worker) if line["event"] == "called" and "trace" in line]
        return [line for line in calls if line["url"].endswith("/message/custom/send")]

    assert {line["trace"] for line in until(sent, "the receipt in the worker's log")} == traces


def test_what_the_worker_counts_is_told_at_its_own_port(
    town: Town, processes: list[Running], worker_port: int
) -> None:
    assert processes
    anna = town.new_follower().log_in()
    order_no = anna.order_of(CRAWLER)
    anna.pay(order_no)
    anna.await_push(order_no)

    def figures() -> str:
        return requests.get(f"http://127.0.0.1:{worker_port}/metrics", timeout=10).text

    until(lambda: 'keban_outbox_total{result="done",topic="receipt"}' in figures(), "the receipt's figure")
    assert 'keban_outgoing_calls_total{peer="wechat",result="200"}' in figures()
    assert anna.openid not in figures()
