import pytest

from nlp import Librarian
from nlp.limits import Limits, understand, yuan
from nlp.words import plain


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("200以内", 20000),
        ("爬虫课200块以内", 20000),
        ("两百以下", 20000),
        ("两百块以下的", 20000),
        ("不超过100", 10000),
        ("不高于199元", 19900),
        ("最多150块", 15000),
        ("100元以内", 10000),
        ("¥99以内", 9900),
        ("十块钱以内", 1000),
        ("两百五以内", 25000),
        ("预算200", 20000),
        ("预算100学docker", 10000),
        ("我只有一百块", 10000),
        ("不到一百块的", 10000),
        ("低于99.5元", 9950),
        ("２００以内", 20000),
        ("几十块的", 9999),
        ("一百多块的", 19999),
        ("一百块 爬虫", 10000),
        ("我有100块", 10000),
        ("under 100 yuan", 10000),
        ("python course below 100", 10000),
    ],
)
def test_a_highest_price_is_understood(text: str, most: int) -> None:
    limits = understand(plain(text)).limits
    assert (limits.max_price_fen, limits.min_price_fen) == (most, None)


@pytest.mark.parametrize(
    "text",
    [
        "100到200",
        "100-200元",
        "一百到两百之间",
        "100到200的前端课",
        "100块到200块",
        "价格100到200",
        "100~200元",
    ],
)
def test_a_range_of_prices_is_understood(text: str) -> None:
    limits = understand(plain(text)).limits
    assert (limits.min_price_fen, limits.max_price_fen) == (10000, 20000)


def test_about_a_price_leaves_room_on_both_sides() -> None:
    assert understand("100块左右的").limits == Limits(max_price_fen=12500, min_price_fen=7500)


@pytest.mark.parametrize("text", ["100元以上的", "100以上", "100以上的课", "超过100的", "over 100 yuan"])
def test_a_lowest_price_is_understood(text: str) -> None:
    assert understand(text).limits == Limits(min_price_fen=10000)


@pytest.mark.parametrize("text", ["不要免费的", "收费的课"])
def test_who_wants_nothing_free_gets_what_costs_something(text: str) -> None:
    limits = understand(text).limits
    assert not limits.allows(0) and limits.allows(100)


@pytest.mark.parametrize(
    "text", ["免费的", "不要钱的课", "有没有免费的python课", "白嫖", "不花钱的", "0元的课"]
)
def test_free_is_understood(text: str) -> None:
    assert understand(plain(text)).limits.free


@pytest.mark.parametrize("text", ["便宜点的java课", "有没有便宜点的", "实惠一点", "太贵了", "预算有限"])
def test_cheap_is_a_wish_not_a_limit(text: str) -> None:
    limits = understand(plain(text)).limits
    assert limits.cheap
    assert not limits.has_price


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("零基础学python", "beginner"),
        ("0基础", "beginner"),
        ("小白能学吗", "beginner"),
        ("适合新手的", "beginner"),
        ("没有基础能学吗", "beginner"),
        ("完全没有编程基础", "beginner"),
        ("从零开始学", "beginner"),
        ("初学者", "beginner"),
        ("入门级", "beginner"),
        ("爬虫进阶", "intermediate"),
        ("有基础", "intermediate"),
        ("有一点基础的", "intermediate"),
        ("不是零基础", "intermediate"),
        ("高级的", "advanced"),
        ("想深入一点", "advanced"),
        ("精通mysql", "advanced"),
    ],
)
def test_a_level_is_understood(text: str, level: str) -> None:
    assert understand(plain(text)).limits.level == level


@pytest.mark.parametrize(
    "text",
    [
        "python3.10以上版本",
        "1000以内的素数怎么求",
        "3到5年经验的java面试",
        "win10以下怎么装python",
        "深入浅出计算机网络",
        "表格有几十万行",
        "2023到2024年面试题",
        "面向对象高级语言",
        "爬虫",
        "",
    ],
)
def test_numbers_of_a_topic_are_no_limits(text: str) -> None:
    understood = understand(plain(text))
    assert understood.limits == Limits()
    assert understood.rest == plain(text)


def test_what_was_understood_is_taken_out_of_the_question() -> None:
    rest = understand("300元以内 零基础 数据分析").rest
    assert rest.split() == ["数据分析"]


def test_a_level_that_names_a_topic_leaves_the_topic() -> None:
    assert "编程" in understand("从来没写过代码").rest


def test_chinese_numbers() -> None:
    assert [yuan(text) for text in ("十五", "二十五", "一百二十", "两百五", "一千二")] == [
        1500,
        2500,
        12000,
        25000,
        120000,
    ]


def test_prices_keep_to_limits_with_both_ends() -> None:
    limits = Limits(max_price_fen=20000, min_price_fen=10000)
    assert [limits.allows(fen) for fen in (9999, 10000, 20000, 20001)] == [False, True, True, False]
    assert [Limits(free=True).allows(fen) for fen in (0, 1)] == [True, False]


def test_what_only_mentions_a_subject_is_no_answer_because_it_is_cheap(sample: Librarian) -> None:
    found = sample.search("docker，50以内")
    assert (found.hits, found.note) == ((), "50 元以内暂时没有合适的")
    assert found.nearest[0].id == "docker-deploy"
