"""A running server and what it uses, as Linux counts it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    """``started_s``: from its start to its first answer."""

    port: int
    pid: int
    started_s: float

    def cpu_s(self) -> float:
        """Processor time used so far, of all its threads and of the processes that it has forked."""
        return sum(self.cpu_s_by_process())

    def cpu_s_by_process(self) -> list[float]:
        """The same, its own first."""
        return [_cpu_s(pid) for pid in family(self.pid)]

    def resident_mb(self) -> float:
        """Resident memory now of the process itself, in MB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def family(pid: int) -> list[int]:
    """A process and those that it has forked, itself first."""
    others = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid, *sorted(other for other in others if _parent(other) == pid)]


def _cpu_s(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _parent(pid: int) -> int:
    try:
        return int(_stat(pid)[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended meanwhile


def _stat(pid: int) -> list[str]:
    """What follows the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
