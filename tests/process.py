"""Our commands as real processes: started, looked at, stopped or killed; none outlives its test."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import requests

from tests.waiting import until

ROOT = Path(__file__).resolve().parents[1]
START_S = 60.0
STOP_S = 20.0
PORTS = range(20_000, 32_000, 10)
_locks: list[IO[bytes]] = []


def environment(**more: str) -> dict[str, str]:
    """Ours, without settings of the developer's shell."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEBAN_")}
    return clean | {"PYTHONUNBUFFERED": "1"} | more


def run(*arguments: str, text: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """``manage.py`` with these arguments, to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(**env),
        input=text,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )


class Running:
    """A ``manage.py`` that goes on; what it prints is in ``log``."""

    def __init__(self, log: Path, *arguments: str, **env: str) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = self._start(arguments, env, out)

    def _start(
        self, arguments: tuple[str, ...], env: dict[str, str], out: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment(**env),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def await_line(self, part: str) -> None:
        until(lambda: self._alive() and part in self.printed, f"{part!r} in the output", timeout_s=START_S)

    def await_answer(self, url: str) -> None:
        until(lambda: self._alive() and answers(url), f"an answer of {url}", timeout_s=START_S)

    def interrupt(self) -> int:
        """As Ctrl-C does: the signal goes to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(STOP_S)

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self.process.kill()
        self.process.wait(STOP_S)

    def _alive(self) -> bool:
        assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.printed[-2000:]}"
        return True


@contextlib.contextmanager
def running(log: Path, *arguments: str, **env: str) -> Iterator[Running]:
    """For the block; at the end whatever is left of it and its children is killed."""
    started = Running(log, *arguments, **env)
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.process.pid, signal.SIGKILL)
        started.process.wait(STOP_S)


def answers(url: str) -> bool:
    """Whether anybody listens there; an error status is an answer too."""
    try:
        requests.get(url, timeout=5)
    except requests.RequestException:
        return False
    return True


def free_ports(count: int = 1) -> int:
    """The first of ``count`` ports in a row that nobody listens on; no other test is given them while this
    process lives.

    To look whether a port is free is not enough: before the service under test opens it, another worker may
    be given the same one, another run on this machine too, and the system may take it for an outgoing
    connection. Hence a lock file for each block of ports, and blocks below those that systems use for
    connections.
    """
    assert count <= PORTS.step
    for first in random.sample(PORTS, len(PORTS)):
        if _reserved(first) and _nobody_listens(range(first, first + count)):
            return first
    raise AssertionError("every block of ports is taken")


def _reserved(first: int) -> bool:
    folder = Path(tempfile.gettempdir()) / f"keban-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    lock = (folder / str(first)).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return False
    _locks.append(lock)  # the system lets go of it when this process ends, however it ends
    return True


def _nobody_listens(ports: range) -> bool:
    try:
        for port in ports:
            socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
