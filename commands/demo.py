"""``demo``: a fresh machine to a running product. The service here, the pretend platform beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import selectors
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from pydantic import SecretStr

from app import Rooms, require_menus
from commands.platform import menu_difference, push_menus
from commands.serving import listen, run_service, set_up_logging
from commands.telling import tell
from infra.clock import SystemClock
from infra.database import Database
from infra.errors import ConfigError, KebanError
from infra.migrate import upgrade
from infra.settings import Settings
from nlp import is_known_concept

PLATFORM_START_S = 20.0
PLATFORM_STOP_S = 5.0
DATABASE_FILE = "keban.db"
_ROOT = Path(__file__).resolve().parent.parent


def demo(settings: Settings, *, port: int, data: Path) -> int:
    """Makes keys, tables and the shelf, starts both servers and prints the address to open."""
    settings = _settings(settings, port, data.resolve(), _platform_values(settings, port, data.resolve()))
    require_menus(settings)
    set_up_logging(settings)
    sockets = listen(settings)
    _prepare(settings)
    with _platform(data.resolve(), settings.wechat.api_base):
        asyncio.run(
            run_service(
                settings,
                sockets,
                watch=True,
                consume=True,
                tell=partial(tell, root=settings.content.path),
                ready=_announce,
            )
        )
    print(f"\n  课伴停下了。聊天、订单和学习进度都留在 {data}，下次启动接着用。", flush=True)
    return 0


def _platform_values(settings: Settings, port: int, data: Path) -> dict[str, Any]:
    """The account and the merchant that the pretend platform knows; made once, kept under ``data``."""
    command = [sys.executable, "-m", "sandbox", "keys", str(data / "sandbox"), "--port", str(port + 1)]
    command += ["--service-url", _service_url(settings, port), "--mode", settings.wechat.mode]
    made = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=60, check=False)
    if made.returncode:
        raise ConfigError(f"{data}: the demo's keys could not be made: {made.stderr.strip()[:300]}")
    values: dict[str, Any] = json.loads((data / "sandbox" / "sandbox.json").read_text(encoding="utf-8"))
    return values


def _settings(settings: Settings, port: int, data: Path, platform: dict[str, Any]) -> Settings:
    """The settings with the platform's values in place of WeChat's; a database server that was chosen stays.

    Copied, not made anew: a production secret in the shell's environment has no say here.
    """
    base = f"http://{platform.get('host', '127.0.0.1')}:{port + 1}"
    site = {"port": port, "base_url": _service_url(settings, port), "data_dir": data}
    wechat = {
        "app_id": platform["app_id"],
        "app_secret": SecretStr(platform["app_secret"]),
        "token": SecretStr(platform["token"]),
        "encoding_aes_key": SecretStr(platform["encoding_aes_key"]),
        "mode": platform["mode"],
        "api_base": base,
        "open_base": base,
    }
    pay = {
        "mch_id": platform["mch_id"],
        "serial_no": platform["merchant_serial_no"],
        "private_key": platform["merchant_private_key"],
        "api_v3_key": SecretStr(platform["api_v3_key"]),
        "public_key_id": platform["platform_public_key_id"],
        "public_key": platform["platform_public_key"],
        "platform_certificates": (),
        "next_serial_no": "",
        "next_private_key": "",
        "next_api_v3_key": SecretStr(""),
        "api_base": base,
    }
    database = settings.database
    if database.url.startswith("sqlite:"):
        # An embedded database goes where all state of the demo goes.
        database = database.model_copy(update={"url": f"sqlite:///{data / DATABASE_FILE}"})
    return settings.model_copy(
        update={
            "site": settings.site.model_copy(update=site),
            "wechat": settings.wechat.model_copy(update=wechat),
            "pay": settings.pay.model_copy(update=pay),
            "database": database,
        }
    )


def _service_url(settings: Settings, port: int) -> str:
    return f"http://{settings.site.host}:{port}"


def _prepare(settings: Settings) -> None:
    """Tables and courses, before anything listens."""
    from content.publish import Publisher

    db = Database(settings.database.url)
    try:
        upgrade(db)
        # What is wrong is told by the watcher, which looks at all of it once more.
        Publisher(db, SystemClock(), is_known=is_known_concept, zone=settings.zone).publish(
            settings.content.path
        )
    finally:
        db.close()


@contextlib.contextmanager
def _platform(data: Path, address: str) -> Iterator[None]:
    """The pretend platform, in a process of its own, for as long as the block runs.

    It ends when its standard input does, so not even a SIGKILL of this process leaves it behind.
    """
    command = [sys.executable, "-m", "sandbox", "--with-parent"]
    command += ["--config", str(data / "sandbox" / "sandbox.json")]
    process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:
        try:
            _wait_until_open(process, address)
            yield
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PLATFORM_STOP_S)
    process.kill()


def _wait_until_open(process: subprocess.Popen[bytes], address: str) -> None:
    """Our own child says that it is open. Whether anything answers at the address would prove nothing: that
    may be another program, or the platform of another demo, which has other secrets."""
    stdout = cast(IO[bytes], process.stdout)
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        said = stdout.readline() if selector.select(PLATFORM_START_S) else b""
    if said.decode(errors="replace").strip() != f"sandbox: {address}":
        place = address.partition("://")[2]
        raise ConfigError(
            f"the pretend platform did not open {place}",
            hint="it needs the port after the service's; something else listens there? give another --port",
        )


def _announce(rooms: Rooms) -> None:
    """The menu as an operator would push it, then the address to open."""
    try:
        push_menus(rooms.settings, rooms.api, menu_difference(rooms.settings, rooms.api))
    except KebanError as error:
        print(f"menu: {error}", file=sys.stderr)
    courses = len(rooms.shop.shelf.catalogue().courses)
    print(
        f"\n  课伴已经启动，书架上有 {courses} 门课。\n"
        f"\n  用浏览器打开：  {rooms.settings.wechat.api_base}/\n"
        f"  课程页面：      {rooms.settings.site.base_url}/courses\n"
        f"  课程文件夹：    {rooms.settings.content.path}（保存就发布）\n"
        "\n  按 Ctrl-C 停止。\n",
        flush=True,
    )
