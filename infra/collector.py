"""When Python's garbage collector may look at everything that lives.

Such a look stops every thread, and in a service with a librarian it takes some hundred milliseconds: a
question or a page that comes then waits for it. What was built to stay is therefore set aside, out of its
sight, and while such a thing is built nothing is looked at: nearly all that is new is there to stay.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator


class _Collector:
    """The process's one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._builders = 0
        self.sets_aside = False

    def rest(self) -> None:
        with self._lock:
            self._builders += 1
            gc.disable()

    def go_on(self) -> None:
        with self._lock:
            self._builders -= 1
            if not self._builders:
                if self.sets_aside:
                    _set_aside()
                gc.enable()


def _set_aside() -> None:
    gc.collect()  # rings among what is new; what was set aside before is not looked at
    gc.freeze()


_collector = _Collector()


def live_long() -> None:
    """This process is a service: from here on, what `building` leaves is set aside for good.

    Objects set aside still go when nothing refers to them; only rings of them would stay, so a command or a
    test, which builds many things in vain, does without.
    """
    _collector.sets_aside = True


@contextlib.contextmanager
def building() -> Iterator[None]:
    """No collection, in any thread, for as long as the block runs; blocks may overlap."""
    _collector.rest()
    try:
        yield
    finally:
        _collector.go_on()
