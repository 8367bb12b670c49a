"""Several processes that share one listening socket: a parent that only watches over its children.

Tornado's own `fork_processes` leaves the children behind when its parent is told to stop.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from infra.log import get_logger

log = get_logger("serve")

MAX_RESTARTS = 100


def fork_children(count: int) -> int:
    """Returns in each child, with its number from 0; the parent stays inside and exits with its children.

    A child that dies is replaced, `MAX_RESTARTS` times in all. SIGTERM and SIGINT are passed on.
    """
    children: dict[int, int] = {}
    stopping = False

    def stop(signal_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for pid in children:
            os.kill(pid, signal_number)

    for number in range(count):
        if not _fork(number, children):
            return number
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    restarts = 0
    while children:
        pid, status = os.wait()
        number = children.pop(pid)
        if stopping or status == 0:
            continue
        restarts += 1
        log.error("child_died", number=number, status=os.waitstatus_to_exitcode(status), restarts=restarts)
        if restarts > MAX_RESTARTS:
            stop(signal.SIGTERM, None)
        elif not _fork(number, children):
            _forget_the_parents_signals()
            return number
    sys.exit(0 if stopping or not restarts else 1)


def _fork(number: int, children: dict[int, int]) -> bool:
    """True in the parent."""
    pid = os.fork()
    if pid:
        children[pid] = number
    return bool(pid)


def _forget_the_parents_signals() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
