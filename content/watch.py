"""Saving is publishing: a thread that watches the creators' folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from watchfiles import watch

from content.problem import Problem
from content.publish import Publisher, Report
from infra.errors import KebanError
from infra.log import get_logger

log = get_logger("content")

QUIET_MS = 40  # an editor's burst of writes is over when nothing happened for this long …
LONGEST_BURST_MS = 1_000  # … or after this
TICK_MS = 500
FULL_LOOK_TICKS = 120  # network disks lose events, so all is looked at again every minute or so
FULL_READ_TICKS = 60 * FULL_LOOK_TICKS  # and some lie about times, so all is read again every hour or so

Tell = Callable[[Sequence[Problem]], None]


class Watcher:
    """Publishes ``root`` once at the start and again after each change, until it is stopped.

    ``on_report`` is called from the watching thread after each publishing that changed or refused something.
    ``turn``: of several processes the one to which it gives True watches, for as long as it holds it and
    ``still`` says so; the others ask again from time to time. ``tell``: who hears of problems, each once
    for as long as it stands; the log, unless somebody else is named.
    """

    def __init__(
        self,
        publisher: Publisher,
        root: Path,
        *,
        on_report: Callable[[Report], None] | None = None,
        turn: Callable[[], AbstractContextManager[bool]] = lambda: nullcontext(True),
        still: Callable[[], bool] = lambda: True,
        tell: Tell | None = None,
        rest_after_error_s: float = 3.0,
    ) -> None:
        self._publisher = publisher
        self._root = root
        self._on_report = on_report
        self._turn = turn
        self._still = still
        self._tell = tell or _write_down
        self._rest_after_error_s = rest_after_error_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._told: tuple[Problem, ...] = ()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begins to watch; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="content-watch", daemon=True)
            self._thread.start()

    def stop(self, *, timeout_s: float = 5.0) -> None:
        """Stops watching; a publishing under way is finished first."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._turn() as is_ours:
                    if is_ours:
                        self._publish_and_watch()
            except (KebanError, OSError) as error:
                log.warning("content_watch_interrupted", cause=str(error))
            except Exception:
                # The outermost edge of this thread: without it one surprise would end publishing silently.
                log.exception("content_watch_broke")
            self._stopping.wait(self._rest_after_error_s)

    def _publish_and_watch(self) -> None:
        """Returns when asked to stop, or when it is another's turn; raises when the store or the folder is
        out of reach."""
        self._publish()
        changes = watch(
            self._root,
            debounce=LONGEST_BURST_MS,
            step=QUIET_MS,
            stop_event=self._stopping,
            rust_timeout=TICK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
        touched: set[Path] | None = set()
        for tick, changed in enumerate(changes):
            if not self._still():
                return
            # What was touched is looked at once more when it is quiet: a new folder's files may have been
            # written before anybody listened there.
            again, touched = touched, self._touched(path for _, path in changed)
            if tick % FULL_READ_TICKS == FULL_READ_TICKS - 1:
                self._publisher.forget()
            # The first tick looks in any case: something may have been saved before the watching began.
            if tick % FULL_LOOK_TICKS == 0 or touched is None or again is None:
                self._publish()
            elif touched or again:
                self._publish(touched | again)

    def _touched(self, paths: Iterable[str]) -> set[Path] | None:
        """The courses' folders that the paths lie in; None when that cannot be told."""
        folders = set()
        for path in paths:
            for root in (self._root, self._root.resolve()):
                if (inside := Path(path)).is_relative_to(root) and inside != root:
                    folders.add(self._root / inside.relative_to(root).parts[0])
                    break
            else:
                return None
        return folders

    def _publish(self, touched: set[Path] | None = None) -> None:
        report = self._publisher.publish(self._root, touched)
        news = report.problems != self._told
        if news:
            known, self._told = set(self._told), report.problems
            self._tell([problem for problem in report.problems if problem not in known])
        if self._on_report and (report.changed or news):
            self._on_report(report)
        if not self._root.is_dir():
            raise FileNotFoundError(f"{self._root} is not there; looking again soon")


def _write_down(problems: Sequence[Problem]) -> None:
    for problem in problems:
        if problem.severity == "error":
            log.error("course_refused", problem=str(problem))
        elif problem.severity == "warning":
            log.warning("course_doubtful", problem=str(problem))
