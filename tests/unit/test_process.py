"""The tests' own tool: ports that two tests never share."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import process

HOLDER = "from tests.process import free_ports; print(free_ports(2), flush=True); input()"


def test_no_port_is_given_twice() -> None:
    assert len({process.free_ports(2) for _ in range(20)}) == 20


def test_what_another_process_was_given_is_free_again_only_when_it_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=process.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        port = int(holder.stdout.readline())
        monkeypatch.setattr(process, "PORTS", range(port, port + 10, 10))
        with pytest.raises(AssertionError, match="taken"):
            process.free_ports(2)
        holder.kill()
        holder.wait()
        assert process.free_ports(2) == port
