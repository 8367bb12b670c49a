"""Memory that a large piece of work has left goes back to the machine."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Lets the C library return pages that nothing stands on; does nothing where there is no such call.

    Its own habit is to keep them for the next time, and the next time is the next publishing.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
