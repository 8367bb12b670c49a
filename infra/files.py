"""Folders of ours."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from infra.errors import ConfigError


def make_folder(path: Path, key: str) -> Path:
    """Makes a folder and its parents. Raises ConfigError, with the configuration ``key`` that names it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{key}: the folder {path} cannot be made: {error.strerror}",
            hint="give a folder that this user may write to",
        ) from None
    return path


@contextlib.contextmanager
def hold_file(path: Path, *, alone: bool) -> Iterator[bool]:
    """Holds a lock file for the block: ``alone``, or beside others who are not. False when it is taken.

    The system lets go when the process ends, however it ends.
    """
    with path.open("a") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
