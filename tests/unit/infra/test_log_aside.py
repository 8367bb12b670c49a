"""A stream that takes nothing for a while, or for ever."""

from __future__ import annotations

import io
import os
import threading

from infra.log_aside import Aside

PATIENCE_S = 10


class Held(io.StringIO):
    """Takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.let_go = threading.Event(), threading.Event()

    def write(self, text: str, /) -> int:
        self.reached.set()
        assert self.let_go.wait(PATIENCE_S)
        return super().write(text)


def lost(count: int) -> str:
    return f"lost {count}"


def lines_of(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def test_lines_are_written_in_their_order() -> None:
    target = io.StringIO()
    aside = Aside(target, lost)
    for number in range(1000):
        aside.write(f"{number}\n")
    assert aside.drain(PATIENCE_S)
    assert lines_of(target) == [str(number) for number in range(1000)]


def test_a_target_that_takes_nothing_holds_up_nobody_and_what_waits_is_bounded() -> None:
    target = Held()
    aside = Aside(target, lost, most_chars=1000)
    aside.write("first\n")
    assert target.reached.wait(PATIENCE_S)
    for number in range(10_000):  # would never end if one of them waited
        aside.write(f"{number:04}\n")
    assert sum(map(len, aside._waiting)) <= 1000
    assert not aside.drain(0)
    target.let_go.set()
    assert aside.drain(PATIENCE_S)
    assert lines_of(target) == ["first", *(f"{number:04}" for number in range(200)), "lost 9800"]


def test_after_a_loss_lines_are_written_again() -> None:
    target = Held()
    aside = Aside(target, lost, most_chars=5)
    aside.write("a\n")
    assert target.reached.wait(PATIENCE_S)
    for text in ("b\n", "too long\n", "c\n"):
        aside.write(text)
    target.let_go.set()
    assert aside.drain(PATIENCE_S)
    aside.write("d\n")
    assert aside.drain(PATIENCE_S)
    assert lines_of(target) == ["a", "b", "lost 2", "d"]


def test_a_target_that_has_gone_stops_nobody() -> None:
    target = io.StringIO()
    target.close()
    aside = Aside(target, lost)
    aside.write("into the void\n")
    assert aside.drain(PATIENCE_S)


def test_a_forked_process_writes_its_own_lines_and_none_of_its_parent() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as target:
        aside = Aside(target, lost)
        aside.write("parent\n")
        assert aside.drain(PATIENCE_S)
        child = os.fork()
        if not child:
            aside.write("child\n")
            os._exit(0 if aside.drain(PATIENCE_S) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with os.fdopen(reading) as written:
        assert written.read() == "parent\nchild\n"
