"""Stores that a test may break: a Redis of its own, and a proxy before a database that all tests share."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.process import free_ports
from tests.waiting import until

STOP_S = 10.0


class OwnRedis:
    """A `redis-server` on a free port, with nothing on disk: killed, it has forgotten everything."""

    def __init__(self, folder: Path) -> None:
        self.port = free_ports()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self.start()

    def start(self) -> None:
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            ["redis-server", *words], cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        until(lambda: listens(self.port), "the test's own Redis")

    def hang(self) -> None:
        """It keeps its connections and says nothing more; the system still takes new ones for it."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(STOP_S)

    def mend(self) -> None:
        """Whatever was done to it."""
        if self._process.poll() is None:
            self.go_on()
        else:
            self.start()


@contextlib.contextmanager
def own_redis(folder: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(folder)
    try:
        yield server
    finally:
        server.kill()


class Proxy:
    """Passes bytes on to ``target`` until it is told to hang or is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.port = free_ports()
        self._open = threading.Event()
        self._open.set()
        self._lines: set[socket.socket] = set()
        self._server: socket.socket | None = None
        self.mend()

    def hang(self) -> None:
        """Nothing passes any more, in no direction; connections stay, and new ones are taken."""
        self._open.clear()

    def cut(self) -> None:
        """All connections end, and new ones are refused."""
        if self._server is not None:
            # Closing alone does not wake who accepts.
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._server = None
        for line in list(self._lines):
            _end(line)
        self._open.set()

    def mend(self) -> None:
        """Everything passes again, also what has waited."""
        self._open.set()
        if self._server is None:
            self._server = socket.create_server(("127.0.0.1", self.port), backlog=128)
            threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._lines.add(near)
        self._open.wait()
        try:
            far = socket.create_connection(self._target)
        except OSError:
            _end(near)
            return
        self._lines.add(far)
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                self._open.wait()
                other.sendall(data)
        for line in (one, other):
            self._lines.discard(line)
            _end(line)


def _end(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@contextlib.contextmanager
def proxy(host: str, port: int) -> Iterator[Proxy]:
    between = Proxy(host, port)
    try:
        yield between
    finally:
        between.cut()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
