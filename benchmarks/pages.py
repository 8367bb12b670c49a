"""Lesson pages: how soon they are answered at 200 a second on one core, and how heavy they are."""

from __future__ import annotations

import gzip
import re
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import requests

from benchmarks import open_loop
from benchmarks.limit import Limit
from benchmarks.rounds import percentile
from benchmarks.server import Server
from benchmarks.service import CLIENT_CORE, ROOT, free_port, keban, pin, prepare, running

RATE = 200.0
SECONDS = 5
ROUNDS = 5
P99_MS = 20.0
PAGE_KB = 60.0
_LINKS = re.compile(r'(?:href|src)="(/[^"]+\.(?:css|js)(?:\?[^"]*)?)"')
# What a browser fetches by itself: scripts, pictures, frames and style sheets, not links.
_ELSEWHERE = re.compile(r'<(?:script|img|iframe|link)[^>]+(?:src|href)="((?:https?:)?//[^"]+)"')


def run() -> list[Limit]:
    """Prints the waits beside bare Tornado's with the very same text, in turns, and what a page weighs."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        port = free_port()
        command, environment = keban(data, port)
        with running(command, port, environment) as server:
            paths = _lessons()
            weights = {path: _weight_kb(server, path) for path in paths}
            middle = sorted(weights, key=lambda path: weights[path])[len(weights) // 2]
            page = data / "page.html"
            page.write_bytes(_get(server, middle)[0])
            pin(CLIENT_CORE)
            p99s, ratios, costs = _rounds(server, page, paths)
    heaviest = max(weights, key=lambda path: weights[path])
    print(
        f"weight with style and scripts, compressed: median {weights[middle]:.1f} KB, "
        f"heaviest {weights[heaviest]:.1f} KB ({heaviest}; limit {PAGE_KB:.0f} KB)"
    )
    print(
        f"lessons at {RATE:.0f} a second: p99 {statistics.median(p99s):.1f} ms in the median of {len(p99s)} "
        f"rounds, {min(p99s):.1f} at best (limit {P99_MS:.0f}); {statistics.median(ratios):.1f} times a bare "
        f"page's; {statistics.median(costs):.2f} ms of processor time each"
    )
    return [
        Limit("KB of the heaviest lesson page", weights[heaviest], at_most=PAGE_KB),
        Limit("p99 of lesson pages in ms", statistics.median(p99s), at_most=P99_MS),
    ]


def _rounds(server: Server, page: Path, paths: Sequence[str]) -> tuple[list[float], list[float], list[float]]:
    """The p99 in milliseconds, its ratio to the baseline's, and processor milliseconds a page, by round."""
    p99s, ratios, costs = [], [], []
    port = free_port()
    with running([sys.executable, "-m", "benchmarks.plain_page", str(port), str(page)], port, {}) as bare:
        _p99_ms(server, paths)
        for _ in range(ROUNDS):
            before = server.cpu_s()
            p99s.append(_p99_ms(server, paths))
            costs.append((server.cpu_s() - before) * 1000 / (RATE * SECONDS))
            ratios.append(p99s[-1] / _p99_ms(bare, paths))
    return p99s, ratios, costs


def _p99_ms(server: Server, paths: Sequence[str]) -> float:
    moments = open_loop.evenly(RATE, SECONDS)
    asked = [_request(paths[at % len(paths)], server.port) for at in range(len(moments))]
    answers = open_loop.send(asked, moments, server.port, holds=b"")
    refused = sum(not answer.good for answer in answers)
    if refused:
        print(f"{refused} of {len(answers)} pages were refused: more was asked than this core could do")
    return percentile([answer.seconds for answer in answers], 99) * 1000


def _request(path: str, port: int) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def _lessons() -> list[str]:
    """The sample catalogue's, free and paid ones."""
    paths = []
    for file in sorted((ROOT / "content" / "courses").rglob("[0-9]*.md")):
        course = file.relative_to(ROOT / "content" / "courses").parts[0]
        paths.append(f"/courses/{course}/{re.sub('^[0-9]+-', '', file.stem)}")
    return paths


def _weight_kb(server: Server, path: str) -> float:
    """The page and all that it loads from us, as it goes over the wire; nothing may come from elsewhere."""
    page, size = _get(server, path)
    text = page.decode()
    own = f"http://127.0.0.1:{server.port}/"
    if elsewhere := [address for address in _ELSEWHERE.findall(text) if not address.startswith(own)]:
        raise RuntimeError(f"{path} loads {elsewhere}")
    return (
        size + sum(_get(server, link.replace("&amp;", "&"))[1] for link in set(_LINKS.findall(text)))
    ) / 1e3


def _get(server: Server, path: str) -> tuple[bytes, int]:
    """The body, and its bytes on the wire."""
    address = f"http://127.0.0.1:{server.port}{path}"
    answer = requests.get(address, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=30)
    answer.raise_for_status()
    raw: bytes = answer.raw.read(decode_content=False)
    return gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw, len(raw)
