"""The figures of several processes, as processes."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from infra.errors import ConfigError
from infra.figures import FILE_BYTES, exposition, share, tell_at
from infra.metrics import CALLS
from tests.process import ROOT, environment, free_ports

# Child 1 dies once after it has counted; the one in its place counts again and tells what all have counted.
PROGRAM = """
import os, sys
from pathlib import Path
from infra.figures import exposition, name_process, share
folder = Path(sys.argv[1])
share(folder / "figures", 2)
from infra.metrics import COURSES, MESSAGE_SECONDS, MESSAGES
from commands.processes import fork_children
MESSAGES.labels("text", "answered").inc()
number = fork_children(2, pause=lambda s: None)
name_process(number)
MESSAGES.labels("text", "answered").inc(10)
MESSAGE_SECONDS.observe(0.003)
COURSES.set(number + 5)
if number == 0:
    (folder / "first").touch()
elif not (folder / "once").exists():
    (folder / "once").touch()
    os._exit(1)
else:
    while not (folder / "first").exists():
        pass
    os.write(1, exposition())
os._exit(0)
"""


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def value(figures: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", figures, re.MULTILINE)
    assert found, f"no {name} in {figures}"
    return float(found[1])


def test_whoever_is_asked_tells_what_all_processes_have_counted(tmp_path: Path) -> None:
    done = run(PROGRAM, tmp_path)
    assert done.returncode == 0, done.stderr
    assert value(done.stdout, 'keban_messages_total{outcome="answered",type="text"}') == 1 + 3 * 10
    assert value(done.stdout, "keban_message_seconds_count") == 3
    assert value(done.stdout, 'keban_message_seconds_bucket{le="0.005"}') == 3
    assert value(done.stdout, "keban_courses") in (5, 6), "one of what the processes say, not their sum"
    assert "# HELP keban_messages_total Messages and events from WeChat." in done.stdout


def test_the_room_is_taken_beforehand_and_what_a_run_before_has_left_is_gone(tmp_path: Path) -> None:
    for _ in range(2):
        assert value(run(PROGRAM, tmp_path).stdout, "keban_message_seconds_count") <= 3
    sizes = {file.stat().st_size for file in (tmp_path / "figures").iterdir()}
    blocks = {file.stat().st_blocks * 512 for file in (tmp_path / "figures").iterdir()}
    assert sizes == {FILE_BYTES} and min(blocks) >= FILE_BYTES


def test_another_service_that_counts_there_is_left_alone(tmp_path: Path) -> None:
    holder = "from infra.files import hold_file\nfrom pathlib import Path\nimport sys\n"
    holder += "with hold_file(Path(sys.argv[1]) / 'figures.lock', alone=True):\n    exec(sys.argv[2])"
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "counter_0.db").touch()
    inner = "import subprocess; subprocess.run([sys.executable, '-c', sys.argv[3], sys.argv[1]], check=True)"
    tries = "import sys; from pathlib import Path; from infra.figures import share\n"
    tries += "share(Path(sys.argv[1]) / 'figures', 2)"
    command = [sys.executable, "-c", holder, str(tmp_path), inner, tries]
    subprocess.run(command, cwd=ROOT, env=environment(), timeout=60, check=True)
    assert [file.name for file in (tmp_path / "figures").iterdir()] == ["counter_0.db"]


def test_metrics_that_were_made_already_cannot_be_shared(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="made before"):
        share(tmp_path / "figures", 2)


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from infra.figures import share\n"
    program += "share(Path(sys.argv[1]) / 'figures', 2)"
    (tmp_path / "figures").touch()
    assert "no room for the figures" in run(program, tmp_path).stderr


def test_one_process_counts_in_memory() -> None:
    CALLS.labels(peer="test", result="200").inc()
    assert value(exposition().decode(), 'keban_outgoing_calls_total{peer="test",result="200"}') >= 1


def test_a_worker_tells_its_figures_at_a_port_of_its_own() -> None:
    port = free_ports()
    tell_at("127.0.0.1", port)
    figures = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10)
    assert "keban_outbox_total" in figures.text


def test_a_port_that_is_taken_is_said_plainly() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ConfigError, match="cannot be opened"),
    ):
        tell_at("127.0.0.1", taken.getsockname()[1])
