"""The files of a source, listed once and read when wanted; bounded, and never out of their folder."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from content.assets import max_bytes
from content.folder import MAX_TEXT_BYTES, leads_out
from content.importing.losses import Losses
from infra.errors import NotFound, Refused

MAX_ENTRIES = 20_000
MAX_DEPTH = 12
MAX_ENTRIES_BESIDE = 5_000
MAX_DEPTH_BESIDE = 4
# What has all its pictures in itself.
_ALONE = (".docx", ".docm")
# What tools keep for themselves; a `.gitbook` folder has the pictures of a book, so not all that is hidden.
_NOT_TEXTS = frozenset(
    (".git", ".svn", ".hg", ".obsidian", ".trash", ".venv", ".deploy_git", ".vscode", ".idea", "node_modules",
     "__pycache__", "__MACOSX")
)  # fmt: skip
# Chinese Windows writes GB18030; it comes last, because nearly any bytes can be read as it.
_ENCODINGS = ("utf-8-sig", "gb18030")
# Control characters, halves of a pair, and what YAML forbids beside them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_WIDE_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Tree:
    """``paths`` are those of all files, POSIX and NFC, by name; ``root`` is where they begin."""

    def __init__(self, root: Path, losses: Losses, *, only: Path | None = None) -> None:
        """``only``: a file that was given by itself; what lies beside it may be anything and may be much.

        Raises NotFound when there is no such folder, Refused when there are too many files in it.
        """
        self.root = root
        self._losses = losses
        self._files: dict[str, Path] = {}
        if only is not None:
            self._add(only)
        try:
            if only is None:
                self._add_all(_walk(root, root, losses, MAX_DEPTH))
            elif only.suffix.lower() not in _ALONE:
                self._add_all(islice(_walk(root, root, Losses(), MAX_DEPTH_BESIDE), MAX_ENTRIES_BESIDE))
        except OSError as error:
            raise NotFound(f"{root}：{error.strerror}", hint="检查文件夹的名字和权限") from None
        self.paths = tuple(sorted(self._files))

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def read(self, path: str, limit: int) -> bytes | None:
        """The bytes of a file; None with a loss when it is larger than ``limit`` or cannot be read."""
        try:
            with self._files[path].open("rb") as file:
                data = file.read(limit + 1)
        except OSError:
            self._losses.of(path, "读不了这个文件", "检查权限后再搬一次")
            return None
        if len(data) > limit:
            self._losses.of(
                path, f"文件超过 {limit // 1024 // 1024} MiB，没有搬", "拆小或压缩以后，自己放进去"
            )
            return None
        return data

    def text(self, path: str, limit: int = MAX_TEXT_BYTES) -> str | None:
        """A file's text as `readable` has it; None with a loss when it is none."""
        data = self.read(path, limit)
        if data is None:
            return None
        text = readable(data)
        if text is None:
            self._losses.of(path, "看不出是什么编码", "在编辑器里另存为 UTF-8，再搬一次")
        return text

    def picture(self, path: str) -> bytes | None:
        """The bytes of a picture, of sound or film; None with a loss when it is too large for a page."""
        return self.read(path, max_bytes(path))

    def _add_all(self, paths: Iterable[Path]) -> None:
        for path in paths:
            self._add(path)

    def _add(self, path: Path) -> None:
        if len(self._files) >= MAX_ENTRIES:
            raise Refused(
                f"{self.root} 里的文件超过 {MAX_ENTRIES} 个",
                hint="只给要搬的那个文件夹，例如 content/posts/python",
            )
        name = unicodedata.normalize("NFC", path.relative_to(self.root).as_posix())
        if os.fsencode(name).decode("utf-8", "replace") != name:
            self._losses.of(name.encode("utf-8", "replace").decode(), "文件名不是 UTF-8，没有搬", "改个名字")
            return
        self._files[name] = path


def readable(data: bytes) -> str | None:
    r"""Text of unknown encoding, in NFC with \n line ends, without control characters; None if it is none."""
    wide = next((name for mark, name in _WIDE_MARKS if data.startswith(mark)), "")
    for encoding in (wide,) if wide else _ENCODINGS:
        try:
            return clean(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return None


def clean(text: str) -> str:
    r"""NFC, \n line ends, and nothing that cannot be seen."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNSEEN.sub("", lines))


def _walk(root: Path, folder: Path, losses: Losses, depth: int) -> Iterator[Path]:
    """All files below, ``depth`` folders deep. Raises OSError when ``root`` itself cannot be listed."""
    for entry in _listed(root, folder, losses):
        path, shown = Path(entry.path), Path(entry.path).relative_to(root).as_posix()
        if entry.name in _NOT_TEXTS:
            continue
        if entry.is_symlink() and (entry.is_dir() or leads_out(path, root)):
            # A link to a folder may lead round in a circle, one to the outside to anything at all.
            losses.of(shown, "符号链接没有跟过去", "把文件本身复制进来，再搬一次")
        elif entry.is_dir(follow_symlinks=False):
            if depth > 1:
                yield from _walk(root, path, losses, depth - 1)
            else:
                losses.of(shown, "文件夹套得太深，没有搬", f"最多 {MAX_DEPTH} 层")
        elif entry.is_file() and not entry.name.startswith("."):
            yield path


def _listed(root: Path, folder: Path, losses: Losses) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        if folder == root:
            raise
        losses.of(folder.relative_to(root).as_posix(), "打不开这个文件夹，没有搬", "检查权限后再搬一次")
        return []
