"""Concepts: which of them a question names or means, and how their neighbours are tied to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp import BadConcepts, Document, Librarian, is_known_concept, words
from nlp.concepts import Concept, Concepts, Found, dictionary, load

KNOWN = Concepts(
    [
        Concept(("爬虫", "spider"), ("自动抓网页上的内容",), near=("数据清洗",), before=("Python",)),
        Concept(("Python",), near=("爬虫",)),
        Concept(("数据清洗",), part_of=("数据分析",)),
        Concept(("数据分析",), near=("数据清洗",)),
    ]
)
PLACE = {concept.names[0]: place for place, concept in enumerate(KNOWN.concepts)}


def found(question: str) -> dict[int, Found]:
    return {each.concept: each for each in KNOWN.in_question(question, question.split()).found}


def test_what_was_said_is_its_own_seed() -> None:
    crawler = found("爬虫")[PLACE["爬虫"]]
    assert (crawler.how, crawler.seed, crawler.tie) == ("named", PLACE["爬虫"], "")


@pytest.mark.parametrize(
    ("asked", "neighbour", "tie"),
    [
        ("爬虫", "Python", "before"),
        ("Python", "爬虫", "after"),
        ("数据清洗", "数据分析", "whole"),
        ("数据分析", "数据清洗", "part"),
        ("爬虫", "数据清洗", "near"),
    ],
)
def test_a_neighbour_tells_whose_it_is_and_what_it_is_to_that(asked: str, neighbour: str, tie: str) -> None:
    near = found(asked.lower())[PLACE[neighbour]]
    assert (near.how, near.seed, near.tie) == ("near", PLACE[asked], tie)
    assert near.strength < 1.0 and near.said == (asked.lower(),)


# -- a shop's own concepts

OURS = dictionary()


def test_a_concept_of_the_shop_stands_in_the_place_of_ours_of_the_same_name() -> None:
    mine = Concept(("python",), ("养一条蛇",))
    known = dictionary((mine,))
    named = [concept for concept in known.concepts if words.plain(concept.names[0]) == "python"]
    assert named == [mine]
    assert len(known) == len(OURS)


def test_entries_of_one_name_add_to_each_other() -> None:
    known = dictionary((Concept(("煲汤", "炖汤")), Concept(("煲汤", "熬汤"), ("想喝热的",))))
    assert known.concepts[-1] == Concept(("煲汤", "炖汤", "熬汤"), ("想喝热的",))


def test_a_name_is_known_in_any_writing() -> None:
    assert is_known_concept("PYTHON") and is_known_concept("網頁爬蟲")
    assert not is_known_concept("煲汤")


SOUPS = Concept(("煲汤", "靓汤"), ("天冷想喝点热乎的",))
COOKING = [
    Document("soup", "老火靓汤一锅端"),
    Document("bread", "第一次烤面包"),
    Document("knife", "切丝切片不伤手"),
]


def found_by(librarian: Librarian, question: str) -> list[str]:
    return [hit.id for hit in librarian.search(question).hits]


@pytest.mark.parametrize("question", ["煲汤", "天冷了想喝点热乎的"])
def test_a_question_finds_a_course_by_a_concept_of_the_shop_and_only_by_it(question: str) -> None:
    assert found_by(Librarian.build(COOKING, concepts=[SOUPS]), question) == ["soup"]
    assert found_by(Librarian.build(COOKING), question) == []


def test_what_is_small_talk_elsewhere_is_a_subject_of_the_shop_that_names_it() -> None:
    assert Librarian.build(COOKING).read("煲汤").intent == "offtopic"
    assert Librarian.build(COOKING, concepts=[SOUPS]).read("煲汤").intent == "ask"


def test_when_the_concepts_change_every_course_is_looked_at_anew() -> None:
    before = Librarian.build(COOKING)
    after = Librarian.build(COOKING, concepts=[SOUPS], previous=before)
    assert found_by(after, "煲汤") == ["soup"]
    assert found_by(Librarian.build(COOKING, previous=after), "煲汤") == []


def test_what_is_kept_between_two_starts_is_of_one_set_of_concepts(tmp_path: Path) -> None:
    def start(concepts: list[Concept]) -> Librarian:
        return Librarian.build(COOKING, concepts=concepts, cache=tmp_path)

    for _ in range(2):  # made, then read
        assert found_by(start([SOUPS]), "煲汤") == ["soup"]
        assert found_by(start([]), "煲汤") == []


# -- files

BROKEN = [
    ('[[concept]]\nname = "煲汤"\nalso = "炖汤"', r":1: concept '煲汤': also is no list of texts"),
    ('# soups\n\n[[concept]]\nname = "煲汤"\nneeds = 5', r":3: concept '煲汤': needs is no list of texts"),
    ('[[concept]]\nname = "煲汤"\nneds = []', r":1: concept '煲汤': unknown neds"),
    ('[[concept]]\nname = "煲汤"\n[[concept]]\nneeds = ["x"]', r":3: no name"),
    ('[concept]\nname = "煲汤"', r":1: each entry begins with \[\[concept\]\]"),
    ('concept = ["煲汤"]', r":1: each entry begins"),
    ('name = "煲汤"', r":1: each entry begins"),
    ('[[concept]]\nname = "煲汤\n', r":2: "),
]


@pytest.mark.parametrize(("text", "fault"), BROKEN, ids=map(str, range(len(BROKEN))))
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadConcepts, match=rf"mine\.toml{fault}"):
        load(tmp_path)


def test_each_neighbour_of_ours_is_one_of_ours() -> None:
    unknown = [
        (concept.names[0], name)
        for concept in OURS.concepts
        for name in (*concept.near, *concept.before, *concept.part_of)
        if not is_known_concept(name)
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("爬虫老是被封ip", "反爬"),
        ("滑块验证码怎么过", "反爬"),
        ("python for kids", "少儿编程"),
        ("无人机", "无人机开发"),
    ],
)
def test_what_beginners_say_names_the_concept(text: str, name: str) -> None:
    known = dictionary()
    assert name in {known.concepts[place].names[0] for place in known.mentions(text)}
