"""A till in a process of its own, which kills itself at a chosen statement.

The pretend gateway stays with whoever started it, at the other end of a pipe: what was asked of it has
happened, whatever became of the process that asked.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from typing import Any

from sqlalchemy import event

from infra.clock import ManualClock
from infra.database import Database
from infra.errors import KebanError
from infra.log import configure_for_commands
from payments.gateway import GatewayRefused, GatewayUnavailable, Merchant
from tests.unit.payments.counter import Counter, new_till
from tests.unit.payments.pretend_gateway import US, PretendGateway

PATIENCE_S = 60.0
Story = Callable[[Counter], None]

_processes = get_context("forkserver")
_processes.set_forkserver_preload([__name__])


class Suicide:
    """SIGKILL at the n-th statement or commit; counts them."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.seen = 0

    def hit(self, *_args: Any, **_kw: Any) -> None:
        if self.at == self.seen:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1


class FarGateway:
    """The pretend gateway, asked through a pipe: its methods, and copies of what it holds."""

    merchant: Merchant = US

    def __init__(self, line: Connection) -> None:
        self._line = line

    @property
    def accounts(self) -> Any:
        return self._ask("accounts", None)

    @property
    def refunds(self) -> Any:
        return self._ask("refunds", None)

    def all_are_ready(self) -> None:
        """Waits for the other processes, as often as they wait for this one."""
        self._ask("all_are_ready", None)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **given: self._ask(name, (args, given))

    def _ask(self, name: str, what: object) -> Any:
        self._line.send((name, what))
        how, said = self._line.recv()
        if how == "refused":
            raise GatewayRefused(*said)
        if how == "unavailable":
            raise GatewayUnavailable(said)
        return said


class OtherProcess:
    """Runs ``story`` on the database at ``url``; dead at statement ``kill_at``, if it comes so far."""

    def __init__(self, url: str, story: Story, moment: datetime, kill_at: int | None = None) -> None:
        self.line, far_end = _processes.Pipe()
        self.statements: int | None = None  # once it has come to its end
        self.process: ForkServerProcess = _processes.Process(
            target=_live, args=(far_end, url, story, moment, kill_at), daemon=True
        )
        self.process.start()
        far_end.close()

    @property
    def was_killed(self) -> bool:
        return self.process.exitcode == -signal.SIGKILL


def run_all(others: Sequence[OtherProcess], gateway: PretendGateway) -> None:
    """Answers them for the gateway until each has ended, one way or the other.

    Who says that it is ready goes on when all others are (`FarGateway.all_are_ready`), so that they begin at
    once.
    """
    lines = {other.line: other for other in others}
    at_the_start: list[Connection] = []
    while lines:
        ready = wait(list(lines), PATIENCE_S)
        assert ready, "another process says nothing any more"
        for line in ready:
            assert isinstance(line, Connection)
            try:
                if not _answer(lines[line], gateway):
                    at_the_start.append(line)
            except (EOFError, ConnectionError):
                line.close()
                del lines[line]
        if at_the_start and len(at_the_start) == len(lines):
            for line in at_the_start:
                line.send(("said", None))
            at_the_start.clear()
    for other in others:
        other.process.join(PATIENCE_S)
        assert other.was_killed or other.process.exitcode == 0, other.process.exitcode


def _answer(other: OtherProcess, gateway: PretendGateway) -> bool:
    """False for one that has to wait for the others."""
    name, what = other.line.recv()
    if name == "all_are_ready":
        return False
    if name == "ended":
        other.statements = what
        return True
    try:
        asked = getattr(gateway, name)
        said = ("said", asked if what is None else asked(*what[0], **what[1]))
    except GatewayRefused as refusal:
        said = ("refused", (refusal.code, refusal.hint))
    except GatewayUnavailable as error:
        said = ("unavailable", str(error))
    other.line.send(said)
    return True


def _live(line: Connection, url: str, story: Story, moment: datetime, kill_at: int | None) -> None:
    configure_for_commands()
    db, suicide, gateway = Database(url), Suicide(kill_at), FarGateway(line)
    for name in ("before_cursor_execute", "commit"):
        event.listen(db.engine, name, suicide.hit)
    clock = ManualClock(moment)
    counter = Counter(db, clock, gateway, new_till(db, gateway, clock))  # type: ignore[arg-type]
    with suppress(KebanError):
        story(counter)
    suicide.hit()  # all is committed, and nobody has heard of it
    line.send(("ended", suicide.seen))
    db.close()
