"""Training: what it reads, that it goes on where it stopped, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp import BadVectors, Document, Librarian
from nlp.corpus import NothingToTrain, files_of, lines_of
from nlp.train import Settings, train
from nlp.vector_files import load, save

LINES = ["爬虫可以抓取网页数据", "数据库查询很慢要加索引", "用爬虫采集网站数据", "索引让数据库查询更快"] * 30
QUICK = Settings(dimensions=8, epochs=3)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "prose.txt").write_text("\n".join(LINES), encoding="utf-8")
    return tmp_path / "corpus"


class Stopped(Exception):
    pass


def stop_at(step: str) -> Any:
    def tell(line: str) -> None:
        if line.startswith(step):
            raise Stopped

    return tell


@pytest.mark.parametrize("step", ["cut", "epoch 2", "epoch 3"])
def test_a_training_that_stopped_goes_on_and_ends_the_same(corpus: Path, tmp_path: Path, step: str) -> None:
    whole = load(train([corpus], [], tmp_path / "whole", settings=QUICK).folder)
    with pytest.raises(Stopped):
        train([corpus], [], tmp_path / "halved", settings=QUICK, tell=stop_at(step))
    assert not (tmp_path / "halved").exists()
    told: list[str] = []
    halved = load(train([corpus], [], tmp_path / "halved", settings=QUICK, tell=told.append).folder)
    assert [line[:7] for line in told if line.startswith("epoch")] == [
        f"epoch {number}" for number in range(1 if step == "cut" else int(step[-1]), 4)
    ]
    assert halved.size == whole.size and len(halved) == len(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "halved", "whole"]


def test_other_text_or_settings_begin_anew(corpus: Path, tmp_path: Path) -> None:
    for changed in (Settings(dimensions=8, epochs=3, seed=2), QUICK):
        with pytest.raises(Stopped):
            train([corpus], [], tmp_path / "vectors", settings=QUICK, tell=stop_at("epoch 3"))
        (corpus / "prose.txt").write_text("\n".join([*LINES, *LINES]), encoding="utf-8")
        told: list[str] = []
        train([corpus], [], tmp_path / "vectors", settings=changed, tell=told.append)
        assert any(line.startswith("epoch 1") for line in told)


def test_another_seed_gives_other_vectors(corpus: Path, tmp_path: Path) -> None:
    first = load(train([corpus], [], tmp_path / "a", settings=QUICK).folder).of("爬虫")
    other = Settings(dimensions=8, epochs=3, seed=2)
    second = load(train([corpus], [], tmp_path / "b", settings=other).folder).of("爬虫")
    assert first is not None and second is not None
    assert not np.allclose(first, second)


def test_the_texts_of_json_lines_are_read_and_their_field_names_are_not(tmp_path: Path) -> None:
    entries = [{"title": "爬虫", "tags": ["网页", 3], "more": {"text": "两\n行"}}, "独立", 7]
    lines = "\n".join([*(json.dumps(each, ensure_ascii=False) for each in entries), "{broken"])
    (tmp_path / "texts.jsonl").write_text(lines, encoding="utf-8")
    assert [*lines_of([tmp_path / "texts.jsonl"], [])] == ["爬虫", "网页", "两", "行", "独立"]


def test_a_folder_without_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "one.png").write_bytes(b"\x89PNG")
    with pytest.raises(NothingToTrain, match="pictures: no text in it"):
        files_of([tmp_path / "pictures"])
    with pytest.raises(OSError, match="nowhere"):
        files_of([tmp_path / "nowhere"])


def test_a_packed_text_that_is_cut_off_is_one_clear_line(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.txt.xz").write_bytes(b"\xfd7zXZ\x00\x00\x04garbage")
    with pytest.raises(OSError, match=r"cut\.txt\.xz"):
        train([tmp_path / "cut.txt.xz"], [], tmp_path / "vectors", settings=QUICK)


# -- our own form of vectors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vectors").mkdir()
    save(tmp_path / "vectors", ["爬虫", "网页", "索引"], np.eye(3, 4, dtype=np.float32), {})
    return tmp_path / "vectors"


def rewrite(folder: Path, **changed: object) -> None:
    made_of = json.loads((folder / "made-of.json").read_text(encoding="utf-8"))
    (folder / "made-of.json").write_text(json.dumps(made_of | changed), encoding="utf-8")


SPOILED: dict[str, Any] = {
    "another format": lambda folder: rewrite(folder, format=99),
    "other dimensions": lambda folder: rewrite(folder, dimensions=5),
    "fewer words": lambda folder: (folder / "words.txt").write_text("爬虫\n网页", encoding="utf-8"),
    "no list": lambda folder: (folder / "made-of.json").unlink(),
    "a list that is none": lambda folder: (folder / "made-of.json").write_text("[]"),
    "cut off": lambda folder: (folder / "vectors.npy").write_bytes(
        (folder / "vectors.npy").read_bytes()[:-8]
    ),
    "foreign": lambda folder: (folder / "vectors.npy").write_bytes(b"\x89PNG\r\n"),
    "a NaN at the end": lambda folder: np.save(
        folder / "vectors.npy", np.array([[1] * 4, [1] * 4, [1, 1, 1, np.nan]], dtype=np.float32)
    ),
}


@pytest.mark.parametrize("how", SPOILED)
def test_vectors_that_do_not_fit_together_are_one_clear_line(folder: Path, how: str) -> None:
    assert len(load(folder)) == 3
    SPOILED[how](folder)
    with pytest.raises(BadVectors, match="vectors") as refused:
        load(folder)
    assert "\n" not in str(refused.value)


def test_vectors_of_another_language_are_refused(folder: Path, sample_documents: list[Document]) -> None:
    with pytest.raises(BadVectors, match=r"of the \d+ words in the titles"):
        Librarian.build(sample_documents, vectors=folder)


def test_numbers_that_are_none_are_never_written(tmp_path: Path) -> None:
    with pytest.raises(BadVectors, match="NaN"):
        save(tmp_path, ["a"], np.array([[np.inf]], dtype=np.float32), {})


def test_a_foreign_file_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "given.txt").write_text("2 2\n爬虫 1 0\n网页 0.6 0.8\n", encoding="utf-8")
    first = load(tmp_path / "given.txt", tmp_path / "cache")
    monkeypatch.setattr("nlp.vector_files._foreign", lambda _: pytest.fail("read again"))
    second = load(tmp_path / "given.txt", tmp_path / "cache")
    assert isinstance(second.vectors, np.memmap) and np.array_equal(first.vectors, second.vectors)


def test_a_rebuild_keeps_the_vectors_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "given.txt").write_text("2 2\n爬虫 1 0\n网页 0.6 0.8\n", encoding="utf-8")
    before = Librarian.build([Document("a", "爬虫")], vectors=tmp_path / "given.txt")
    monkeypatch.setattr("nlp.catalogue.load_vectors", lambda *_: pytest.fail("loaded again"))
    after = Librarian.build([Document("b", "网页")], vectors=tmp_path / "given.txt", previous=before)
    assert after.search("爬虫网页").hits or after.search("网页").hits
