"""A line that strangers can cause: a few a minute, and none is forgotten."""

from __future__ import annotations

from typing import Any

from infra.thinned import Thinned


class Lines:
    def __init__(self) -> None:
        self.written: list[tuple[str, dict[str, Any]]] = []

    def warning(self, event: str, **values: Any) -> None:
        self.written.append((event, values))


def test_a_few_a_minute_are_written_and_the_next_tells_how_many_were_not() -> None:
    lines, now_s = Lines(), [100.0]
    thinned = Thinned(lines, a_minute=3, now_s=lambda: now_s[0])  # type: ignore[arg-type]
    for _ in range(8):
        thinned.warning("forged", cause="serial")
    assert lines.written == [("forged", {"cause": "serial"})] * 3
    now_s[0] += 60
    thinned.warning("forged", cause="stale")
    thinned.warning("forged", cause="stale")
    assert lines.written[3:] == [
        ("forged", {"cause": "stale", "left_out": 5}),
        ("forged", {"cause": "stale"}),
    ]
