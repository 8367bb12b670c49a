"""Keys that are replaced while the service runs: looked for by a thread of its own, never by a request.

A merchant's certificate ends after some years, and WeChat Pay's public key may come beside its certificates
any day. Whoever puts the new file in place (or edits the configuration) need not stop the shop for it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.errors import ConfigError
from infra.log import get_logger

log = get_logger("payments")

EVERY_S = 10.0
_Stamps = dict[Path, tuple[int, int, int] | None]


class KeyWatch:
    """Calls ``renew`` whenever one of the files changed. ``files`` is asked each time: it may change, too.

    What cannot work (a half-written file, a key of another merchant) is logged once and left; what was in use
    stays in use, and the next change is tried again.
    """

    def __init__(
        self, renew: Callable[[], None], files: Callable[[], Sequence[Path]], *, every_s: float = EVERY_S
    ) -> None:
        self._renew, self._files, self._every_s = renew, files, every_s
        self._stamps = self._look()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to watch; not before the process forks, for a thread does not come along."""
        self._thread = threading.Thread(target=self._watch, name="keys", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> bool:
        """One look; whether other keys are in use now."""
        seen = self._look()
        if seen == self._stamps:
            return False
        self._stamps = seen
        try:
            self._renew()
        except (ConfigError, OSError, UnicodeDecodeError) as error:
            log.error("keys_not_renewed", cause=str(error))
            return False
        # Other files may be named now. Of those that were looked at, a change since then must not be missed.
        self._stamps = {path: seen.get(path, stamp) for path, stamp in self._look().items()}
        log.info("keys_renewed")
        return True

    def _watch(self) -> None:
        while not self._ending.wait(self._every_s):
            self.look()

    def _look(self) -> _Stamps:
        return {path: _stamp_of(path) for path in self._files()}


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    with contextlib.suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
    return None
