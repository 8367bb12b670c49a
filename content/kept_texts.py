"""The texts that were asked for last, bounded by their size: all lessons together would fill the memory."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST_BYTES = 16 * 1024 * 1024


class KeptTexts:
    """A cache of texts that never change under their key. Safe to share between threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._texts: OrderedDict[Hashable, str] = OrderedDict()
        self._bytes = 0
        self._changing = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], str]) -> str:
        """The text under ``key``, read if it is not here. Raises what ``read`` raises."""
        with self._changing:
            known = self._texts.get(key)
            if known is not None:
                self._texts.move_to_end(key)
                return known
        text = read()
        self._keep(key, text)
        return text

    def _keep(self, key: Hashable, text: str) -> None:
        with self._changing:
            if key in self._texts:
                return
            self._texts[key] = text
            self._bytes += sys.getsizeof(text)
            while self._bytes > self._most_bytes:
                self._bytes -= sys.getsizeof(self._texts.popitem(last=False)[1])
