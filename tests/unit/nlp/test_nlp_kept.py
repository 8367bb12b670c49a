"""What is kept between two starts: used, never trusted blindly, and never the reason of a failure."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nlp import Document, Librarian, catalogue, kept, prepare
from nlp.concept import load as read_concepts
from nlp.cut import cut
from nlp.material import gather
from nlp.postings import Postings

QUESTIONS = ("爬虫", "想自动把网页上的表格存成 Excel", "数据库查询很慢怎么办", "今天天气", "便宜的入门课")


@pytest.fixture(autouse=True)
def a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_ready", {})
    monkeypatch.setattr(catalogue, "WORTH_KEEPING", 1)


def answers(librarian: Librarian) -> list[object]:
    return [librarian.search(question) for question in QUESTIONS]


def cut_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the courses that are prepared from now on."""
    prepared: list[str] = []

    def noted(document: Document, *rest: object) -> prepare.Prepared:
        prepared.append(document.title)
        return prepare.prepare(document, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("nlp.material.prepare", noted)
    return prepared


def start(documents: Sequence[Document], cache: Path, monkeypatch: pytest.MonkeyPatch) -> Librarian:
    monkeypatch.setattr(catalogue, "_ready", {})
    return Librarian.build(documents, cache=cache)


def test_a_second_start_cuts_nothing_and_answers_the_same(
    sample_documents: list[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start(sample_documents, tmp_path, monkeypatch)
    prepared = cut_again(monkeypatch)
    monkeypatch.setattr("nlp.catalogue.cut", lambda _: pytest.fail("the concepts are cut again"))
    second = start(sample_documents, tmp_path, monkeypatch)
    assert prepared == []
    assert answers(second) == answers(first)


def test_only_what_changed_is_cut_again(
    sample_documents: list[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(sample_documents, tmp_path, monkeypatch)
    changed = [*sample_documents[1:], replace(sample_documents[0], summary="索引与爬虫")]
    prepared = cut_again(monkeypatch)
    after = start(changed, tmp_path, monkeypatch)
    assert prepared == [sample_documents[0].title]
    assert answers(after) == answers(Librarian.build(changed))


def test_a_new_price_needs_no_cutting(
    sample_documents: list[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(sample_documents, tmp_path, monkeypatch)
    prepared = cut_again(monkeypatch)
    after = start([replace(each, price_fen=100) for each in sample_documents], tmp_path, monkeypatch)
    assert prepared == []
    assert "1 元" in after.search("2 元以内的爬虫课").hits[0].reason


@pytest.mark.parametrize("damage", ["truncated", "flipped", "no list", "one missing", "empty list"])
def test_what_is_damaged_is_told_and_made_anew(
    sample_documents: list[Document],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    damage: str,
) -> None:
    wanted = answers(start(sample_documents, tmp_path, monkeypatch))
    for folder in (kept.courses_folder(tmp_path), kept.concepts_folder(tmp_path)):
        spoil(folder, damage)
    assert answers(start(sample_documents, tmp_path, monkeypatch)) == wanted
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert all("made anew" in line and "\n" not in line for line in told)
    caplog.clear()
    start(sample_documents, tmp_path, monkeypatch)
    assert not caplog.records


def spoil(folder: Path, damage: str) -> None:
    content = folder / ("words-terms.npy" if (folder / "words-terms.npy").exists() else "rest.json")
    if damage == "truncated":
        content.write_bytes(content.read_bytes()[:-9])
    elif damage == "flipped":
        whole = bytearray(content.read_bytes())
        whole[len(whole) // 2] ^= 0xFF
        content.write_bytes(whole)
    elif damage == "one missing":
        content.unlink()
    elif damage == "no list":
        (folder / "whole.json").unlink()
    else:
        (folder / "whole.json").write_text("{}")


def test_a_folder_that_cannot_be_written_is_told_and_does_no_harm(
    sample_documents: list[Document],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("")
    librarian = start(sample_documents, tmp_path / "file" / "nlp", monkeypatch)
    assert librarian.search("爬虫").hits
    assert all("cannot be" in record.getMessage() for record in caplog.records) and caplog.records


def test_what_another_version_kept_is_thrown_away_and_nothing_half_written_stays(
    sample_documents: list[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "courses-0123456789abcdef").mkdir()
    start(sample_documents, tmp_path, monkeypatch)
    wanted = [kept.concepts_folder(tmp_path), kept.courses_folder(tmp_path)]
    assert sorted(tmp_path.iterdir()) == sorted(wanted)


def test_the_arrays_of_the_courses_are_mapped_and_small() -> None:
    """A course takes its distinct words, not a counter a field."""
    known = catalogue._dictionary((), None)
    documents = [Document(f"c{number}", "Python 爬虫", "抓网页", "正文 " * 50) for number in range(1_000)]
    material = gather(documents, (), known)
    size = sum(array.nbytes for array in (*material.words, *material.bigrams, *material.about))
    assert size < 400 * len(documents)


def test_a_thousand_identical_courses_are_searched_in_bounded_work() -> None:
    documents = [Document(f"c{number}", "Python 爬虫", "抓网页", "正文") for number in range(1_000)]
    librarian = Librarian.build(documents)
    assert [hit.id for hit in librarian.search("爬虫", limit=3).hits] == ["c0", "c1", "c2"]
    assert len(librarian.search("爬虫", limit=1_000).hits) == 1_000


def test_two_courses_of_one_id_are_both_found_and_nothing_breaks() -> None:
    librarian = Librarian.build([Document("a", "Python 爬虫"), Document("a", "数据库索引")])
    assert librarian.search("爬虫").hits[0].title == "Python 爬虫"
    assert librarian.search("索引").hits[0].title == "数据库索引"


def test_words_of_an_earlier_catalogue_are_no_words_of_this_one() -> None:
    before = Librarian.build([Document("a", "尤克里里入门"), Document("b", "Python 爬虫")])
    after = Librarian.build([Document("b", "Python 爬虫")], previous=before)
    index = after._catalogue.judge.lexical.words
    assert "爬虫" in index and "入门" not in index
    assert set(index.vocabulary) == {"python", "爬虫"}
    assert isinstance(index.postings, Postings)


def test_the_cut_concepts_are_read_as_they_were_written(tmp_path: Path) -> None:
    concepts = read_concepts()
    known = cut(concepts)
    kept.save_concepts(tmp_path / "concepts", concepts, known)
    loaded = kept.load_concepts(tmp_path / "concepts")
    assert loaded is not None
    assert [each.names for each in loaded[0]] == [each.names for each in concepts]
    assert [*map(tuple, loaded[1].need_words)] == [*map(tuple, known.need_words)]
    assert loaded[1].near == known.near
