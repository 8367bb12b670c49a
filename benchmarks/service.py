"""The service and its baseline as processes of their own, each on one core."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.server import Server, family

ROOT = Path(__file__).resolve().parent.parent
START_S = 60.0
SERVER_CORE, CLIENT_CORE = 0, 1
APP_ID, TOKEN = "wx0123456789abcdef", "benchmark"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def pin(core: int, pid: int = 0) -> None:
    """Keeps a process (0: this one) on one core, where the system can do that and has it."""
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(pid, {core})


def free_port() -> int:
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of some ports in a row that nobody listens on right now."""
    while True:
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            first = stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            for port in range(first + 1, first + count):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return int(first)


@contextlib.contextmanager
def running(
    command: Sequence[str], port: int, environment: dict[str, str], *, core: int = SERVER_CORE
) -> Iterator[Server]:
    """Starts a server and waits until its port is open; kills it and its children at the end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pin(core, process.pid)
    try:
        _wait(process, port)
        yield Server(port, process.pid, time.perf_counter() - began)
    finally:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The parent first: it would replace its children."""
    for pid in family(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def keban(data: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """The command and environment of the service in safe mode on embedded stores."""
    environment = {
        "KEBAN_SITE__PORT": str(port),
        "KEBAN_SITE__BASE_URL": f"http://127.0.0.1:{port}",
        "KEBAN_SITE__DATA_DIR": str(data),
        "KEBAN_DATABASE__URL": f"sqlite:///{data / 'keban.db'}",
        "KEBAN_WECHAT__APP_ID": APP_ID,
        "KEBAN_WECHAT__APP_SECRET": "benchmark",
        "KEBAN_WECHAT__TOKEN": TOKEN,
        "KEBAN_WECHAT__ENCODING_AES_KEY": AES_KEY,
        "KEBAN_WECHAT__MODE": "safe",
        "KEBAN_LOG__FORMAT": "json",
    }
    return [sys.executable, "manage.py", "serve"], environment


def prepare(data: Path, more: Mapping[str, str] | None = None) -> None:
    """Tables and the sample catalogue, or another one: ``more`` settings as in the environment."""
    _command, environment = keban(data, 1)
    for words in (["db", "upgrade"], ["content", "publish"]):
        subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=os.environ | environment | dict(more or {}),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return
        time.sleep(0.01)
    raise RuntimeError("the server did not open its port")
