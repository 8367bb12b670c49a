"""What the creator pointed at: a file, a folder, or a folder inside of a site, a book or a vault."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from content.importing.losses import Losses
from content.importing.tree import Tree
from infra.errors import NotFound

_SITE_FILES = (
    "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "_config.yml", "_config.yaml", "book.toml",
    "book.json",
    "SUMMARY.md", ".gitbook.yaml",
)  # fmt: skip
_OLD_HUGO = ("config.toml", "config.yaml", "config.yml", "config.json")
MAX_STEPS_UP = 6
_MAX_LOOK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Source:
    """``path`` is what was given; ``root`` the site that it stands in (itself, when it is none's part);
    ``at`` leads from the one to the other, POSIX, "" when they are the same."""

    path: Path
    root: Path
    at: str
    losses: Losses

    @property
    def is_file(self) -> bool:
        return self.path.is_file()

    @property
    def file(self) -> str:
        """The path in the tree of a file that was given by itself."""
        return unicodedata.normalize("NFC", self.path.name)

    @property
    def name(self) -> str:
        """What the source is called, for a course that nobody gave a title."""
        name = self.path.stem if self.is_file else self.path.name
        return unicodedata.normalize("NFC", name)

    @cached_property
    def tree(self) -> Tree:
        """The files below ``root``; of a file given by itself, those beside it."""
        return Tree(self.root, self.losses, only=self.path if self.is_file else None)

    def has(self, name: str) -> bool:
        return (self.root / name).exists()


def open_source(path: Path, losses: Losses) -> Source:
    """Raises NotFound when there is nothing at ``path``."""
    try:
        path = path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError):
        raise NotFound(f"没有找到 {path}", hint="检查路径；文件夹和单个文件都可以") from None
    if path.is_file():
        return Source(path, path.parent, "", losses)
    root = next((folder for folder in (path, *path.parents[:MAX_STEPS_UP]) if _is_site(folder)), path)
    at = path.relative_to(root).as_posix()
    return Source(path, root, "" if at == "." else unicodedata.normalize("NFC", at), losses)


def _is_site(folder: Path) -> bool:
    if any((folder / name).is_file() for name in _SITE_FILES) or (folder / ".obsidian").is_dir():
        return True
    return is_old_hugo(folder)


def is_old_hugo(folder: Path) -> bool:
    """Hugo's former names of its configuration are everybody's: `baseURL` in it is Hugo's alone."""
    told = (folder / name for name in _OLD_HUGO)
    return (folder / "content").is_dir() and any("baseurl" in _beginning(path) for path in told)


def _beginning(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_LOOK_BYTES).decode("utf-8", "replace").lower()
    except OSError:
        return ""
