"""Where the sandbox keeps what must outlive a restart: JSON documents in one SQLite file, or in memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Store:
    """Documents by kind and key. Used from the sandbox's own thread only."""

    def __init__(self, directory: str = "") -> None:
        self._connection = sqlite3.connect(_path(directory), isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS documents"
            " (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key))"
            " WITHOUT ROWID"
        )

    def put(self, kind: str, key: str, body: dict[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        self._connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, text))

    def all(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every document of a kind, by key."""
        rows = self._connection.execute(
            "SELECT key, body FROM documents WHERE kind = ? ORDER BY key", (kind,)
        )
        for key, body in rows.fetchall():
            yield key, json.loads(body)

    def delete(self, kind: str, key: str) -> None:
        self._connection.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))

    def close(self) -> None:
        self._connection.close()


def _path(directory: str) -> str:
    if not directory:
        return ":memory:"
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return str(folder / "sandbox.db")
