"""What followers type, good and bad, in bulk: `noise.txt` gets no course, `asked.tsv` one that fits."""

from pathlib import Path

import pytest

from nlp import Document, Librarian, concepts, words
from nlp.concepts import Concepts
from nlp.everyday import of_a_user
from nlp.spelling import Speller

HERE = Path(__file__).parent
NOISE = HERE.joinpath("noise.txt").read_text(encoding="utf-8").splitlines()
ASKED = [line.split("\t") for line in HERE.joinpath("asked.tsv").read_text(encoding="utf-8").splitlines()]
# Answered, and should not be: a rule that refuses these, too, has cost good questions so far. No other joins.
ANSWERED = {"微信怎么加好友", "<script>alert(1)</script>", "一加一", "比特币现在多少钱", "换个头像"}
ENOUGH = 0.93  # of the good questions; what is missed is listed by the failing test


def found(librarian: Librarian, text: str) -> list[str]:
    """What the chat would list."""
    reading = librarian.read(text)
    hits = librarian.search(reading).hits if reading.intent in ("ask", "recommend") else ()
    return [hit.id for hit in hits]


def test_noise_gets_no_course(sample: Librarian) -> None:
    assert len(NOISE) > 200
    answered = {text: courses for text in NOISE if (courses := found(sample, text))}
    assert answered.keys() <= ANSWERED, answered


def test_a_good_question_gets_a_fitting_course_among_the_first_three(sample: Librarian) -> None:
    assert len(ASKED) > 200
    missed = [text for text, ids in ASKED if not {*found(sample, text)[:3]} & {*ids.split(",")}]
    assert len(missed) <= (1 - ENOUGH) * len(ASKED), missed


@pytest.mark.parametrize(
    "text", ["变量", "函数", "死锁", "组件", "端口", "继承", "梯度", "分支", "grep", "递归", "跨域"]
)
def test_a_word_of_the_trade_alone_is_a_question(sample: Librarian, text: str) -> None:
    assert sample.read(text).intent == "ask"


def test_a_word_that_hardly_anybody_says_but_who_has_that_need_is_a_question() -> None:
    shop = Librarian.build([Document("bi", "Power BI 商业数据看板", "连数据、画仪表盘，自动刷新的日报")])
    assert found(shop, "不用写代码就能做报表的") == ["bi"]


def test_who_asks_what_to_charge_buys_nothing() -> None:
    assert of_a_user("这门课多少钱") and of_a_user("显卡现在什么价格")
    assert not of_a_user("我做的东西该卖多少钱")


def test_a_word_of_the_trade_in_a_text_names_no_subject() -> None:
    known = Concepts(concepts.load())
    assert known.mentions("先看变量和循环") == {}
    assert known.knows("变量") == 1.0
    assert known.knows("赚钱") == 0.5  # one word of a longer need


def test_code_in_a_text_names_no_subject() -> None:
    known = Concepts(concepts.load())
    names = {name: place for place, each in enumerate(known.concepts) for name in each.names}
    about = known.about({"title": "排版", "body": words.plain("打开 app.py 和 index.html，map 里放 r.text")})
    assert not about.concepts.size
    assert names["Python"] in known.about({"title": "排版", "body": "python 与 node.js"}).concepts


@pytest.mark.parametrize(
    ("text", "without", "topic"),
    [
        ("不要Java，后端", ("java",), "后端"),
        ("不要java和python的后端课", ("java", "python"), "后端"),
        ("除了python的后端", ("python",), "后端"),
        ("为什么不用java", (), "java"),
    ],
)
def test_what_is_not_wanted_ends_where_what_is_wanted_begins(
    sample: Librarian, text: str, without: tuple[str, ...], topic: str
) -> None:
    reading = sample.read(text)
    assert (reading.without, reading.topic) == (without, topic)


def test_what_the_catalogue_has_not_is_answered_with_its_neighbour(sample: Librarian) -> None:
    answer = sample.search("php")
    assert answer.hits == ()
    assert "后端" in answer.nearest[0].reason and "php" in answer.nearest[0].reason


def test_a_common_word_in_a_text_alone_is_no_reason() -> None:
    librarian = Librarian.build(
        [Document("a", "Python 爬虫", "抓网页", "打开电脑就能抓网页"), Document("b", "Go")]
    )
    assert librarian.search("电脑黑白屏了").hits == ()
    assert librarian.search("python").hits[0].id == "a"


@pytest.mark.parametrize("text", ["最贵的课", "价格最高的课"])
def test_the_dearest_come_first_when_asked_for(sample: Librarian, text: str) -> None:
    reasons = [hit.reason for hit in sample.search(text, limit=2).hits]
    assert "399 元" in reasons[0] and "329 元" in reasons[1]


def test_an_english_word_of_talk_is_no_slip_of_another() -> None:
    speller = Speller(["live", "using"], meant={"love"})
    assert [speller.mended(word) for word in ("love", "lives", "usong")] == ["love", "live", "using"]


@pytest.mark.parametrize("text", ["加个微信吧", "你电话多少", "你们公司在哪", "几点下班", "怎么联系你们"])
def test_who_wants_to_reach_people_wants_a_person(sample: Librarian, text: str) -> None:
    assert sample.read(text).intent == "human"


def test_despair_at_the_end_of_a_long_letter_is_heard(small: Librarian) -> None:
    letter = "最近一直在学编程，可是越学越没有信心，工作也没了。" * 40
    assert small.read(f"{letter}真的不想活了").intent == "crisis"
    assert small.read(letter).intent != "crisis"
