"""The baseline: a bare WeRoBot echo on Tornado in plain mode, as the library's own documentation shows it.

With the address of a Redis it has the library's session there, and counts each follower's messages in it.
"""

from __future__ import annotations

import sys
from typing import Any

import redis
import tornado.ioloop
import tornado.web
from werobot import WeRoBot
from werobot.contrib.tornado import make_handler
from werobot.session.redisstorage import RedisStorage


def main(port: int, token: str, redis_url: str = "") -> None:
    if redis_url:
        robot = WeRoBot(token=token, SESSION_STORAGE=RedisStorage(redis.Redis.from_url(redis_url)))
        robot.text(_counted_echo)
    else:
        robot = WeRoBot(token=token, SESSION_STORAGE=False)
        robot.text(_echo)
    application = tornado.web.Application([(r"/wechat", make_handler(robot))], log_function=lambda _: None)
    application.listen(port, "127.0.0.1")
    tornado.ioloop.IOLoop.current().start()


def _echo(message: Any) -> str:
    return str(message.content)


def _counted_echo(message: Any, session: dict[str, Any]) -> str:
    session["count"] = session.get("count", 0) + 1
    return str(message.content)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
