"""The baseline: a bare WeRoBot echo on Tornado in plain mode, as the library's own documentation shows it."""

from __future__ import annotations

import sys

import tornado.ioloop
import tornado.web
from werobot import WeRoBot
from werobot.contrib.tornado import make_handler


def main(port: int, token: str) -> None:
    robot = WeRoBot(token=token, SESSION_STORAGE=False)

    @robot.text  # type: ignore[untyped-decorator]
    def echo(message: object) -> str:
        return str(getattr(message, "content", ""))

    application = tornado.web.Application([(r"/wechat", make_handler(robot))], log_function=lambda _: None)
    application.listen(port, "127.0.0.1")
    tornado.ioloop.IOLoop.current().start()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
