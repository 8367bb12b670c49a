"""Payments that arrive together are settled together: one transaction, one commit, for up to `AT_ONCE`.

Nobody waits for others to arrive. Who comes while a transaction runs waits for its end, and then one of those
who wait takes the others in. What is not plain (it does not match, it opens nothing, it is the second one of
a follower) and what failed together is settled by itself, as if it had come alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from infra.log import get_logger, trace_of, tracing
from infra.together import Together
from payments.case import AT_ONCE, Case, look_into
from payments.desk import Desk
from payments.differences import differences
from payments.fulfil import is_of_use
from payments.gateway import Merchant, Notice, Payment
from payments.inbox import kept
from payments.settle import decide, settle
from payments.settled import Settled

log = get_logger("payments")


class _Waiting:
    """A payment; ``told`` when it is its turn, or when others have taken it in.

    ``settled``: what became of it then; None if it is left to itself.
    """

    def __init__(self, notice: Notice[Payment]) -> None:
        self.notice = notice
        self.told = threading.Event()
        self.is_taken = False
        self.settled: Settled | None = None


class Burst:
    """One for all threads of a till."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._door = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._is_busy = False

    def take(self, notice: Notice[Payment]) -> Settled:
        """What became of it, once that is committed."""
        mine = _Waiting(notice)
        with self._door:
            self._waiting.append(mine)
            if not self._is_busy:
                self._is_busy = True
                mine.told.set()
        mine.told.wait()
        if not mine.is_taken:
            self._take_those_who_wait()
        return mine.settled or self._alone(notice)

    def _take_those_who_wait(self) -> None:
        """The first of them, of whom the very first is the one whose turn it is; then it is another's."""
        with self._door:
            taken = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        try:
            if len(taken) > 1:
                self._together(taken)
            else:
                taken[0].settled = self._alone(taken[0].notice)
        finally:
            for one in taken:
                one.is_taken = True
                one.told.set()
            with self._door:
                self._is_busy = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].told.set()

    def _alone(self, notice: Notice[Payment]) -> Settled:
        return self._desk.write_together(partial(_settle, self._desk, notice))

    def _together(self, waiting: Sequence[_Waiting]) -> None:
        notices = [one.notice for one in waiting]
        try:
            settled = settle_plain(self._desk, notices)
        except Exception as error:  # whatever it is: each of them meets its own, and no other's, alone
            log.warning("burst_not_settled", payments=len(waiting), cause=f"{type(error).__name__}: {error}")
            return
        for one, came_of_it in zip(waiting, settled, strict=True):
            one.settled = came_of_it


def settle_plain(desk: Desk, notices: Sequence[Notice[Payment]]) -> list[Settled | None]:
    """Those of up to `AT_ONCE` payments that are plain, in one transaction; None for each of the others."""
    return desk.write_together(partial(_settle_plain, desk, notices))


def _settle(desk: Desk, notice: Notice[Payment], writing: Together) -> Settled:
    now = desk.now()
    settled = settle(writing, notice.fact, desk.gateway.merchant, now)
    writing.must(kept(notice, "payment", settled, now))
    return settled


def _settle_plain(desk: Desk, notices: Sequence[Notice[Payment]], writing: Together) -> list[Settled | None]:
    """All of them are looked into before any is written, so none of them may change what another saw."""
    now, us = desk.now(), desk.gateway.merchant
    cases = look_into(writing.conn, *(notice.fact for notice in notices), now=now)
    seen: set[str] = set()
    settled: list[Settled | None] = []
    for notice, case in zip(notices, cases, strict=True):
        if case is None or not _is_plain(notice.fact, case, us, now) or not _is_first(notice, case, seen):
            settled.append(None)
            continue
        with tracing(trace_of(notice.id)):
            came_of_it = decide(writing, notice.fact, case, us, now)
            writing.must(kept(notice, "payment", came_of_it, now))
            writing.next_matter()
        settled.append(came_of_it)
    return settled


def _is_first(notice: Notice[Payment], case: Case, seen: set[str]) -> bool:
    """Of its follower, its transaction and its id; ``seen`` learns of it."""
    keys = {case.order.openid, f"transaction {notice.fact.transaction_id}", f"notice {notice.id}"}
    is_first = seen.isdisjoint(keys)
    seen |= keys
    return is_first


def _is_plain(paid: Payment, case: Case, us: Merchant, now: datetime) -> bool:
    """The payment is what was asked for, is new, and opens what it bought."""
    is_new = case.attempt.transaction_id is None and not case.attempt.wrong
    return (
        is_new
        and not differences(paid, case.attempt, case.holder, us)
        and is_of_use(case.order, case.held, now)
    )
