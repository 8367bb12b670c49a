"""Puts the preview together: a shop that is thrown away, its pages twice, the watcher, and the workbench."""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
from functools import partial
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import create_signed_value

from app import Rooms, make_front
from commands.preview import seen, shop
from commands.preview.workbench import FILES, Frames, News, workbench
from commands.serving import stop_event
from content.folder import course_folders, take_snapshot
from content.live import ids_by_folder, read_live
from content.publish import Report
from content.sketch import sketch
from content.watch import Watcher
from handlers.web.base import SESSION_COOKIE
from infra import log
from infra.errors import ConfigError
from infra.settings import Settings, cookie_secret

HOST = "127.0.0.1"  # nobody else's business, whatever config.toml says


def preview(settings: Settings, slug: str | None, port: int) -> int:
    """Serves the preview on ``port`` of this machine until Ctrl-C."""
    log.configure(json_lines=False, level=logging.WARNING)
    folder = _folder(settings, slug)
    bench, stranger, buyer = (_listen(number) for number in (port, 0, 0))
    with (
        tempfile.TemporaryDirectory(prefix="keban-preview-") as data,
        shop.open_shop(settings, Path(data), _address(stranger)) as rooms,
    ):
        asyncio.run(_serve(rooms, folder, bench, stranger, buyer))
    return 0


async def _serve(
    rooms: Rooms,
    folder: Path | None,
    bench: list[socket.socket],
    stranger: list[socket.socket],
    buyer: list[socket.socket],
) -> None:
    loop, stopped = asyncio.get_running_loop(), stop_event()
    news = News(rooms.settings.content.path)
    watcher = Watcher(
        shop.publisher(rooms, _only(folder)),
        rooms.settings.content.path,
        on_report=partial(_look_and_tell, rooms, news, loop),
    )
    watcher.start()
    first = await news.after(0, within_s=600)
    frames = Frames(_address(stranger), _address(buyer), _start(rooms, folder))
    servers = [
        _pages(rooms, stranger, _address(bench), cookie=""),
        _pages(rooms, buyer, _address(bench), cookie=_cookie(rooms)),
        HTTPServer(workbench(news, frames, _host(bench))),
    ]
    servers[2].add_sockets(bench)
    print(f"\n  预览：{_address(bench)}/\n  改文件并保存，页面自己刷新。按 Ctrl-C 停止。\n", flush=True)
    if not first:
        print("  课程还没有读完，稍等一会儿再刷新。", flush=True)
    await stopped.wait()
    for server in servers:
        server.stop()
    await loop.run_in_executor(None, watcher.stop)


def _look_and_tell(rooms: Rooms, news: News, loop: asyncio.AbstractEventLoop, report: Report) -> None:
    """On the watcher's thread: the pages show what was saved before the browser is told to look."""
    rooms.shop.shelf.look_now()
    rooms.shop.library.librarian()  # a course's page shows those alike: the first need not wait for the index
    loop.call_soon_threadsafe(news.tell, report.standing)


def _pages(rooms: Rooms, sockets: list[socket.socket], frame: str, *, cookie: str) -> HTTPServer:
    delegate = seen.Seen(
        make_front(rooms),
        cookie=cookie,
        frame=frame,
        script=(FILES / "frame.js").read_bytes(),
        host=_host(sockets),
    )
    server = HTTPServer(delegate)
    server.add_sockets(sockets)
    return server


def _cookie(rooms: Rooms) -> str:
    value = create_signed_value(cookie_secret(rooms.settings), SESSION_COOKIE, shop.BUYER)
    return f"{SESSION_COOKIE}={value.decode()}"


def _folder(settings: Settings, slug: str | None) -> Path | None:
    """The course's folder. Raises ConfigError for one that is not there."""
    root = settings.content.path
    try:
        folders = {folder.name: folder for folder in course_folders(root)}
    except OSError:
        raise ConfigError(f"content.path: no such folder: {root}") from None
    if slug is not None and slug not in folders:
        raise ConfigError(f"没有课程文件夹 {slug}", hint=f"在 {root} 里；新课先 content new {slug}")
    return folders[slug] if slug else None


def _only(folder: Path | None) -> str | None:
    """One course is read alone; a bundle needs the courses that it opens."""
    snapshot = take_snapshot(folder) if folder else None
    is_offer = snapshot is not None and sketch(snapshot) is None
    return folder.name if folder and not is_offer else None


def _start(rooms: Rooms, folder: Path | None) -> str:
    """The course's page, or the shelf while the course cannot be shown."""
    if folder is None:
        return "/courses"
    live_id = ids_by_folder(read_live(rooms.db).values()).get(folder.name, "")
    course = rooms.shop.shelf.catalogue().by_id(live_id)
    return f"/courses/{course.slug}" if course else "/courses"


def _listen(port: int) -> list[socket.socket]:
    try:
        return bind_sockets(port, HOST)
    except OSError as error:
        raise ConfigError(
            f"{HOST}:{port} cannot be opened: {error.strerror or error}",
            hint="something else listens there? give another with --port",
        ) from None


def _host(sockets: list[socket.socket]) -> str:
    return f"{HOST}:{sockets[0].getsockname()[1]}"


def _address(sockets: list[socket.socket]) -> str:
    return f"http://{_host(sockets)}"
