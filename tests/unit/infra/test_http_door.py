"""The one door out: a peer that is slow, silent or gone costs a bounded time and becomes one error."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from infra.errors import Unavailable
from infra.http import Door
from infra.metrics import REGISTRY

PATIENCE_S = 5.0


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


# A peer that talks, and how


Speech = Callable[[socket.socket], None]


@contextlib.contextmanager
def speaking(speech: Speech) -> Iterator[str]:
    """A peer that takes one call and says this."""

    def speak() -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            speech(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(PATIENCE_S)


def dripping(start: bytes) -> Speech:
    """A byte now and then: each read finds something, and there is no end to it."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        pauses = threading.Event()
        for _ in range(1000):
            pauses.wait(0.02)
            connection.sendall(b"x")

    return drip


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_a_peer_that_answers_byte_by_byte_is_given_up_in_time(start: bytes) -> None:
    before = calls("slow", "timeout")
    with speaking(dripping(start)) as url:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="slow does not answer"):
            Door("slow", read_timeout_s=0.3).get(url)
        assert time.monotonic() - started < PATIENCE_S
    assert calls("slow", "timeout") == before + 1


def test_an_answer_that_takes_its_time_is_read_whole() -> None:
    def slowly(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(4):
            connection.sendall(b"3\r\nabc\r\n")
        connection.sendall(b"0\r\n\r\n")

    with speaking(slowly) as url:
        answer = Door("patient", read_timeout_s=PATIENCE_S).get(url)
    assert (answer.status_code, answer.content, answer.text) == (200, b"abc" * 4, "abc" * 4)


def bomb(size: int) -> bytes:
    packed = gzip.compress(bytes(size))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    return head.encode() + packed


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(4_000_000),
        bomb(4_000_000),
        b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n" + bytes(4_000_000),
    ],
)
def test_an_answer_without_end_is_not_taken(data: bytes) -> None:
    with speaking(lambda connection: connection.sendall(data)) as url, pytest.raises(Unavailable):
        Door("talker", read_timeout_s=PATIENCE_S, max_body_bytes=100_000).get(url)


def test_that_an_answer_was_too_large_is_told_and_counted() -> None:
    before = calls("talker", "too_large")
    door = Door("talker", read_timeout_s=PATIENCE_S, max_body_bytes=100_000)
    with (
        speaking(lambda connection: connection.sendall(bomb(200_000))) as url,
        pytest.raises(Unavailable, match="too large"),
    ):
        door.get(url)
    assert calls("talker", "too_large") == before + 1


def test_of_an_answer_that_leads_elsewhere_no_more_is_unpacked_than_of_any_other() -> None:
    before = calls("talker", "too_large")
    door = Door("talker", read_timeout_s=PATIENCE_S, max_body_bytes=100_000)
    data = bomb(200_000).replace(b"200 OK", b"302 Found\r\nLocation: /", 1)
    with (
        speaking(lambda connection: connection.sendall(data)) as url,
        pytest.raises(Unavailable, match="too large"),
    ):
        door.get(url)
    assert calls("talker", "too_large") == before + 1
