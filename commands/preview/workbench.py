"""The page of the preview itself: the frames, what the check found, and the news of each save."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler, url

from content.problem import Problem

FILES = Path(__file__).resolve().parent / "files"
PULSE_S = 20.0  # between words of life to a browser that waits
_KINDS = {
    "workbench.css": "text/css; charset=utf-8",
    "workbench.js": "text/javascript; charset=utf-8",
}


@dataclass
class News:
    """What the last save came to; the browsers that are open wait for it. Used on the loop's thread only."""

    root: Path
    version: int = 0
    problems: tuple[Problem, ...] = ()
    _waiting: set[asyncio.Event] = field(default_factory=set)

    def tell(self, problems: Iterable[Problem]) -> None:
        self.version += 1
        self.problems = tuple(problems)
        for event in self._waiting:
            event.set()

    async def after(self, version: int, within_s: float) -> bool:
        """Whether there is something newer than ``version``, waiting for it for a while."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            if self.version <= version:
                async with asyncio.timeout(within_s):
                    await event.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(event)
        return True

    def as_json(self) -> str:
        told = [
            {
                "path": one.path.removeprefix(f"{self.root}/"),
                "file": one.path,
                "line": one.line,
                "message": one.message,
                "hint": one.hint,
                "severity": one.severity,
            }
            for one in sorted(self.problems, key=lambda one: (one.severity != "error", one.path, one.line))
        ]
        return json.dumps({"version": self.version, "problems": told}, ensure_ascii=False)


@dataclass(frozen=True)
class Frames:
    """Where the shop is seen by whom, and the page that is opened first."""

    stranger: str
    buyer: str
    start: str


def workbench(news: News, frames: Frames, host: str) -> Application:
    """The application on the preview's own port; ``host`` is the only name by which it is answered."""
    given: dict[str, Any] = {"news": news, "frames": frames, "host": host}
    return Application(
        [
            url(r"/", _Bench, given),
            url(r"/events", _Events, given),
            url(r"/(workbench\.(?:css|js))", _File, given),
        ],
        template_path=str(FILES),
        log_function=lambda _handler: None,
    )


class _Page(RequestHandler):
    def initialize(self, news: News, frames: Frames, host: str) -> None:
        self._news = news
        self._frames = frames
        self._host = host

    def prepare(self) -> None:
        # Another site may lead its own name here; the paid texts in the frames are none of its business.
        if self.request.host != self._host:
            raise HTTPError(421)

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")


class _Bench(_Page):
    async def get(self) -> None:
        framed = f"{self._frames.stranger} {self._frames.buyer}"
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            f"frame-src {framed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        self.render("workbench.html", frames=self._frames)


class _File(_Page):
    async def get(self, name: str) -> None:
        self.set_header("Content-Type", _KINDS[name])
        self.finish((FILES / name).read_bytes())


class _Events(_Page):
    """Server-sent events: one at once, and one after each save.

    See https://html.spec.whatwg.org/multipage/server-sent-events.html
    """

    async def get(self) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        known = -1
        try:
            while True:
                if await self._news.after(known, PULSE_S):
                    known = self._news.version
                    self.write(f"data: {self._news.as_json()}\n\n")
                else:
                    self.write(": still here\n\n")
                await self.flush()
        except StreamClosedError:
            return
