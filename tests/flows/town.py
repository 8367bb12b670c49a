"""A whole small town for the flows: the real service on a free port, the pretend platform on another.

They know each other by address only, as in production; nothing inside of the service is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import tomlkit
from tornado.netutil import bind_sockets

from app import Rooms
from commands.serving import serving
from content.publish import Publisher
from infra.clock import SystemClock
from infra.migrate import upgrade
from infra.settings import Settings, load
from infra.stores import open_database
from sandbox import app as sandbox_app
from sandbox.config import from_dict
from tests.flows.follower import Follower

START_S = 30.0
STOP_S = 20.0
MENU = [
    {"name": "给我推荐", "key": "RECOMMEND"},
    {"name": "我的课程", "key": "MY_COURSES"},
    {"name": "更多", "children": [{"name": "我的订单", "key": "MY_ORDERS"}, {"name": "帮助", "key": "HELP"}]},
]


class Service:
    """The real service in a thread with a loop of its own."""

    def __init__(
        self, settings: Settings, sockets: list[socket.socket], *, watch: bool, consume: bool
    ) -> None:
        self.url = settings.site.base_url
        self.rooms: Rooms
        self._settings, self._sockets = settings, sockets
        self._watch, self._consume = watch, consume
        self._loop = asyncio.new_event_loop()
        self._opened, self._stopping = threading.Event(), asyncio.Event()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="service", daemon=True)
        self._thread.start()
        assert self._opened.wait(START_S), "the service did not start"
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(STOP_S)
        assert not self._thread.is_alive(), "the service did not stop"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as fault:  # handed to the thread that waits for the start
            self._fault = fault
        finally:
            self._opened.set()
            self._loop.close()

    async def _serve(self) -> None:
        async with serving(self._settings, self._sockets, watch=self._watch, consume=self._consume) as rooms:
            self.rooms = rooms
            self._opened.set()
            await self._stopping.wait()


@dataclass
class Town:
    """Where the service and the platform are, and the folder that the creator writes in."""

    settings: Settings
    config: Path
    courses: Path
    platform: sandbox_app.Running
    service: Service | None = None

    @property
    def url(self) -> str:
        return self.settings.site.base_url

    @property
    def rooms(self) -> Rooms:
        assert self.service is not None, "the service is not running in this process"
        return self.service.rooms

    def follower(self) -> Follower:
        """Somebody whom nobody has seen yet; not following."""
        return Follower(self.url, self.platform.url, new_openid())

    def new_follower(self) -> Follower:
        """Somebody who has just followed."""
        follower = self.follower()
        follower.follow()
        return follower

    def faults(self, **faults: Any) -> None:
        """What the platform does wrong from now on; nothing at all when called without."""
        requests.put(f"{self.platform.url}/api/faults", json=faults, timeout=10).raise_for_status()

    def notifications(self, out_trade_no: str) -> list[dict[str, Any]]:
        """What WeChat Pay told the service about one attempt, with the answers."""
        told = requests.get(f"{self.platform.url}/api/notifications", timeout=10).json()["notifications"]
        return [one for one in told if one["out_trade_no"] == out_trade_no]

    def notify_again(self, notification_id: str) -> bool:
        answer = requests.post(
            f"{self.platform.url}/api/notifications/{notification_id}/again", timeout=10
        ).json()
        return bool(answer["taken"])


def new_openid() -> str:
    return "oT" + secrets.token_hex(13)


@contextlib.contextmanager
def open_town(
    folder: Path,
    keys: Mapping[str, Any],
    courses: Path,
    *,
    database_url: str = "",
    redis_url: str = "",
    mode: str = "safe",
    in_process: bool = True,
    watch: bool = False,
    consume: bool = True,
    pay: bool = True,
    **platform_options: Any,
) -> Iterator[Town]:
    """Opens both, joined to each other, with the courses published; closes both at the end."""
    sockets = bind_sockets(0, "127.0.0.1")
    port = sockets[0].getsockname()[1]
    options = {"notify_schedule_s": [1, 1, 1, 1, 1], "refund_delay_s": 0.05} | platform_options
    config = from_dict(
        {**keys, "port": 0, "mode": mode, "service_url": f"http://127.0.0.1:{port}", **options}
    )
    with sandbox_app.running_sandbox(config) as platform:
        path = folder / "config.toml"
        values = configuration(keys, platform.url, port=port, courses=courses, mode=mode, pay=pay)
        if database_url:
            values["database"] = {"url": database_url}
        if redis_url:
            values["redis"] = {"url": redis_url, "prefix": f"keban-test-{secrets.token_hex(4)}:"}
        path.write_text(tomlkit.dumps(values), encoding="utf-8")
        town = Town(load(path), path, courses, platform)
        prepare(town.settings)
        if not in_process:
            _close(sockets)
            yield town
            return
        town.service = Service(town.settings, sockets, watch=watch, consume=consume)
        try:
            yield town
        finally:
            town.service.stop()


def configuration(
    keys: Mapping[str, Any], platform: str, *, port: int, courses: Path, mode: str = "safe", pay: bool = True
) -> dict[str, Any]:
    """A config.toml that points at the pretend platform; state goes beside the file."""
    account = {name: keys[name] for name in ("app_id", "app_secret", "token", "encoding_aes_key")}
    merchant = {
        "mch_id": keys["mch_id"],
        "serial_no": keys["merchant_serial_no"],
        "private_key": keys["merchant_private_key"],
        "api_v3_key": keys["api_v3_key"],
        "public_key_id": keys["platform_public_key_id"],
        "public_key": keys["platform_public_key"],
        "api_base": platform,
    }
    return {
        "site": {"port": port, "base_url": f"http://127.0.0.1:{port}"},
        "wechat": {**account, "mode": mode, "api_base": platform, "open_base": platform},
        "pay": merchant if pay else {},
        "database": {"url": "sqlite:///var/keban.db"},
        "content": {"path": str(courses)},
        "log": {"format": "json"},
        "menu": MENU,
    }


def prepare(settings: Settings) -> None:
    """Tables and courses, as an operator would bring them in place."""
    db = open_database(settings)
    upgrade(db)
    Publisher(db, SystemClock()).publish(settings.content.path)
    db.close()


def _close(sockets: list[socket.socket]) -> None:
    for one in sockets:
        one.close()
