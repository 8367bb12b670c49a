"""A catalogue of 2,000 courses and 20,000 lessons: checked and built, changed, and served."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path

import requests
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from benchmarks import large_shelf
from benchmarks.limit import Limit
from benchmarks.server import Server
from benchmarks.service import ROOT, free_port, keban, prepare, running
from content.folder import take_snapshot
from content.source import read_course

BATCH = 50  # courses that the two build in turns
CHANGES = 7
TIMES_BARE = 1.5
UNTIL_SERVED_MS = 300
GROWTH_MB = 100
GIVE_UP_S = 120.0
START_S = 600.0


def run() -> list[Limit]:
    """Prints what building costs beside bare markdown-it-py and Pygments, how soon a saved file is served,
    and what the catalogue costs in memory beside the sample's."""
    with tempfile.TemporaryDirectory() as folder:
        courses = large_shelf.write(Path(folder) / "courses")
        times_bare = _built(courses)
        small, large = Path(folder) / "small", Path(folder) / "large"
        prepare(small)
        _publish(large, courses)
        before = _memory(small, ROOT / "content" / "courses")
        after, waited_ms = _changed(large, courses)
    growth = after - before
    print(f"memory: {before:.0f} MB with the sample, {after:.0f} MB with all (limit + {GROWTH_MB} MB)")
    middle = statistics.median(waited_ms)
    print(
        f"from saving a lesson to its new text over HTTP: median {middle:.0f} ms, "
        f"{min(waited_ms):.0f} to {max(waited_ms):.0f} (limit {UNTIL_SERVED_MS})"
    )
    return [
        Limit("check and build, times bare markdown and colours", times_bare, at_most=TIMES_BARE),
        Limit("ms from saving to serving", middle, at_most=UNTIL_SERVED_MS),
        Limit("MB more than with the sample", growth, at_most=GROWTH_MB),
    ]


def _built(courses: Path) -> float:
    """Processor time of ours over theirs, batch by batch in turns."""
    ours_s = theirs_s = 0.0
    lessons = 0
    for batch in _batches(sorted(courses.iterdir())):
        began = time.process_time()
        for folder in batch:
            for file in folder.glob("*.md"):
                _bare(file)
                lessons += 1
        between = time.process_time()
        for folder in batch:
            snapshot = take_snapshot(folder)
            course, problems = read_course(snapshot) if snapshot else (None, [])
            if course is None:
                raise RuntimeError(f"{folder}: {problems}")
        theirs_s += between - began
        ours_s += time.process_time() - between
    print(
        f"{lessons} texts: checked and built in {ours_s:.1f} s of processor time, by bare markdown-it-py and "
        f"Pygments {theirs_s:.1f} s: {ours_s / theirs_s:.2f} times (limit {TIMES_BARE})"
    )
    return ours_s / theirs_s


def _batches(folders: list[Path]) -> Iterator[list[Path]]:
    for at in range(0, len(folders), BATCH):
        yield folders[at : at + BATCH]


_formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=256)
def _lexer(name: str) -> Lexer | None:
    try:
        return get_lexer_by_name(name)
    except ClassNotFound:
        return None


def _coloured(code: str, name: str, _attributes: str) -> str:
    lexer = _lexer(name) if name else None
    return highlight(code, lexer, _formatter) if lexer else ""


_markdown = MarkdownIt("commonmark", {"highlight": _coloured}).enable(["table", "strikethrough"])


def _bare(file: Path) -> str:
    return str(_markdown.render(file.read_text(encoding="utf-8").split("\n---\n", 1)[1]))


def _publish(data: Path, courses: Path) -> None:
    began = time.perf_counter()
    prepare(data, {"KEBAN_CONTENT__PATH": str(courses)})
    print(f"published from nothing in {time.perf_counter() - began:.0f} s by the clock")
    began = time.perf_counter()
    _command, environment = keban(data, 1)
    subprocess.run(
        [sys.executable, "manage.py", "content", "publish"],
        cwd=ROOT,
        env=os.environ | environment | {"KEBAN_CONTENT__PATH": str(courses)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    print(f"published again with nothing changed in {time.perf_counter() - began:.1f} s, its start included")


def _memory(data: Path, courses: Path) -> float:
    with _serving(data, courses) as server:
        _fetch(server, "/courses")
        return server.resident_mb()


def _changed(data: Path, courses: Path) -> tuple[float, list[float]]:
    """Memory after some pages were read, and the milliseconds from each save to the new text."""
    with _serving(data, courses) as server:
        for number in range(0, large_shelf.COURSES, 4):
            _fetch(server, f"/courses/course-{number:04}/part-1")
        waited = [_save(server, courses, number) for number in range(CHANGES)]
        return server.resident_mb(), waited


def _save(server: Server, courses: Path, number: int) -> float:
    course = f"course-{number * large_shelf.COURSES // CHANGES:04}"
    file = courses / course / "01-part-1.md"
    mark = f"刚刚改过的一句话 {number}"
    text = file.read_text(encoding="utf-8")
    began = time.perf_counter()
    file.write_text(f"{text}\n\n{mark}\n", encoding="utf-8")
    while mark not in _fetch(server, f"/courses/{course}/part-1"):
        if time.perf_counter() - began > GIVE_UP_S:
            raise RuntimeError("a saved text was never served")
        time.sleep(0.01)
    waited_ms = (time.perf_counter() - began) * 1000
    time.sleep(1.0)  # the next save is another one to the watcher
    return waited_ms


def _serving(data: Path, courses: Path) -> AbstractContextManager[Server]:
    port = free_port()
    command, environment = keban(data, port)
    more = {"KEBAN_CONTENT__PATH": str(courses), "KEBAN_CONTENT__WATCH": "true"}
    return running(command, port, environment | more)


def _fetch(server: Server, path: str) -> str:
    # The first answer waits until the librarian has read everything.
    answer = requests.get(f"http://127.0.0.1:{server.port}{path}", timeout=START_S)
    answer.raise_for_status()
    return answer.text
