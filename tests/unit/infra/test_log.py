"""What a log line must not hold, whoever wrote it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra import log, redact

OPENID = "oKb7sX1aoL1nQ4wEr8TyU2iOp5Za"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Logging as in production, into memory; afterwards as it was."""
    root, stream = logging.getLogger(), io.StringIO()
    before = (root.handlers[:], root.level, structlog.get_config())
    log.configure(json_lines=True, stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().split("\n") if line]
    root.handlers[:], root.level = before[0], before[1]
    structlog.configure(**before[2])


@pytest.mark.parametrize(
    "name",
    ["app_secret", "access_token", "token", "Authorization", "api_v3_key", "paySign", "signature", "code"],
)
def test_a_secret_by_name_is_hidden(name: str, lines: Callable[[], list[dict[str, Any]]]) -> None:
    log.get_logger("x").info("event", **{name: "hunter2"})
    assert lines()[0][name] == "***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /sns?appid=1&secret=hunter2&code=hunter2", "GET /sns?appid=1&secret=***&code=***"),
        ("https://x/?access_token=hunter2&a=1", "https://x/?access_token=***&a=1"),
        ("postgresql://keban:hunter2@db/keban", "postgresql://keban:***@db/keban"),
        ("redis://:hunter2@127.0.0.1", "redis://:***@127.0.0.1"),
        (f"to {OPENID} now", "to oKb7sX… now"),
        (f"用户{OPENID}说", "用户oKb7sX…说"),
        (f"to {OPENID[:-1]}- now", "to oKb7sX… now"),
        ('{"access_token":"hunter2","expires_in":7200}', '{"access_token":"***","expires_in":7200}'),
        ("errcode: 40001, code: 7", "errcode: 40001, code: 7"),
        ("课程 python-crawler", "课程 python-crawler"),
    ],
)
def test_secrets_and_people_in_a_text_are_hidden(text: str, shown: str) -> None:
    assert redact.redact_text(text) == shown


def test_a_long_text_is_bounded_and_costs_little() -> None:
    assert len(redact.redact_text("x" * 1_000_000)) == redact.MAX_TEXT_CHARS


def test_people_are_shortened_and_the_rest_stays(lines: Callable[[], list[dict[str, Any]]]) -> None:
    log.get_logger("x").info("order", openid=OPENID, order_no="2601", fen=9900)
    line = lines()[0]
    assert (line["openid"], line["order_no"], line["fen"]) == ("oKb7sX…", "2601", 9900)


def test_what_is_nested_is_looked_into(lines: Callable[[], list[dict[str, Any]]]) -> None:
    log.get_logger("x").info("event", payload={"to": OPENID, "url": "https://x?secret=hunter2"})
    assert OPENID not in str(lines()) and "hunter2" not in str(lines())


def test_a_traceback_is_redacted_too(lines: Callable[[], list[dict[str, Any]]]) -> None:
    try:
        raise ValueError(f"https://x?access_token=hunter2 for {OPENID}")
    except ValueError:
        log.get_logger("x").exception("broke")
    assert "ValueError" in lines()[0]["exception"]
    assert OPENID not in str(lines()) and "hunter2" not in str(lines())


def test_lines_of_libraries_are_redacted_too(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logging.getLogger("some.library").warning("calling https://x?secret=%s", "hunter2")
    assert "hunter2" not in str(lines()) and lines()[0]["level"] == "warning"


class Full(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("closed", [False, True])
def test_a_log_that_cannot_be_written_stops_nobody(
    lines: Callable[[], list[dict[str, Any]]], closed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = Full()
    if closed:
        stream.close()
    log.configure(json_lines=True, stream=stream, final=False)
    log.get_logger("x").info("message")
    log.get_logger("x").error("broke", exc_info=ValueError("1"))
    logging.getLogger("some.library").warning("broke")
    assert lines() == []


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["type", "openid", "ms", "token", "trace"]),
            st.text(max_size=40)
            | st.sampled_from([OPENID, f"a {OPENID}", "x=1&secret=y", ""])
            | st.integers(),
        ),
        max_size=4,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_lines_written_together_are_those_written_alone(
    lines: Callable[[], list[dict[str, Any]]], rows: list[dict[str, Any]]
) -> None:
    before = len(lines())
    for row in rows:
        log.get_logger("x").info("event", **row)
    log.write_together("x", "event", rows)
    written = [{**line, "timestamp": ""} for line in lines()[before:]]
    assert written[: len(rows)] == written[len(rows) :]
    assert len(written) == 2 * len(rows)


def test_lines_written_together_are_seen_by_who_listens_and_kept_back_by_the_level(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    with structlog.testing.capture_logs() as heard:
        log.write_together("x", "event", [{"ms": 1}])
    assert [line["event"] for line in heard] == ["event"]
    stream = io.StringIO()
    log.configure(json_lines=True, stream=stream, level=logging.WARNING)
    log.write_together("x", "event", [{"ms": 1}])
    assert not stream.getvalue()
    assert not lines()
