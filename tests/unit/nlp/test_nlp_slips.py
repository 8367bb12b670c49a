"""Slips in Chinese and names typed in letters: what is put right, and what is left alone."""

import pytest

from nlp import Document, Librarian, words
from nlp.concepts import Concept, Concepts
from nlp.slips import Slips, names_among
from nlp.sounds import BySound, spelt
from nlp.spelling import Speller

NAMES = ("爬虫", "数据库", "机器学习", "人工智能", "操作系统", "网页", "方案", "重构", "数字化")


def slips(*names: str) -> Slips:
    return Slips([BySound(names or NAMES)], Speller(["docker", "linux"], {"change"}))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("学爬宠", "学爬虫"),  # the same sound
        ("数据裤怎么学", "数据库怎么学"),
        ("机其学习", "机器学习"),
        ("操作系筒", "操作系统"),
        ("机器学刃", "机器学习"),  # the same shape
        ("cao zuo xi tong", "操作系统"),
        ("jiqi xuexi", "机器学习"),
        ("想学pachong", "想学爬虫"),
        ("pacong", "爬虫"),  # the south says c for ch
        ("paichong", "爬虫"),  # one letter too many
        ("chonggou", "重构"),  # a character that is said in two ways
        ("fangan", "方案"),  # fan gan or fang an
    ],
)
def test_a_slip_is_put_right(typed: str, meant: str) -> None:
    assert slips().mended(typed).text == meant


@pytest.mark.parametrize(
    "said",
    [
        "把数字画成图",  # 数字画 sounds like 数字化, but 画 is a word
        "人工只能",  # real words
        "机器学校",  # a real word, one character off
        "爬山",
        "docker",
        "change",
        "fang",  # too short to be sure
        "banana bread",
        "😀",
        "",
    ],
)
def test_what_makes_sense_is_left_alone(said: str) -> None:
    assert slips().mended(said).text == said


def test_a_name_that_stands_there_is_no_slip_of_another() -> None:
    assert slips("数据酷", "数据库").mended("数据酷", ["数据酷"]).text == "数据酷"


def test_real_words_are_not_torn_for_a_name() -> None:
    assert slips("机书").mended("手机书包").text == "手机书包"


def test_what_was_put_right_is_told(sample: Librarian) -> None:
    reading = sample.read("想学机器学席和kuberntes")
    assert reading.mended == (("机器学席", "机器学习"), ("kuberntes", "kubernetes"))
    assert sample.read("想学机器学习").mended == ()


def test_a_slip_finds_what_was_meant(sample: Librarian) -> None:
    for typed, meant in (("爬宠怎么写", "爬虫怎么写"), ("jiqi xuexi", "机器学习")):
        found = [hit.id for hit in sample.search(typed).hits]
        assert found
        assert found == [hit.id for hit in sample.search(meant).hits]


def test_the_words_of_a_catalogue_are_meant_as_well() -> None:
    piano = Librarian.build([Document("p", "肖邦夜曲弹奏", tags=("肖邦夜曲",)), Document("q", "和声")])
    assert piano.read("学肖帮夜曲").mended == (("肖帮夜曲", "肖邦夜曲"),)


def test_a_listed_misspelling_is_never_what_was_meant() -> None:
    known = Concepts([Concept(("爬虫", "爬冲"), typos=("爬冲",))])
    assert set(names_among(known.sayable)) == {"爬虫"}


def test_letters_are_parted_in_few_ways() -> None:
    assert {"fangan", "fanan"} <= set(spelt("fangan"))
    assert len(list(spelt("xian" * 30))) <= 4
    assert list(spelt("python")) == []


def test_a_long_run_of_letters_takes_no_time(sample: Librarian) -> None:
    for hard in ("xian" * 50, "a" * 200, "x" * 200, "学" * 200, "机器学" * 66):
        assert sample.read(hard).text == hard


def test_rare_words_count_as_words() -> None:
    words.general_count("x")  # loads the list
    assert words.is_word("断电")
    assert not words.is_word("网夜")


def test_a_long_name_may_have_a_rare_word_in_it_by_slip(sample: Librarian) -> None:
    assert sample.read("深读学习").words[-1] == "深度学习"


def test_a_short_name_of_this_catalogue_may_be_typed_in_letters() -> None:
    school = Librarian.build([Document("guitar", "吉他弹唱", tags=("吉他",)), Document("go", "Go 入门")])
    assert [hit.id for hit in school.search("jita").hits] == ["guitar"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("queries", "query"), ("caching", "cache"), ("javscript", "javascript")]
)
def test_a_form_of_an_english_word_is_understood(sample: Librarian, typed: str, meant: str) -> None:
    assert sample.read(typed).words == (meant,)
