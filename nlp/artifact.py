"""Folders that are written whole or not at all, and read by several processes at once."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A new folder beside `target`, gone at the end unless it was put in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".unfinished", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(finished: Path, target: Path) -> None:
    """What is in the files reaches the disk first; then two renames: whoever reads sees the old folder or the
    new one, never half of one."""
    for file in finished.iterdir():
        _to_disk(file)
    finished.chmod(0o755)
    outdated = target.with_name(f".{target.name}.{os.getpid()}.outdated")
    with suppress(FileNotFoundError):
        target.rename(outdated)
    with suppress(FileExistsError, OSError):  # another process put the same there meanwhile
        finished.rename(target)
    _to_disk(target.parent)
    shutil.rmtree(outdated, ignore_errors=True)


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Readable by people as well."""
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
