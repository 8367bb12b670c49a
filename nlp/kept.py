"""What takes long to make, kept between two starts: the cut concepts, and the courses as they were cut.

A folder each, named after all that it depends on beside its own content: the texts and the code of this
package, and jieba's version. Arrays and JSON, no pickle. What is damaged is told in one line and made anew.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from nlp.about import About
from nlp.artifact import put_in_place, unfinished, write_json
from nlp.concept import Concept
from nlp.counted import Counted
from nlp.cut import Cut
from nlp.lexical import FIELDS
from nlp.material import Material
from nlp.prepare import Numbering
from nlp.words import Own

FORMAT = 2
REST = "rest.json"
Made = TypeVar("Made")

log = logging.getLogger("nlp")


@cache
def knowledge() -> str:
    """A digest of what all of it depends on."""
    told = hashlib.blake2b(f"{FORMAT} {version('jieba')} {np.__version__}".encode(), digest_size=8)
    package = Path(__file__).parent
    for file in sorted(package.rglob("*")):
        if file.suffix in (".py", ".toml", ".txt"):
            told.update(file.read_bytes())
    return told.hexdigest()


def concepts_folder(cache_folder: Path, own: Sequence[Concept] = ()) -> Path:
    """Where the cut concepts are, ours beside a shop's `own`."""
    return cache_folder / f"concepts-{knowledge()}{_told_by(own)}"


def courses_folder(cache_folder: Path, own: Sequence[Concept] = ()) -> Path:
    """Where the courses are as they were cut for a shop with these concepts of its `own`."""
    return cache_folder / f"courses-{knowledge()}{_told_by(own)}"


def _told_by(own: Sequence[Concept]) -> str:
    """What a course is about is told by the places of concepts in one dictionary."""
    told = repr(tuple(own)).encode(errors="surrogatepass")
    return "-" + hashlib.blake2b(told, digest_size=8).hexdigest() if own else ""


def save_concepts(folder: Path, concepts: Sequence[Concept], cut: Cut) -> None:
    """Write them whole or not at all. Raises OSError."""
    with unfinished(folder) as fresh:
        written = [astuple(each) for each in concepts]
        write_json(fresh / REST, {"concepts": written, "cut": cut._asdict()})
        _finish(fresh, folder)


def load_concepts(folder: Path) -> tuple[list[Concept], Cut] | None:
    """Nothing, where there are none or they are damaged."""
    return _read(folder, _concepts)


def save_courses(folder: Path, material: Material) -> None:
    """Write them whole or not at all. Raises OSError."""
    with unfinished(folder) as fresh:
        for name, array in _arrays(material).items():
            np.save(fresh / f"{name}.npy", array)
        rest = {
            "keys": material.keys,
            "titles": material.titles,
            "tags": material.tags,
            "words": [*material.numbers.words],
            "bigrams": [*material.numbers.bigrams],
            "own": sorted(material.own.words),
        }
        (fresh / REST).write_text(json.dumps(rest, ensure_ascii=False), encoding="utf-8")
        _finish(fresh, folder)


def load_courses(folder: Path) -> Material | None:
    """Without documents; their arrays are mapped, not read. Nothing, where there are none or they are
    damaged."""
    return _read(folder, _material)


def _finish(fresh: Path, folder: Path) -> None:
    sizes = {file.name: [file.stat().st_size, _sum(file)] for file in sorted(fresh.iterdir())}
    write_json(fresh / "whole.json", {"format": FORMAT, "files": sizes})
    put_in_place(fresh, folder)


def _read(folder: Path, read: Callable[[Path], Made]) -> Made | None:
    if not folder.is_dir():
        return None
    try:
        whole = json.loads((folder / "whole.json").read_text(encoding="utf-8"))
        for name, (size, total) in whole["files"].items():
            if (folder / name).stat().st_size != size or _sum(folder / name) != total:
                raise ValueError(f"{name} is not as it was written")
        return read(folder)
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError) as error:
        log.warning("%s cannot be used and is made anew: %s", folder, " ".join(str(error).split()))
        return None


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()[:32]


def _concepts(folder: Path) -> tuple[list[Concept], Cut]:
    told: dict[str, Any] = json.loads((folder / REST).read_text(encoding="utf-8"))
    concepts = [Concept(*map(tuple, each)) for each in told["concepts"]]
    return concepts, Cut(**told["cut"])


def _arrays(material: Material) -> dict[str, Any]:
    parts = {
        "words": material.words._asdict(),
        "bigrams": material.bigrams._asdict(),
        "about": material.about._asdict(),
    }
    return {f"{name}-{key}": array for name, part in parts.items() for key, array in part.items()}


def _material(folder: Path) -> Material:
    rest = json.loads((folder / REST).read_text(encoding="utf-8"))

    def part(name: str, keys: Sequence[str]) -> dict[str, Any]:
        return {key: np.load(folder / f"{name}-{key}.npy", mmap_mode="r", allow_pickle=False) for key in keys}

    numbers = Numbering(*({term: at for at, term in enumerate(rest[name])} for name in ("words", "bigrams")))
    material = Material(
        (),
        rest["keys"],
        rest["titles"],
        rest["tags"],
        Counted(**part("words", Counted._fields)),
        Counted(**part("bigrams", Counted._fields)),
        About(**part("about", About._fields)),
        numbers,
        Own(rest["own"]),
    )
    size = len(material.keys)
    shapes = (material.words.ends.shape, material.bigrams.ends.shape, material.about.ends.shape)
    if shapes != ((size, len(FIELDS)), (size, len(FIELDS)), (size,)):
        raise ValueError("its parts are of different catalogues")
    return material
