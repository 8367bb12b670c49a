"""The composition: one Tornado application, and two ways to run it.

``serve(config)`` runs until it is told to stop; ``start(config)`` runs in a thread of its own, for tests::

    with running_sandbox(config) as sandbox:
        sandbox.service_url = "http://127.0.0.1:54321"
        requests.post(sandbox.url + "/api/messages", json={"openid": "oA…", "content": "你好"})
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, format_timestamp
from tornado.netutil import bind_sockets
from tornado.web import Application, OutputTransform, RequestHandler

from sandbox import account_api, h5_page, jssdk, pay_api, phone, scan_api, script_api, service_api
from sandbox.clock import Clock, system_clock
from sandbox.config import Config
from sandbox.world import World

BODY_BYTES_MAX = 12 * 1024 * 1024
"""A picture may have 10 MB, and some more around it."""
START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 10.0


def make_application(world: World) -> Application:
    """Every address of the sandbox, in the order in which they are tried."""
    api = [
        *account_api.ROUTES,
        *service_api.ROUTES,
        *pay_api.ROUTES,
        *scan_api.ROUTES,
        *jssdk.ROUTES,
        *script_api.ROUTES,
        (h5_page.H5_PATH, h5_page.H5Page),
    ]
    routes: list[Any] = [(pattern, handler, {"world": world}) for pattern, handler in api]
    return Application(
        [*routes, *phone.routes(world)],
        template_path=str(phone.TEMPLATES),
        transforms=[_dated_by(world)],
        log_function=_log_request,
    )


def _dated_by(world: World) -> type[OutputTransform]:
    """The Date of every answer, which is wrong by what the faults say."""

    class Dated(OutputTransform):
        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
        ) -> tuple[int, HTTPHeaders, bytes]:
            off_s = world.faults.seconds("clock_off_s")
            if off_s:
                headers["Date"] = format_timestamp(world.clock() - off_s)
            return status_code, headers, chunk

    return Dated


def _log_request(handler: RequestHandler) -> None:
    """One line at debug level: a demo's terminal stays readable."""
    request = handler.request
    logging.getLogger("sandbox.http").debug(
        "%s %s %d %.1f ms", request.method, request.path, handler.get_status(), request.request_time() * 1000
    )


async def _open(config: Config, clock: Clock) -> tuple[World, HTTPServer, int]:
    """Bind first: a busy port must not touch the stored state. Raises OSError, ConfigProblem."""
    sockets = bind_sockets(config.port, config.host)
    world = World(config, clock)
    server = HTTPServer(
        make_application(world), max_body_size=BODY_BYTES_MAX, max_buffer_size=2 * BODY_BYTES_MAX
    )
    server.add_sockets(sockets)
    world.resume()
    return world, server, int(sockets[0].getsockname()[1])


async def _close(world: World, server: HTTPServer) -> None:
    server.stop()
    await server.close_all_connections()
    await world.close()


async def serve(config: Config, ready: Callable[[str], None], *, with_parent: bool = False) -> None:
    """Run until SIGINT or SIGTERM; ``ready`` gets the address once it is open. Raises as ``_open``.

    ``with_parent``: standard input is a pipe that the parent holds; its end, however it came, is ours."""
    world, server, port = await _open(config, system_clock)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    if with_parent:
        threading.Thread(target=_await_end_of_input, args=(loop, stopped), daemon=True).start()
    ready(f"http://{config.host}:{port}")
    await stopped.wait()
    await _close(world, server)


def _await_end_of_input(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    # Bare reads: a thread inside of sys.stdin would hold its lock when the interpreter ends.
    descriptor = sys.stdin.fileno()
    while os.read(descriptor, 1024):
        pass
    with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: there is nothing left to stop
        loop.call_soon_threadsafe(stopped.set)


async def _end_tasks() -> None:
    """Requests that are still being answered end with the loop."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


class Running:
    """A sandbox in a thread of its own."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._opened = threading.Event()
        self._problem: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self.url = ""
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()
        if not self._opened.wait(START_TIMEOUT_S):
            raise TimeoutError("the sandbox did not start")
        if self._problem is not None:
            raise self._problem

    @property
    def config(self) -> Config:
        return self._config

    @property
    def service_url(self) -> str:
        return self._config.service_url

    @service_url.setter
    def service_url(self, url: str) -> None:
        self._config.service_url = url.rstrip("/")

    def stop(self) -> None:
        """End it; what it kept in ``state_dir`` stays. Calling twice is fine."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.run_until_complete(_end_tasks())
            self._loop.close()

    async def _serve(self) -> None:
        try:
            world, server, port = await _open(self._config, self._clock)
        except BaseException as error:  # handed to the thread that called start, which raises it
            self._problem = error
            self._opened.set()
            return
        self.url = f"http://{self._config.host}:{port}"
        self._opened.set()
        await self._stopping.wait()
        await _close(world, server)


def start(config: Config, clock: Clock = system_clock) -> Running:
    """Start in a thread; ``port=0`` takes a free one. Raises OSError for a busy port, ConfigProblem."""
    return Running(replace(config), clock)


@contextlib.contextmanager
def running_sandbox(config: Config, clock: Clock = system_clock) -> Iterator[Running]:
    """``start`` and, at the end, ``stop``."""
    running = start(config, clock)
    try:
        yield running
    finally:
        running.stop()
