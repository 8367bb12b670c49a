"""The figures as they are told, and how the processes of one service count together.

One process counts in memory. Several (`serve --processes N`) count into files that each of them can read, so
whichever is asked tells the sum of all: https://prometheus.github.io/client_python/multiprocess/ . That is
decided when a metric is made, so `share` comes before the import of `infra.metrics`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    generate_latest,
    start_http_server,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from infra.errors import ConfigError
from infra.files import hold_file, make_folder

__all__ = ["CONTENT_TYPE_LATEST", "exposition", "name_process", "share", "tell_at"]

PARENT = "parent"
KINDS = ("counter", "histogram", "gauge_mostrecent")
# Some thousand series. The room is taken beforehand: a disk that is full later would kill who counts.
FILE_BYTES = 256 * 1024


class _Shared:
    """Where this process's service counts; ``folder`` is None for one that counts in memory."""

    folder: Path | None = None
    name = PARENT
    held = contextlib.ExitStack()


def share(folder: Path, processes: int) -> None:
    """From now on this process and its children count into ``folder``, which is emptied.

    Does nothing when another service counts there. Raises ConfigError when there is no room.
    """
    if "infra.metrics" in sys.modules:
        raise RuntimeError("metrics were made before it was known where they count")
    make_folder(folder.parent, "site.data_dir")
    # The children hold it too; so it is free again when the last of them has ended.
    if not _Shared.held.enter_context(hold_file(folder.with_suffix(".lock"), alone=True)):
        return
    try:
        _make_room(folder, [PARENT, *map(str, range(processes))])
    except OSError as error:
        raise ConfigError(f"site.data_dir: no room for the figures in {folder}: {error.strerror}") from None
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: _Shared.name)  # type: ignore[no-untyped-call]
    _Shared.folder = folder


def name_process(number: int) -> None:
    """This is the child with that number. One that takes a dead one's place goes on with its figures."""
    _Shared.name = str(number)


def exposition() -> bytes:
    """All figures of this service, as Prometheus reads them."""
    from infra.metrics import REGISTRY  # see `share`

    if _Shared.folder is None:
        return generate_latest(REGISTRY)
    of_all = CollectorRegistry()
    MultiProcessCollector(of_all, path=str(_Shared.folder))  # type: ignore[no-untyped-call]
    return generate_latest(of_all)


def tell_at(host: str, port: int) -> None:
    """For a process that serves nothing else: tells its figures at ``/metrics``, in a thread of its own."""
    from infra.metrics import REGISTRY

    try:
        start_http_server(port, host, REGISTRY)
    except OSError as error:
        raise ConfigError(
            f"--port: {host}:{port} cannot be opened: {error.strerror or error}",
            hint="each worker has a port of its own, and not the service's",
        ) from None


def _make_room(folder: Path, names: list[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for kind in KINDS:
        for name in names:
            with (folder / f"{kind}_{name}.db").open("wb") as file:
                file.write(bytes(FILE_BYTES))
