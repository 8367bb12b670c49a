"""``demo``: one command to a running product, and Ctrl-C to nothing left behind."""

from __future__ import annotations

import socket
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from sandbox.app import running_sandbox
from sandbox.config import from_dict
from tests.flows.courses import write_courses
from tests.flows.follower import Follower
from tests.process import answers, free_ports, run, running
from tests.waiting import until

LIN = "oKb7sX1aoL1nQ4wEr8TyU2iOp5Za"


def test_it_answers_the_first_message_keeps_its_state_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_ports(2)
    service, platform = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    words = ("demo", "--port", str(port), "--data", str(tmp_path / "data"))
    with running(tmp_path / "first.log", *words) as demo:
        demo.await_line("按 Ctrl-C 停止")
        assert f"{platform}/" in demo.printed
        lin = Follower(service, platform, LIN)
        assert "你好" in lin.follow()
        assert "1. " in lin.say("想学爬虫，零基础")
        assert requests.get(f"{platform}/", timeout=10).status_code == 200
        assert requests.get(f"{platform}/api/account", timeout=10).json()["menu"]
        assert demo.interrupt() == 0
        assert "Traceback" not in demo.printed
        assert f"课伴停下了。聊天、订单和学习进度都留在 {tmp_path / 'data'}" in demo.printed
    assert not answers(service) and not answers(platform)
    with running(tmp_path / "second.log", *words) as demo:
        demo.await_line("按 Ctrl-C 停止")
        assert "《" in lin.say("1"), "the conversation goes on after a restart"
        assert lin.inbox()
        demo.process.terminate()
        assert demo.process.wait(20) == 0
    until(lambda: not answers(platform), "the end of the platform")


def test_all_state_lies_under_its_data_folder(tmp_path: Path) -> None:
    port = free_ports(2)
    with running(tmp_path / "log", "demo", "--port", str(port), "--data", str(tmp_path / "data")) as demo:
        demo.await_line("按 Ctrl-C 停止")
        demo.interrupt()
    kept = {path.name for path in (tmp_path / "data").iterdir()}
    assert {"keban.db", "keyvalue.db", "jobs.db", "secret", "sandbox"} <= kept


def test_what_is_wrong_in_a_course_is_told_as_the_check_says_it_and_once(tmp_path: Path) -> None:
    courses = write_courses(tmp_path / "courses")
    (courses / "git-free" / "_index.md").write_text("---\ntitle: 坏了\n---\n", encoding="utf-8")
    port, told = free_ports(2), "git-free/_index.md:1: 缺少 id → "
    words = ("demo", "--port", str(port), "--data", str(tmp_path / "data"))
    with running(tmp_path / "log", *words, KEBAN_CONTENT__PATH=str(courses)) as demo:
        demo.await_line(told)
        demo.await_line("按 Ctrl-C 停止")
        assert demo.interrupt() == 0
        lines = demo.printed.splitlines()
    assert [line for line in lines if "缺少 id" in line] == [line for line in lines if line.startswith(told)]
    assert sum(line.startswith(told) for line in lines) == 1


def test_a_busy_port_of_the_service_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = run("demo", "--port", str(port), "--data", str(tmp_path / "data"))
    assert outcome.returncode == 2
    assert f"127.0.0.1:{port} cannot be opened" in outcome.stderr and "--port" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_busy_port_of_the_platform_is_told_and_the_service_does_not_stay(tmp_path: Path) -> None:
    port = free_ports(2)
    with socket.create_server(("127.0.0.1", port + 1)):
        assert_refused_at(port, tmp_path / "data")


def test_another_web_server_at_the_platforms_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    port = free_ports(2)
    with ThreadingHTTPServer(("127.0.0.1", port + 1), SimpleHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
        assert_refused_at(port, tmp_path / "data")
        other.shutdown()


def test_the_platform_of_another_demo_is_not_taken_for_ours(
    tmp_path: Path, platform_keys: dict[str, Any]
) -> None:
    port = free_ports(2)
    with running_sandbox(from_dict({**platform_keys, "port": port + 1})):
        assert_refused_at(port, tmp_path / "data")


def test_a_killed_demo_leaves_nothing_behind_and_starts_again(tmp_path: Path) -> None:
    port = free_ports(2)
    platform = f"http://127.0.0.1:{port + 1}"
    words = ("demo", "--port", str(port), "--data", str(tmp_path / "data"))
    with running(tmp_path / "first.log", *words) as demo:
        demo.await_line("按 Ctrl-C 停止")
        assert answers(platform)
        demo.kill()
        until(lambda: not answers(platform), "the end of the platform")
    with running(tmp_path / "second.log", *words) as demo:
        demo.await_line("按 Ctrl-C 停止")
        assert "你好" in Follower(f"http://127.0.0.1:{port}", platform, LIN).follow()
        assert demo.interrupt() == 0


def assert_refused_at(port: int, data: Path) -> None:
    """The demo does not start beside what has the platform's port, says why and leaves no service."""
    outcome = run("demo", "--port", str(port), "--data", str(data))
    assert outcome.returncode == 2
    assert f"did not open 127.0.0.1:{port + 1}" in outcome.stderr and "--port" in outcome.stderr
    assert "已经启动" not in outcome.stdout and "Traceback" not in outcome.stderr
    assert not answers(f"http://127.0.0.1:{port}")


def test_a_production_environment_does_not_reach_into_the_demo(tmp_path: Path) -> None:
    port = free_ports(2)
    production = {
        "KEBAN_SITE__PORT": "1",
        "KEBAN_SITE__BASE_URL": "https://keban.example",
        "KEBAN_WECHAT__APP_SECRET": "of production",
        "KEBAN_DATABASE__URL": "sqlite:///var/production.db",
    }
    words = ("demo", "--port", str(port), "--data", str(tmp_path / "data"))
    with running(tmp_path / "log", *words, **production) as demo:
        demo.await_line("按 Ctrl-C 停止")
        follower = Follower(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}", LIN)
        assert f"http://127.0.0.1:{port}/courses/" in follower.follow() + follower.say("1")
        assert demo.interrupt() == 0
    assert (tmp_path / "data" / "keban.db").exists()
