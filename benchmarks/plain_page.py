"""The baseline of a page: bare Tornado that answers with the same text, compressed, and looks up nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import tornado.ioloop
import tornado.web


class _Same(tornado.web.RequestHandler):
    def initialize(self, page: bytes) -> None:
        self._page = page

    async def get(self) -> None:
        self.finish(self._page)


def main(port: int, file: str) -> None:
    given = {"page": Path(file).read_bytes()}
    application = tornado.web.Application(
        [(r"/.*", _Same, given)], compress_response=True, log_function=lambda _handler: None
    )
    application.listen(port, "127.0.0.1")
    tornado.ioloop.IOLoop.current().start()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
