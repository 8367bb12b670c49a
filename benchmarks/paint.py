"""A lesson in Chromium with a processor a quarter as fast, over a slow 4G line: when something is seen."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.limit import Limit
from benchmarks.service import free_port, keban, prepare, running
from benchmarks.stores import NotHere

CHROMIUM = Path("/usr/bin/chromium")
ROUNDS = 7
PAINT_S = 1.5
CPU_TIMES = 4
# Lighthouse's "slow 4G": https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md
LINE = {
    "offline": False,
    "latency": 150.0,
    "downloadThroughput": 1.6 * 1024 * 1024 / 8 * 0.9,
    "uploadThroughput": 750 * 1024 / 8 * 0.9,
}
PAGES = ("/courses/python-crawler/practice-site", "/courses/python-crawler", "/courses")
_PAINTED = """() => new Promise(done => {
  const seen = () => performance.getEntriesByName('first-contentful-paint')[0];
  if (seen()) return done(seen().startTime);
  const look = () => { if (seen()) done(seen().startTime); };
  new PerformanceObserver(look).observe({type: 'paint', buffered: true});
})"""


def run() -> list[Limit]:
    """Prints the first contentful paint of a lesson, a course and the shelf, each with an empty cache."""
    try:
        from playwright.sync_api import Browser, sync_playwright
    except ModuleNotFoundError:
        raise NotHere("playwright") from None
    if not CHROMIUM.exists():
        raise NotHere("Chromium")

    def painted_s(browser: Browser, address: str) -> float:
        with browser.new_context(viewport={"width": 390, "height": 844}) as context:
            page = context.new_page()
            hosts: set[str] = set()
            page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", LINE)
            session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_TIMES})
            page.goto(address, wait_until="load")
            painted_ms = float(page.evaluate(_PAINTED))
            if hosts - {urlsplit(address).netloc, ""}:
                raise RuntimeError(f"{address} asks {hosts} too")
            return painted_ms / 1000

    limits = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        prepare(Path(folder))
        port = free_port()
        command, environment = keban(Path(folder), port)
        with (
            running(command, port, environment),
            playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
            ) as browser,
        ):
            for path in PAGES:
                times = [painted_s(browser, f"http://127.0.0.1:{port}{path}") for _ in range(ROUNDS)]
                middle = statistics.median(times)
                print(
                    f"{path:<40} first paint {middle:.2f} s, {min(times):.2f} to {max(times):.2f} "
                    f"(limit {PAINT_S})"
                )
                limits.append(Limit(f"seconds to the first paint of {path}", middle, at_most=PAINT_S))
    return limits
