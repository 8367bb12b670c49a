"""The creator's own concepts: `_concepts/*.toml` beside the courses, read and checked whole.

They are published with the courses, because the folder is on one machine only. A file with an error is
refused as a whole; all that is wrong is told at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from content.concept import NEIGHBOUR_KEYS, OwnConcept
from content.concept_entry import entries
from content.folder import leads_out
from content.problem import Findings, Problem, did_you_mean, has_errors
from content.textfile import decoded
from content.tomllines import Lines

FOLDER = "_concepts"
MAX_FILES = 50
MAX_FILE_NAME_CHARS = 120  # as wide as the column that keeps it
MAX_FILE_BYTES = 256 * 1024
# Part of each digest: raise it when the same file would be read differently, and all is published anew.
READING = b"keban-concepts-1"

IsKnown = Callable[[str], bool]


@dataclass(frozen=True)
class ConceptFile:
    """One file: its name, a digest over its bytes, and what is in it; nothing when it is refused."""

    name: str
    path: Path
    digest: str
    concepts: tuple[OwnConcept, ...]
    lines: Lines
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        return has_errors(list(self.problems))


def read_concepts(root: Path) -> tuple[list[ConceptFile], list[Problem]]:
    """All files of concepts below ``root``, none when there is no such folder; and what is wrong with the
    folder itself."""
    problems: list[Problem] = []
    return [_read(path) for path in _paths(root, Findings(str(root / FOLDER), problems))], problems


def check_concepts(root: Path, is_known: IsKnown) -> tuple[list[ConceptFile], list[Problem]]:
    """All files of concepts below ``root``, and all that is wrong with them. ``is_known`` tells of a name
    whether it is one of the concepts that every shop has."""
    files, problems = read_concepts(root)
    found = [problem for file in files for problem in file.problems]
    return files, [*problems, *found, *unknown_neighbours(files, is_known)]


def own_concepts(files: Iterable[ConceptFile]) -> tuple[OwnConcept, ...]:
    """All that is in the files, in their order."""
    return tuple(concept for file in files for concept in file.concepts)


def unknown_neighbours(files: Iterable[ConceptFile], is_known: IsKnown) -> list[Problem]:
    """Neighbours that nobody knows: mostly slips. They are left out of the search, and told.

    ``is_known`` tells of a name whether it is one of the concepts that every shop has.
    """
    files = list(files)
    own = {_folded(name) for concept in own_concepts(files) for name in concept.names}
    problems: list[Problem] = []
    for file in files:
        findings = Findings(str(file.path), problems)
        for number, key, name in _neighbours(file):
            if _folded(name) not in own and not is_known(name):
                hint = did_you_mean(_folded(name), sorted(own)) or "先用 [[concept]] 写上它，或者删掉"
                findings.warning(
                    file.lines.of(number, key), f"{key} 里的「{name}」没有这个概念，没有用上", hint
                )
    return problems


def _neighbours(file: ConceptFile) -> Iterator[tuple[int, str, str]]:
    for number, concept in enumerate(file.concepts):
        for key in NEIGHBOUR_KEYS:
            for name in getattr(concept, key):
                yield number, key, name


def _paths(root: Path, findings: Findings) -> list[Path]:
    folder = root / FOLDER
    if not folder.is_dir():
        return []
    if leads_out(folder, root):
        findings.error(1, f"{FOLDER} 是指向外面的链接", "把文件夹本身放进来，不要用符号链接")
        return []
    paths = sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))
    if len(paths) > MAX_FILES:
        findings.error(1, f"概念文件有 {len(paths)} 个，最多 {MAX_FILES} 个", "把几个文件合成一个")
    return paths[:MAX_FILES]


def _read(path: Path) -> ConceptFile:
    findings = Findings(str(path))
    data = _bytes(path, findings)
    text = _text(data, findings)
    lines = Lines(text)
    concepts = [] if findings.problems else entries(text, lines, findings)
    if has_errors(findings.problems):
        concepts = []
    name = unicodedata.normalize("NFC", path.name)
    digest = sha256(READING + data).hexdigest()
    problems = sorted(findings.problems, key=lambda problem: problem.line)
    return ConceptFile(name, path, digest, tuple(concepts), lines, tuple(problems))


def _bytes(path: Path, findings: Findings) -> bytes:
    if len(path.name) > MAX_FILE_NAME_CHARS:
        findings.error(1, "文件名太长", f"最多 {MAX_FILE_NAME_CHARS} 个字符")
    if leads_out(path, path.parent.parent):
        findings.error(1, "不能用指向外面的符号链接", f"把文件复制进 {FOLDER} 文件夹")
        return b""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError:
        # Gone between listing and reading, or not readable: refused now, seen again on its next save.
        findings.error(1, "读不了这个文件", "检查权限后再保存一次")
        return b""
    if len(data) > MAX_FILE_BYTES:
        findings.error(1, f"文件超过 {MAX_FILE_BYTES // 1024} KiB", "拆成几个文件")
    return data


def _text(data: bytes, findings: Findings) -> str:
    text = decoded(data)
    if text is None:
        findings.error(1, "文件不是 UTF-8 编码", "在编辑器里另存为 UTF-8")
    return text or ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace(" ", "")
