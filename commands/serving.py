"""``serve`` and ``worker``: the processes that run in production."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from tornado.netutil import bind_sockets

from app import MAX_BODY_BYTES, Rooms, make_front, open_rooms, require_menus
from bot.edge import Answerer
from commands.processes import fork_children
from content.watch import Tell, Watcher
from content.watch_home import WATCHING_LOCK, WatchHome
from infra import log as logging_room
from infra.collector import building, live_long
from infra.database import Database
from infra.errors import ConfigError, KebanError
from infra.figures import name_process, tell_at
from infra.files import hold_file, make_folder
from infra.log import get_logger
from infra.migrate import is_behind
from infra.queue import open_consumer, start_consumer
from infra.server import BoundedServer, connections_within, raise_file_limit
from infra.settings import Settings, require_for_serving
from payments.verification import flush

log = get_logger("serve")

DRAIN_S = 5.0
FAILURES_S = 60.0
M_ARENA_MAX = -8  # of glibc's malloc.h
SWITCH_S = 0.0005  # a tenth of Python's own
IDLE_TIMEOUT_S = 75
MAX_HEADER_BYTES = 16 * 1024


def set_up_logging(settings: Settings) -> None:
    logging_room.configure(json_lines=settings.log.format == "json", level=logging.INFO, aside=True)


def serve(settings: Settings, *, processes: int = 1) -> int:
    """The service alone. Blocks until SIGINT or SIGTERM."""
    require_for_serving(settings)
    require_menus(settings)
    set_up_logging(settings)
    _share_memory()
    # A thread that writes what has gathered must not hold up an answer: who waits is let in after this long.
    sys.setswitchinterval(SWITCH_S)
    sockets = listen(settings)
    if processes > 1:
        _fork(settings, processes)
    asyncio.run(run_service(settings, sockets, watch=settings.content.watch, alone=processes == 1))
    return 0


def _share_memory() -> None:
    """Two places from which threads take their memory, where the system would give each its own."""
    with contextlib.suppress(OSError, AttributeError):  # another system's library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def _fork(settings: Settings, processes: int) -> None:
    """Only what can be opened here is worth a child. All is closed again: no child shares a connection."""
    rooms = open_rooms(settings)
    try:
        require_migrated(rooms.db)
        make_front(rooms)
    finally:
        rooms.close()
    name_process(fork_children(processes))


def worker(settings: Settings, *, port: int | None = None) -> int:
    """Background jobs alone: any number of these may run, on any machine. With a ``port`` it tells there what
    it counts.
    """
    require_for_serving(settings)
    set_up_logging(settings)
    if port is not None:
        tell_at(settings.site.host, port)
    rooms = open_rooms(settings)
    try:
        require_migrated(rooms.db)
        rooms.store.ping()
        log.info("worker_ready")
        open_consumer(rooms.queue).run()
    finally:
        rooms.close()
    return 0


def listen(settings: Settings) -> list[socket.socket]:
    """Raises ConfigError for an address that cannot be opened."""
    site = settings.site
    try:
        return bind_sockets(site.port, site.host, reuse_port=False)
    except OSError as error:
        raise ConfigError(
            f"site.port: {site.host}:{site.port} cannot be opened: {error.strerror or error}",
            hint="something else listens there? give another with --port",
        ) from None


async def run_service(
    settings: Settings,
    sockets: list[socket.socket],
    *,
    watch: bool = False,
    consume: bool = False,
    alone: bool = True,
    tell: Tell | None = None,
    ready: Callable[[Rooms], None] | None = None,
) -> None:
    """Serves until a signal. See `serving`; ``ready`` is called once all is open."""
    live_long()
    async with serving(settings, sockets, watch=watch, consume=consume, alone=alone, tell=tell) as rooms:
        stopped = stop_event()
        if ready is not None:
            # It calls our own service over HTTP, so it must not hold the loop.
            await asyncio.get_running_loop().run_in_executor(None, ready, rooms)
        await stopped.wait()


@contextlib.asynccontextmanager
async def serving(
    settings: Settings,
    sockets: list[socket.socket],
    *,
    watch: bool = False,
    consume: bool = False,
    alone: bool = True,
    tell: Tell | None = None,
) -> AsyncIterator[Rooms]:
    """The whole service for as long as the block runs. Raises ConfigError for what it cannot start with.

    With ``consume`` the worker's jobs run in this process too, with ``watch`` saving a course publishes it.
    ``alone``: this process needs to tell no other one, on embedded stores, what followers say. ``tell``: who
    hears what is wrong in a saved file, instead of the log.
    """
    require_menus(settings)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_embedded_stores(settings, alone=alone))
        with building():
            rooms = open_rooms(settings, alone=alone)
            stack.callback(rooms.close)
            require_migrated(rooms.db)
            rooms.shop.library.librarian()
            server = _server(rooms)
        if consume:
            stack.enter_context(_consuming(rooms.queue))
        if watch:
            stack.enter_context(_watching(rooms, tell))
        counting = asyncio.create_task(_write_down_failures(rooms))
        server.add_sockets(sockets)
        log.info("serving", address=settings.site.base_url, port=settings.site.port, pid=os.getpid())
        try:
            yield rooms
        finally:
            counting.cancel()
            await _drain(server, rooms.answerer)


@contextlib.contextmanager
def _embedded_stores(settings: Settings, *, alone: bool) -> Iterator[None]:
    """Two services that do not know of each other must not share them: a message would be answered twice."""
    if settings.redis.url:
        yield
        return
    folder = make_folder(settings.site.data_dir, "site.data_dir")
    with hold_file(folder / "serving.lock", alone=alone) as held:
        if not held:
            raise ConfigError(
                f"site.data_dir: another service is running on {folder}",
                hint="for several processes: serve --processes N; for several services: redis.url",
            )
        yield


async def _write_down_failures(rooms: Rooms) -> None:
    """Once a minute, and off the loop: each process tells of the signatures that failed at its own door."""
    while True:
        await asyncio.sleep(FAILURES_S)
        try:
            await asyncio.get_running_loop().run_in_executor(None, flush, rooms.shop.till.desk)
        except KebanError as error:
            log.warning("failures_not_written_down", cause=str(error))


def _server(rooms: Rooms) -> BoundedServer:
    front = make_front(rooms)
    return BoundedServer(
        front,
        direct=front,
        max_connections=connections_within(raise_file_limit()),
        max_header_size=MAX_HEADER_BYTES,
        max_body_size=MAX_BODY_BYTES,
        max_buffer_size=4 * MAX_BODY_BYTES,
        idle_connection_timeout=IDLE_TIMEOUT_S,
        idle_s=IDLE_TIMEOUT_S,
    )


def stop_event() -> asyncio.Event:
    """Set by SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    return stopped


def require_migrated(db: Database) -> None:
    """Raises ConfigError for tables that are not there, or not those of this version."""
    if is_behind(db):
        raise ConfigError(
            "database.url: the tables are not those of this version", hint="run: python manage.py db upgrade"
        )


async def _drain(server: BoundedServer, answerer: Answerer) -> None:
    """What has begun may end, for a while, also where its wire has been given up; nothing new is taken."""
    server.stop()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            await server.close_all_connections()
            await answerer.drained()


@contextlib.contextmanager
def _consuming(queue: Any) -> Iterator[None]:
    consumer = start_consumer(queue)
    try:
        yield
    finally:
        consumer.stop(graceful=False)


@contextlib.contextmanager
def _watching(rooms: Rooms, tell: Tell | None) -> Iterator[None]:
    """Of the processes with this data_dir one watches; when it ends, another goes on. So of the machines."""
    settings = rooms.settings
    home = WatchHome(rooms.db, rooms.clock, settings.content.path, settings.site.data_dir / WATCHING_LOCK)
    watcher = Watcher(
        rooms.publisher,
        settings.content.path,
        on_report=lambda _report: rooms.shop.shelf.look_now(),
        turn=home.turn,
        still=home.still,
        tell=tell,
    )
    watcher.start()
    try:
        yield
    finally:
        watcher.stop()
