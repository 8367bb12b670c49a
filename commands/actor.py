"""Who sits at the command line, for the audit."""

from __future__ import annotations

import getpass


def actor() -> str:
    """``operator:NAME``, by the name of the system's account."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        name = "unknown"
    return f"operator:{name}"[:64]
