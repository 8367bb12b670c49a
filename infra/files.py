"""Folders of ours."""

from __future__ import annotations

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
