"""`content preview`: what will be seen, on this machine alone, with a shop that is thrown away."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.flows.courses import CANARY, write_courses
from tests.process import Running, free_ports, run
from tests.waiting import until

DRAFT = "---\ntitle: 还在写的一课\ndraft: true\n---\n还没写完\n"


@dataclass(frozen=True)
class Preview:
    bench: str
    stranger: str
    buyer: str
    courses: Path

    def news(self) -> dict[str, Any]:
        """The first event that the page is sent."""
        with requests.get(f"{self.bench}/events", stream=True, timeout=20) as events:
            line = next(line for line in events.iter_lines() if line.startswith(b"data: "))
        told: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
        return told


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    folder = tmp_path_factory.mktemp("preview")
    courses = write_courses(folder / "courses")
    index = courses / "pandas-one" / "_index.md"
    index.write_text(index.read_text().replace("refund:", "draft: true\nrefund:", 1))
    (courses / "crawler-one" / "09-later.md").write_text(DRAFT)
    port = free_ports()
    env = {
        "KEBAN_CONTENT__PATH": str(courses),
        "KEBAN_SITE__DATA_DIR": str(folder / "real"),
        "KEBAN_DATABASE__URL": f"sqlite:///{folder}/real.db",
        "TMPDIR": str(folder),
    }
    running = Running(folder / "log", "content", "preview", "--port", str(port), **env)
    try:
        running.await_line("预览：")
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=10).text
        found = dict(re.findall(r'data-(stranger|buyer)="([^"]+)"', page))
        yield Preview(f"http://127.0.0.1:{port}", found["stranger"], found["buyer"], courses)
        assert running.interrupt() == 0
        assert sorted(path.name for path in folder.iterdir()) == ["courses", "log"]
    finally:
        running.kill()


def test_a_stranger_sees_the_paywall_and_a_buyer_the_text(preview: Preview) -> None:
    path = "/courses/crawler-one/work"
    assert CANARY not in requests.get(preview.stranger + path, timeout=10).text
    assert CANARY in requests.get(preview.buyer + path, timeout=10).text


def test_drafts_are_shown_with_a_mark(preview: Preview) -> None:
    shelf = requests.get(f"{preview.stranger}/courses", timeout=10).text
    assert "【草稿】Pandas" in shelf and "【草稿】爬虫" not in shelf
    assert "【草稿】还在写的一课" in requests.get(f"{preview.buyer}/courses/crawler-one", timeout=10).text


def test_a_save_is_told_with_what_is_wrong_and_the_page_stays(preview: Preview) -> None:
    before = preview.news()
    assert not any(one["severity"] == "error" for one in before["problems"])
    lesson = preview.courses / "git-free" / "01-start.md"
    text = lesson.read_text()
    lesson.write_text(f"{text}\n![没有](nothing.png)\n")
    told = until(lambda: (news := preview.news())["version"] != before["version"] and news, "the news")
    problem = next(one for one in told["problems"] if one["severity"] == "error")
    assert problem["path"] == "git-free/01-start.md" and problem["file"] == str(lesson)
    assert problem["line"] == text.count("\n") + 2 and "nothing.png" in problem["message"]
    assert requests.get(f"{preview.stranger}/courses/git-free", timeout=10).status_code == 200
    lesson.write_text(f"{text}\n刚刚写的一句话\n")
    until(
        lambda: (
            "刚刚写的一句话" in requests.get(f"{preview.stranger}/courses/git-free/start", timeout=10).text
        ),
        "the new text",
    )
    lesson.write_text(text)


def test_only_the_preview_itself_may_frame_the_pages(preview: Preview) -> None:
    for address in (preview.stranger, preview.buyer):
        headers = requests.get(f"{address}/courses/crawler-one", timeout=10).headers
        assert f"frame-ancestors {preview.bench}" in headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in headers and "unsafe" not in headers["Content-Security-Policy"]
    bench = requests.get(preview.bench, timeout=10).headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in bench and "unsafe" not in bench


@pytest.mark.parametrize("path", ["/", "/courses/crawler-one/work", "/events", "/preview-frame.js"])
def test_another_name_is_not_answered(preview: Preview, path: str) -> None:
    """A site that leads its own name to this machine would read the paid texts."""
    for address in (preview.bench, preview.stranger, preview.buyer):
        answer = requests.get(address + path, headers={"Host": "evil.example"}, timeout=10)
        assert answer.status_code in (404, 421) and CANARY not in answer.text


def test_nothing_is_bought_and_nobody_logs_in(preview: Preview) -> None:
    for address in (preview.stranger, preview.buyer):
        bought = requests.post(f"{address}/courses/crawler-one/buy", allow_redirects=False, timeout=10)
        assert bought.status_code == 200 and "不登录" in bought.text
        assert "不登录" in requests.get(f"{address}/login/qr", timeout=10).text


def test_the_script_is_in_the_pages_and_served(preview: Preview) -> None:
    page = requests.get(f"{preview.stranger}/courses", timeout=10).text
    assert page.count("/preview-frame.js") == 1
    answer = requests.get(f"{preview.stranger}/preview-frame.js", timeout=10)
    assert answer.headers["Content-Type"].startswith("text/javascript")


def test_nobody_else_can_reach_it(preview: Preview) -> None:
    ports = {address.rpartition(":")[2] for address in (preview.bench, preview.stranger, preview.buyer)}
    listening = Path(f"/proc/{os.getpid()}/net/tcp").read_text().splitlines()[1:]
    local = {line.split()[1] for line in listening if line.split()[3] == "0A"}
    ours = {one for one in local if str(int(one.rpartition(":")[2], 16)) in ports}
    assert len(ours) == 3 and all(one.startswith("0100007F:") for one in ours)


def test_a_course_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "courses").mkdir()
    outcome = run("content", "preview", "nothing-here", KEBAN_CONTENT__PATH=str(tmp_path / "courses"))
    assert outcome.returncode == 2 and "nothing-here" in outcome.stderr


def test_a_stranger_finds_nothing_that_is_paid_for_anywhere(preview: Preview) -> None:
    paths = ["/courses", f"/courses?q={CANARY[:4]}", "/robots.txt", "/", "/metrics", "/preview-frame.js"]
    for folder in sorted(preview.courses.iterdir()):
        lessons = [file.stem.partition("-")[2] for file in folder.glob("[0-9]*.md")]
        paths += [f"/courses/{folder.name}", *(f"/courses/{folder.name}/{lesson}" for lesson in lessons)]
        paths += [f"/courses/{folder.name}/assets/{file.name}" for file in folder.glob("*.md")]
    heard = [path for path in paths if CANARY in requests.get(preview.stranger + path, timeout=10).text]
    assert len(paths) > 30 and heard == []
    assert CANARY not in requests.get(preview.bench, timeout=10).text + json.dumps(preview.news())
