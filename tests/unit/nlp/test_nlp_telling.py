"""How telling words are, and which courses are likely meant though nothing is named."""

import pytest

from nlp import Document, Librarian, reason
from nlp.concepts import Concept, Concepts
from nlp.everyday import proves_nothing
from nlp.spelling import Speller
from nlp.telling import Telling


def telling(heads: dict[str, float] | None = None, ours: float = 1.0) -> Telling:
    said = {"网页": 30.0, "程序": 40.0, "自动": 20.0, "手机": 5.0}
    return Telling(said, {"网页": 4.0, "蛋糕": 2.0}, heads or {}, ours)


def test_a_word_of_the_trade_speaks_for_a_question_and_talk_against() -> None:
    words = telling()
    assert words.of("网页") > 2 > 0 > words.of("红烧肉")
    assert words.of_all(["今天", "网页", "程序", "三十个"])[:2] == sorted(
        [words.of("网页"), words.of("程序")], reverse=True
    )


def test_what_a_school_of_baking_writes_of_is_no_talk_there() -> None:
    assert telling(ours=0.0).of("蛋糕") > telling().of("蛋糕")
    assert telling(heads={"蛋糕": 0.5}).of("蛋糕") > telling().of("蛋糕")


@pytest.mark.parametrize("word", ["几十台", "三十个", "二十四", "几百", "100", "x"])
def test_how_many_of_something_is_no_evidence(word: str) -> None:
    assert proves_nothing(word)


@pytest.mark.parametrize("word", ["一致性", "二维码", "三维", "个人", "百度", "go"])
def test_a_word_that_begins_like_a_number_is_a_word(word: str) -> None:
    assert not proves_nothing(word)


def test_weak_likeness_with_several_needs_adds_up_with_its_neighbours() -> None:
    known = Concepts(
        [
            Concept(("爬虫",), ("把网页上的表格存下来", "自动收集网页新闻"), ("数据采集",)),
            Concept(("数据采集",), ("从很多地方收集数据",)),
            Concept(("排版",), ("把文章排整齐",)),
        ]
    )
    likely = known.in_question("每天收集网页价格", ["收集", "网页", "价格"]).likely
    assert likely[0] > likely[1] > likely[2]


def test_a_name_may_belong_to_two_concepts_and_stand_with_a_gap() -> None:
    known = Concepts([Concept(("AI绘画", "画图")), Concept(("绘图软件", "画图")), Concept(("大模型", "ai"))])
    assert set(known.mentions("画图")) == {0, 1}
    assert known.mentions("学 ai 绘画") == {0: ["ai 绘画"]}


@pytest.mark.parametrize(("text", "named"), [("导数据到表格", False), ("学导数", True)])
def test_a_short_name_across_two_words_is_none(text: str, named: bool) -> None:
    assert bool(Concepts([Concept(("导数",))]).mentions(text)) == named


@pytest.mark.parametrize(
    ("word", "mended"), [("ndoe", "node"), ("note", "note"), ("pyhton", "python"), ("bython", "bython")]
)
def test_only_what_is_close_is_a_slip(word: str, mended: str) -> None:
    assert Speller(["node", "python"]).mended(word) == mended


def test_a_weak_reason_says_that_it_is_one() -> None:
    match = reason.Match(perhaps=("收集价格", "爬虫"))
    document = Document("a", "抓网页")
    limits = Librarian.build([]).read("x").limits
    assert reason.line("想收集价格", match, limits, document) == ""
    assert reason.line("想收集价格", match, limits, document, weak=True) == "你说的「收集价格」可能是爬虫"


def test_a_price_is_told_as_it_is_to_who_wants_to_save(sample: Librarian) -> None:
    reasons = [hit.reason for hit in sample.search("便宜一点的 Java 课").hits]
    assert reasons
    assert not any("只要" in reason for reason in reasons)


def test_a_neighbour_says_what_it_teaches() -> None:
    near = reason.Near("比特币", "密码学", nearest=True)
    document = Document("a", "密码学")
    limits = Librarian.build([]).read("x").limits
    told = reason.line("想学比特币", reason.Match(near=near), limits, document)
    assert told == "没有专讲「比特币」的课；这门讲到的「密码学」和它相邻"
    taught = near._replace(nearest=False)
    assert "没有专讲" not in reason.line("想学比特币", reason.Match(near=taught), limits, document)


def test_that_nobody_teaches_it_is_said_only_where_that_is_true() -> None:
    """反爬 is a neighbour of 爬虫: a shop with courses on both must not deny one."""
    crawler = Document(
        "crawler", "Python 爬虫", "把网页变成表格，从请求到入库", tags=("爬虫",), price_fen=9900
    )
    java = Document("java", "Java 基础", "集合与异常", tags=("Java",))
    alone = Librarian.build([crawler, java]).search("反爬")
    told = [hit.reason for hit in (*alone.hits, *alone.nearest) if hit.id == "crawler"]
    assert told and "没有专讲「反爬」的课" in told[0] and "「爬虫」" in told[0]
    both = Librarian.build([crawler, java, Document("anti", "反爬攻防", "验证码与代理", tags=("反爬",))])
    assert not any("没有专讲" in hit.reason for hit in both.search("反爬").hits)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("机器学西", "应该是「机器学习」"),
        ("pyhton", "应该是「Python」"),
        ("给朋友做个网页", "和「网页」有关"),  # many concepts have to do with it, and it is none of them
        ("excel 公式", "excel"),
    ],
)
def test_a_reason_calls_things_by_what_they_are(sample: Librarian, question: str, said: str) -> None:
    told = [hit.reason for hit in sample.search(question).hits]
    assert any(said in line for line in told)
    assert not any("就是 HTML" in line or "就是 Python" in line for line in told)


def test_a_course_on_what_was_named_is_no_neighbour_of_it() -> None:
    """The title says 老火靓汤, the follower 煲汤: the reason is 煲汤 and not what stands beside it."""
    own = [Concept(("煲汤", "靓汤"), near=("砂锅",)), Concept(("砂锅",))]
    shop = Librarian.build([Document("soup", "老火靓汤：一口砂锅煲四季", "火候说清楚")], concepts=own)
    assert shop.search("煲汤").hits[0].reason == "会讲到「煲汤」"


def test_words_that_tell_nothing_are_no_reason(sample: Librarian) -> None:
    told = [hit.reason for text in ("代码改了又坏了", "网站打开很慢") for hit in sample.search(text).hits]
    assert told
    assert not any(f"讲到了「{word}」" in line for line in told for word in ("改了", "打开"))


def test_letters_and_chinese_stand_apart_in_a_reason() -> None:
    told = reason.subject("透视表", reason.Match(named=("透视表", "Excel")))
    assert told == ["你说的「透视表」就是 Excel 这一块"]


@pytest.mark.parametrize(
    ("said", "meant"), [("爬冲", "爬虫"), ("paichong", "爬虫"), ("scarpe", "scrape"), ("爬虫", "")]
)
def test_a_slip_is_told_as_the_name_that_is_nearest(said: str, meant: str) -> None:
    crawler = Concept(("爬虫", "scrape"), typos=("爬冲", "paichong", "scarpe"))
    assert crawler.mended([said]) == meant
    assert Concept(("爬虫",)).mended([]) == ""


def test_slips_that_were_put_right_are_told() -> None:
    assert reason.mended([("paichong", "爬虫"), ("pyhton", "python")]) == (
        "「paichong」当作「爬虫」来找，「pyhton」当作「python」来找"
    )
    assert reason.mended([]) == ""
