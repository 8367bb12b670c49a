"""The one door out: a peer that is slow, silent or gone costs a bounded time and becomes one error."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from infra.errors import Unavailable
from infra.http import Door
from infra.metrics import REGISTRY


@pytest.fixture
def silent() -> Iterator[str]:
    """A peer that takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def calls(peer: str, result: str) -> float:
    return REGISTRY.get_sample_value("keban_outgoing_calls_total", {"peer": peer, "result": result}) or 0.0


def test_a_silent_peer_is_given_up_in_time(silent: str) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable, match="mute does not answer") as caught:
        Door("mute", read_timeout_s=0.2).get(silent)
    assert time.monotonic() - started < 3
    assert caught.value.retryable


def test_nobody_there_is_the_same_error() -> None:
    with pytest.raises(Unavailable):
        Door("nobody").get("http://127.0.0.1:1/")


def test_each_call_is_counted_by_peer_and_result() -> None:
    before = calls("counted", "unreachable")
    with pytest.raises(Unavailable):
        Door("counted").get("http://127.0.0.1:1/")
    assert calls("counted", "unreachable") == before + 1


def test_proxies_of_the_environment_are_not_used(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the proxy it would hang on the silent peer; without, it is refused at once."""
    monkeypatch.setenv("http_proxy", silent)
    monkeypatch.setenv("HTTP_PROXY", silent)
    with pytest.raises(Unavailable) as caught:
        Door("direct", read_timeout_s=5).get("http://127.0.0.1:1/")
    assert caught.value.hint == "ConnectionError"


def test_the_error_holds_no_address_with_secrets() -> None:
    with pytest.raises(Unavailable) as caught:
        Door("secret").get("http://127.0.0.1:1/?secret=hunter2")
    assert "hunter2" not in str(caught.value)
