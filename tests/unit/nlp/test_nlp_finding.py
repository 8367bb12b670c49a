"""The parts that find: words, concepts, vectors, and their sum."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec

from nlp import Document, Librarian, chatter, concepts, lexical, words
from nlp.counted import count, together
from nlp.fuse import Part, fuse
from nlp.postings import Cosine, Scores
from nlp.train import NothingToTrain, Settings, train
from nlp.vector_files import BadVectors, load
from nlp.vectors import VectorIndex, WordVectors

TWO_FIELDS = {name: lexical.FIELDS[name] for name in ("title", "body")}


def indexed(*texts: tuple[str, str], place_worth: Scores | None = None) -> lexical.Bm25f:
    """By words, of titles and bodies."""
    columns: dict[str, int] = {}
    cut = [count(map(words.words, fields), columns) for fields in texts]
    return lexical.Bm25f(columns, together(cut, 2), TWO_FIELDS, place_worth=place_worth)


def test_a_word_in_the_title_counts_more_than_in_the_text() -> None:
    index = indexed(("机器学习", "别的东西"), ("别的东西", "机器学习"), ("数据库", ""))
    scores = index.scores({"机器学习": 1.0})
    assert scores[0] > scores[1] > scores[2] == 0


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    index = indexed(("python 爬虫", ""), ("python 并发", ""), ("python 测试", ""))
    assert index.idf("爬虫") > index.idf("python")
    assert index.idf("从未见过") > index.idf("爬虫")


def test_the_places_of_a_word_are_known() -> None:
    index = indexed(("爬虫", "爬虫 与 索引"), ("数据库", "索引"), ("爬虫", ""))
    assert index.rows("爬虫").tolist() == [0, 2]
    assert index.rows("爬虫", 0b10).tolist() == [0]
    assert [index.places("爬虫", row) for row in range(3)] == [0b11, 0, 0b01]
    assert index.how_many(0b10) == {"爬虫": 1, "与": 1, "索引": 2}


def test_what_covers_a_question_is_counted_by_its_best_place() -> None:
    worth = np.array([0, 1, 0.5, 1], dtype=np.float32)
    index = indexed(("爬虫", "索引"), ("数据库", "爬虫"), place_worth=worth)
    assert index.cover({"爬虫": 4.0, "索引": 2.0, "没有": 9.0}).tolist() == [5, 2]


def test_the_bm25f_of_a_word_is_the_formula() -> None:
    """Two documents, one field: idf = ln(1 + 1.5/1.5), (k1 + 1) tf' / (k1 + tf') with tf' = 1 / length."""
    field, columns = {"body": lexical.Field(1.0, 0.75)}, dict[str, int]()
    index = lexical.Bm25f(columns, together([count([each], columns) for each in ("ab", "c")], 1), field)
    evened = 1 / (1 - 0.75 + 0.75 * 2 / 1.5)
    wanted = np.log(2) * evened * (lexical.K1 + 1) / (lexical.K1 + evened)
    assert index.scores({"a": 1.0}).tolist() == pytest.approx([wanted, 0])


def test_the_cosine_of_a_text_with_itself_is_one() -> None:
    index = Cosine.of([["把", "网页", "存"], ["查询", "慢"]])
    assert index.similarities(["网页", "把", "存"]).tolist() == pytest.approx([1, 0])


def test_a_part_without_a_vote_changes_nothing() -> None:
    heard, silent = np.array([1.0, 0.5], dtype=np.float32), np.zeros(2, dtype=np.float32)
    assert fuse([Part(heard, 1.0), Part(silent, 3.0)]).tolist() == [1.0, 0.5]


# -- concepts


@pytest.fixture(scope="module")
def known() -> concepts.Concepts:
    return concepts.Concepts(concepts.load())


def found(known: concepts.Concepts, question: str, how: str) -> list[str]:
    freed = chatter.free(words.plain(question))
    return [
        known.concepts[each.concept].names[0]
        for each in known.in_question(freed.text, freed.words).found
        if each.how == how
    ]


@pytest.mark.parametrize(
    ("question", "concept"),
    [
        ("web scraping", "爬虫"),
        ("paichong", "爬虫"),
        ("k8s", "Kubernetes"),
        ("Spring Boot 怎么学", "Spring"),
        ("golang", "Go"),
        ("求职", "面试"),
        ("C语言", "C语言"),
        ("vue3 实战", "Vue"),
        ("机器学西", "机器学习"),
        ("load balancing", "高并发"),
        ("linked lists", "排序与查找"),
        ("smart contracts", "区块链"),
    ],
)
def test_a_concept_is_found_by_any_of_its_names(
    known: concepts.Concepts, question: str, concept: str
) -> None:
    assert concept in found(known, question, "named")


@pytest.mark.parametrize(
    ("question", "concept"),
    [
        ("怎么让程序自己检查自己对不对", "单元测试"),
        ("想自动把网页上的表格存成文件", "爬虫"),
        ("数据查询很慢怎么办", "数据库优化"),
        ("在我电脑上能跑，到服务器就不行了", "Docker"),
    ],
)
def test_a_concept_is_found_by_the_need(known: concepts.Concepts, question: str, concept: str) -> None:
    assert concept in found(known, question, "meant")


def test_one_word_of_letters_alone_is_no_plural(known: concepts.Concepts) -> None:
    assert known.mentions("robots.txt") == {}


def test_a_name_inside_a_word_of_letters_is_no_mention(known: concepts.Concepts) -> None:
    assert known.mentions("gopher javadoc reactor") == {}


def test_every_concept_is_whole_and_every_neighbour_known(known: concepts.Concepts) -> None:
    for concept in known.concepts:
        assert concept.needs, concept.names[0]
        assert all(known.mentions(words.plain(near)) for near in concept.near), concept.names[0]
    assert len({concept.names[0] for concept in known.concepts}) == len(known.concepts) >= 120


def test_a_broken_file_of_concepts_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[[concept]]\nname = "煲汤"\nneds = []', encoding="utf-8")
    with pytest.raises(concepts.BadConcepts, match=r"mine\.toml.*煲汤.*neds"):
        concepts.load(tmp_path)


# -- vectors

SENTENCES = [
    ["爬虫", "抓取", "网页", "数据"],
    ["抓取", "网站", "爬虫", "采集"],
    ["数据库", "索引", "查询", "慢"],
    ["查询", "优化", "数据库", "索引"],
] * 50
COURSES = [Document("crawler", "爬虫"), Document("mysql", "数据库索引")]


@pytest.fixture(scope="module")
def trained() -> Any:
    return Word2Vec(SENTENCES, vector_size=16, min_count=1, sg=1, epochs=30, seed=1, workers=1).wv


@pytest.mark.parametrize("form", ["text", "binary", "native"])
def test_vectors_are_read_in_every_format(tmp_path: Path, trained: Any, form: str) -> None:
    path = tmp_path / "vectors"
    if form == "native":
        trained.save(str(path))
    else:
        trained.save_word2vec_format(str(path), binary=form == "binary")
    vectors = load(path)
    assert (len(vectors), vectors.size) == (len(trained), 16)
    wanted = trained.get_vector("爬虫", norm=True)
    found = vectors.of("爬虫")
    assert found is not None
    assert np.allclose(found, wanted, atol=1e-4)


def test_saved_vectors_are_memory_mapped(tmp_path: Path, trained: Any) -> None:
    trained.save(str(tmp_path / "words.kv"), separately=["vectors"])
    assert isinstance(KeyedVectors.load(str(tmp_path / "words.kv"), mmap="r").vectors, np.memmap)
    assert isinstance(load(tmp_path / "words.kv", tmp_path / "cache").vectors, np.memmap)


def test_vectors_find_a_course_without_a_common_word(tmp_path: Path, trained: Any) -> None:
    trained.save_word2vec_format(str(tmp_path / "v.bin"), binary=True)
    index = VectorIndex.of(load(tmp_path / "v.bin"), [{"爬虫": 1}, {"索引": 1}], lambda _: 1.0)
    scores = index.scores({"采集": 1, "网站": 1})
    assert scores[0] > scores[1]
    with_vectors = Librarian.build(COURSES, vectors=tmp_path / "v.bin")
    assert with_vectors.search("爬虫").hits[0].id == "crawler"


def test_an_unknown_word_is_read_by_its_characters(trained: Any) -> None:
    vectors = WordVectors(trained.index_to_key, trained.vectors)
    assert vectors.of("慢慢慢") is not None
    assert vectors.of("zzz") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello world",
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        b"\x80\x04garbage",
        b"100000 300\nword 0.1 0.2\n",
        b"2 3\na 0.1 0.2 0.3\nb 0.1 0.2\n",
        b"2 2\na nan nan\nb nan nan\n",
        b"\x80\x04}.",
        b"999999999999 999999\nx",
    ],
)
def test_a_file_that_holds_no_vectors_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.bin"
    path.write_bytes(content)
    with pytest.raises(BadVectors, match=r"foreign\.bin") as refused:
        Librarian.build(COURSES, vectors=path)
    assert "\n" not in str(refused.value)


def test_a_truncated_binary_file_is_one_clear_line(tmp_path: Path, trained: Any) -> None:
    trained.save_word2vec_format(str(tmp_path / "v.bin"), binary=True)
    whole = (tmp_path / "v.bin").read_bytes()
    (tmp_path / "cut.bin").write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(BadVectors, match=r"cut\.bin"):
        load(tmp_path / "cut.bin")


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadVectors, match="nowhere"):
        load(tmp_path / "nowhere.bin")


# -- training


def corpus(folder: Path) -> Path:
    folder.mkdir()
    lines = [
        "爬虫可以抓取网页数据",
        "数据库查询很慢要加索引",
        "用爬虫采集网站数据",
        "索引让数据库查询更快",
    ] * 30
    (folder / "prose.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


QUICK = Settings(dimensions=8, epochs=2)


def test_training_writes_a_folder_that_is_read_again(tmp_path: Path) -> None:
    done = train([corpus(tmp_path / "corpus")], COURSES, tmp_path / "vectors", settings=QUICK)
    made_of = json.loads((tmp_path / "vectors" / "made-of.json").read_text(encoding="utf-8"))
    assert made_of["words"] == done.words == len(load(tmp_path / "vectors")) > 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "vectors"]


def test_training_twice_gives_the_same_vectors(tmp_path: Path) -> None:
    text = corpus(tmp_path / "corpus")
    first, second = (train([text], [], tmp_path / name, settings=QUICK).folder for name in ("a", "b"))
    one, other = load(first).of("爬虫"), load(second).of("爬虫")
    assert one is not None
    assert np.array_equal(one, other if other is not None else [])


def test_a_new_training_replaces_the_old_and_a_failed_one_leaves_it(tmp_path: Path) -> None:
    text = corpus(tmp_path / "corpus")
    for _ in range(2):
        train([text], [], tmp_path / "vectors", settings=QUICK)
    with pytest.raises(NothingToTrain):
        train([], [], tmp_path / "vectors", settings=QUICK)
    assert len(load(tmp_path / "vectors")) > 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "vectors"]


def test_a_word_of_a_name_says_less_than_the_name(sample: Librarian) -> None:
    assert sample.search("web scraping").hits[0].id == "python-crawler"
