"""The parent of several processes, as a process: what it does with children that end."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from commands.processes import FIRST_PAUSE_S, LONGEST_PAUSE_S, MAX_RESTARTS
from tests.process import ROOT, environment, free_ports

# Each child prints a line and ends with the status that is put in; pauses are printed, not waited for.
PROGRAM = """
import os, sys
from commands.processes import fork_children
number = fork_children(2, pause=lambda s: print("pause", flush=True))
os.write(1, f"child {number}\\n".encode())
os._exit({status})
"""


def outcome(status: int) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{status}", str(status))],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    # The log goes the same way.
    return done.returncode, re.findall(r"child \d|pause", done.stdout)


def test_children_that_end_well_are_the_end() -> None:
    status, lines = outcome(0)
    assert (status, sorted(lines)) == (0, ["child 0", "child 1"])


def test_a_child_that_found_the_configuration_wrong_is_not_replaced() -> None:
    status, lines = outcome(2)
    assert status == 2
    assert len(lines) <= 2 and "pause" not in lines


@pytest.mark.parametrize("status", [1, 70])
def test_children_that_always_fail_are_replaced_more_and_more_slowly_and_not_for_ever(status: int) -> None:
    ended, lines = outcome(status)
    assert ended == 1
    assert len(lines) - lines.count("pause") in (MAX_RESTARTS + 1, MAX_RESTARTS + 2)
    longest = round(LONGEST_PAUSE_S / FIRST_PAUSE_S)
    assert (MAX_RESTARTS - 10) * longest < lines.count("pause") < MAX_RESTARTS * longest


def test_a_service_of_several_processes_with_a_fault_says_it_once(config: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "--config",
            config,
            "serve",
            "--processes",
            "3",
            "--port",
            str(free_ports()),
        ],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("run: python manage.py db upgrade") == 1
    assert "Traceback" not in done.stderr
