"""The sentences that followers read: one TOML file, looked up by ``section.key`` and filled in."""

from __future__ import annotations

import tomllib
from pathlib import Path
from string import Formatter
from typing import Any

from infra.errors import ConfigError

FILE = Path(__file__).with_name("sentences.toml")


class Sentences:
    """``say("buy.order", title=...)``.

    Raises ConfigError when the file is broken; a key that is missing is a programmer's mistake: KeyError.
    """

    def __init__(self, path: Path = FILE) -> None:
        self._texts = _flatten(path)

    def __call__(self, key: str, **values: Any) -> str:
        text = self._texts[key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        return key in self._texts

    def keys(self) -> frozenset[str]:
        return frozenset(self._texts)

    def fields(self, key: str) -> frozenset[str]:
        """The names in braces of a sentence, for checking a changed file."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self._texts[key]) if name)


def _flatten(path: Path) -> dict[str, str]:
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path.name}: {error}", hint="the sentences file is TOML, section by section"
        ) from None
    return {f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()}
