"""What a large piece of work has left in memory goes back to the machine."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from infra.given_back import give_back

MB = 1024 * 1024
has_trim = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not has_trim, reason="the C library of this machine has no such call")
def test_pages_between_what_is_kept_go_back() -> None:
    pieces = [bytes(1024) for _ in range(64 * 1024)]
    kept = pieces[::256]  # one in each quarter of a megabyte holds all of them where they are
    del pieces
    before = resident_bytes()
    give_back()
    assert before - resident_bytes() > 32 * MB
    assert len(kept) == 256


def test_with_nothing_to_give_back_nothing_happens() -> None:
    give_back()
    give_back()
