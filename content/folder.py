"""A course's folder read once into memory, bounded, so that what is hashed is what is parsed.

Hidden files and names that begin with "_" (but `_index.md`) are not ours to read; a symlink must stay inside.
"""

from __future__ import annotations

import contextlib
import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from content.assets import is_asset_name, max_bytes
from content.problem import Findings, Problem

MAX_TEXT_BYTES = 1024 * 1024
MAX_COURSE_BYTES = 64 * 1024 * 1024
MAX_FILES = 1_000
MAX_FOLDER_DEPTH = 4
MAX_PATH_CHARS = 400  # as wide as the column that keeps it
# Part of each digest: raise it when the same files would be rendered differently, and all is published anew.
RENDERING = b"keban-5"


@dataclass(frozen=True)
class Snapshot:
    """The files of one course by their path inside it (POSIX, NFC), and digests over names and bytes.

    ``digest`` changes with the way of rendering, too; ``bare_digest`` is of what the creator wrote alone.
    """

    name: str
    path: Path
    files: Mapping[str, bytes]
    digest: str
    bare_digest: str
    problems: list[Problem] = field(default_factory=list)

    def file(self, path: str) -> str:
        """A file's path as it is shown to the creator."""
        return os.path.join(self.path, path)  # noqa: PTH118 - asked for each text, and many times as quick


def course_folders(root: Path) -> list[Path]:
    """The folders that may be courses, by name.

    Raises OSError when ``root`` cannot be listed.
    """
    return sorted(
        (path for path in root.iterdir() if _is_ours(path.name) and path.is_dir()), key=lambda path: path.name
    )


def take_snapshot(folder: Path) -> Snapshot | None:
    """Reads a folder; None when nothing in it is a course's file (a folder just made)."""
    findings = Findings(str(folder))
    files: dict[str, bytes] = {}
    if leads_out(folder, folder.parent):
        findings.error(1, "课程文件夹是指向外面的链接", "把文件夹本身放进来，不要用符号链接")
    else:
        _read_all(folder, findings, files)
    if not files and not findings.problems:
        return None
    name = unicodedata.normalize("NFC", folder.name)
    bare = _digest(name, files)
    digest = sha256(RENDERING + bare.encode()).hexdigest()
    return Snapshot(name, folder, files, digest, bare, findings.problems)


class Stamp(NamedTuple):
    """What the file system says of a folder: ``mark`` changes when anything below is written, moved or
    linked; ``newest_s`` is when that last happened, in seconds since 1970."""

    mark: str
    newest_s: float


def stamp_of(folder: Path) -> Stamp:
    """Names, sizes, times and inodes of all that a snapshot would look at; no byte of it is read."""
    marks, newest_ns = sha256(), 0
    for path, told in _told(folder, MAX_FOLDER_DEPTH):
        times = told.st_mtime_ns, told.st_ctime_ns
        marks.update(f"{path}\0{times}{told.st_size} {told.st_ino}\n".encode(errors="surrogateescape"))
        newest_ns = max(newest_ns, *times)
    return Stamp(marks.hexdigest(), newest_ns / 1e9)


def _told(folder: Path, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    """What is out of reach is left out."""
    with contextlib.suppress(OSError):
        yield str(folder), folder.stat()
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if not _is_ours(entry.name):
                continue
            if depth and entry.is_dir(follow_symlinks=False):
                yield from _told(Path(entry.path), depth - 1)
                continue
            yield entry.path, entry.stat(follow_symlinks=False)
            if entry.is_symlink():
                yield entry.path, entry.stat()


def _digest(name: str, files: Mapping[str, bytes]) -> str:
    total = sha256()
    for part in (name.encode(), *_parts(files)):
        total.update(len(part).to_bytes(8))
        total.update(part)
    return total.hexdigest()


def _parts(files: Mapping[str, bytes]) -> Iterator[bytes]:
    for path in sorted(files):
        yield path.encode()
        yield files[path]


def _read_all(folder: Path, findings: Findings, files: dict[str, bytes]) -> None:
    total = 0
    for path in _walk(folder, folder, findings, 1):
        here = findings.of(str(path))
        data = _read(path, here)
        if data is None:
            continue
        name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
        if len(name) > MAX_PATH_CHARS:
            here.error(1, "文件夹和文件名加起来太长", f"最多 {MAX_PATH_CHARS} 个字符")
            continue
        total += len(data)
        if len(files) >= MAX_FILES or total > MAX_COURSE_BYTES:
            limit = f"一门课最多 {MAX_FILES} 个文件、{MAX_COURSE_BYTES // 1024 // 1024} MiB"
            here.error(1, "这门课的文件太多或太大", limit)
            return
        files[name] = data


def _walk(root: Path, folder: Path, findings: Findings, depth: int) -> Iterator[Path]:
    """The course's text and picture files below ``folder``."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        findings.of(str(folder)).error(1, "读不了这个文件夹", "检查权限后再保存一次")
        return
    for entry in entries:
        if not _is_ours(entry.name):
            continue
        if entry.is_symlink() and (leads_out(Path(entry.path), root) or entry.is_dir()):
            findings.of(entry.path).error(1, "不能用指向课程外面的符号链接", "把文件复制进课程文件夹")
        elif entry.is_dir(follow_symlinks=False):
            yield from _deeper(root, entry, findings, depth)
        elif entry.is_file() and _is_course_file(entry.name):
            yield Path(entry.path)


def _deeper(root: Path, entry: os.DirEntry[str], findings: Findings, depth: int) -> Iterator[Path]:
    if depth >= MAX_FOLDER_DEPTH:
        findings.of(entry.path).error(1, "文件夹套得太深", "课程 / 章 / 课时，最多再有一层放图片")
        return
    yield from _walk(root, Path(entry.path), findings, depth + 1)


def _read(path: Path, findings: Findings) -> bytes | None:
    limit = max_bytes(path.name) if is_asset_name(path.name) else MAX_TEXT_BYTES
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError:
        # Gone between listing and reading, or not readable: refused now, seen again on its next save.
        findings.error(1, "读不了这个文件", "检查权限后再保存一次")
        return None
    if len(data) > limit:
        findings.error(
            1,
            f"文件超过 {limit // 1024 // 1024} MiB",
            "拆成几课，或把图片、音频、视频压缩一下；长视频放腾讯视频",
        )
        return None
    return data


def leads_out(path: Path, root: Path) -> bool:
    if not path.is_symlink():
        return False
    try:
        return not path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return True


def _is_ours(name: str) -> bool:
    return name == "_index.md" or not name.startswith((".", "_"))


def _is_course_file(name: str) -> bool:
    return name.endswith(".md") or is_asset_name(name)
