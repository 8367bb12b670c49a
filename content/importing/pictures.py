"""The pictures, sound and film of a new course: each copied beside the first text that shows it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from hashlib import sha256

from content.assets import MEDIA_TYPES, is_asset_name, is_what_it_says, max_bytes
from content.folder import MAX_COURSE_BYTES, MAX_FILES
from content.importing.losses import Losses
from content.importing.names import Taken, picture_name

# Room for the texts beside the pictures.
MAX_PICTURES = MAX_FILES // 2
MAX_PICTURE_BYTES = MAX_COURSE_BYTES * 3 // 4


class Pictures:
    """``read`` gives a picture of the source by its path. The same picture under two names is kept once."""

    def __init__(self, read: Callable[[str], bytes | None], losses: Losses) -> None:
        self.files: dict[str, bytes] = {}
        self._read, self._losses = read, losses
        self._placed: dict[str, str | None] = {}
        self._by_digest: dict[str, str] = {}
        self._taken: dict[str, Taken] = {}
        self._bytes = 0

    def place(self, path: str, folder: str) -> str | None:
        """The path inside the course of a source's picture; None (told) when a page could not show it."""
        if path not in self._placed:
            self._placed[path] = self._copied(path, folder)
        return self._placed[path]

    def _copied(self, path: str, folder: str) -> str | None:
        data = self._read(path)
        if data is None:
            return None
        ending = _ending(path, data)
        if not ending:
            self._losses.of(path, "这种文件不能用", f"换成 {'、'.join(MEDIA_TYPES)}，放进课程文件夹再引用")
            return None
        if len(data) > (most := max_bytes(f"x.{ending}")):
            size = f"文件超过 {most // 1024 // 1024} MiB"
            self._losses.of(path, size, "压缩以后放进课程文件夹再引用")
            return None
        digest = sha256(data).hexdigest()
        if digest not in self._by_digest:
            if len(self.files) >= MAX_PICTURES or self._bytes + len(data) > MAX_PICTURE_BYTES:
                limit = f"一门课最多搬 {MAX_PICTURES} 张、{MAX_PICTURE_BYTES // 1024 // 1024} MiB"
                self._losses.of(path, "图片太多，这一张没有搬", f"{limit}；把课拆成几门")
                return None
            self._keep(digest, path, folder, ending, data)
        return self._by_digest[digest]

    def _keep(self, digest: str, path: str, folder: str, ending: str, data: bytes) -> None:
        stem, dot, last = picture_name(path, ending).rpartition(".")
        name = self._taken.setdefault(folder, Taken()).free(stem, f"{dot}{last}")
        self._by_digest[digest] = posixpath.join(folder, name)
        self.files[self._by_digest[digest]] = data
        self._bytes += len(data)


def _ending(path: str, data: bytes) -> str:
    """The ending that agrees with the first bytes, whatever the file is called; "" for no picture of ours."""
    if is_asset_name(path) and is_what_it_says(path, data):
        return path.rpartition(".")[2].lower()
    return next((ending for ending in MEDIA_TYPES if is_what_it_says(f"x.{ending}", data)), "")
