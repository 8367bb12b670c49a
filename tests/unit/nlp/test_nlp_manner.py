"""How a course should be given: its length, language and form."""

import pytest

from nlp import Document, Librarian
from nlp.limits import understand
from nlp.manner import Manner
from nlp.manner import understand as manner
from nlp.words import plain


@pytest.mark.parametrize(
    ("text", "minutes", "rest"),
    [
        ("半小时以内", 30, ""),
        ("一天能学完的爬虫课", 480, "爬虫课"),
        ("两小时以内学完的python", 120, "python"),
        ("一个周末学完前端", 960, "前端"),
        ("编程入门，二十个小时以内学完", 1200, "编程入门,"),
        ("最多两个半小时的课", 150, "课"),
        ("3天入门docker", 1440, "docker"),
        ("30天以内学会python", 14_400, "python"),
        ("python，90分钟以内的", 90, "python"),
    ],
)
def test_a_length_is_understood(text: str, minutes: int, rest: str) -> None:
    found, left = manner(plain(text))
    assert (found.max_minutes, " ".join(left.split())) == (minutes, rest)


@pytest.mark.parametrize(
    "text",
    [
        "不要太长",
        "爬虫课，不要太长的",
        "短一点的课",
        "时间短一点的",
        "太长了",
        "这门课太长了",
        "有没有短一点的",
        "更短的",
    ],
)
def test_a_short_one_is_wanted(text: str) -> None:
    assert manner(plain(text))[0] == Manner(short=True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("英文的", "en"),
        ("英文授课的机器学习", "en"),
        ("有没有英文的课", "en"),
        ("中文讲的", "zh"),
        ("操作系统，要中文授课", "zh"),
        ("不要英文的", "zh"),
    ],
)
def test_a_language_is_understood(text: str, language: str) -> None:
    assert manner(plain(text))[0] == Manner(language=language)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("不要视频", "text"),
        ("爬虫，不要视频课", "text"),
        ("图文教程", "text"),
        ("要能看视频的", "video"),
        ("要能看视频的爬虫课", "video"),
        ("我只看视频", "video"),
        ("要直播课", "live"),
        ("有没有视频的", "video"),
        ("有没有视频教程", "video"),
        ("爬虫有视频吗", "video"),
        ("视频的有吗", "video"),
        ("想看视频学", "video"),
    ],
)
def test_a_form_is_understood(text: str, form: str) -> None:
    assert manner(plain(text))[0] == Manner(form=form)


@pytest.mark.parametrize(
    "topic",
    [
        "统计30天以内的数据",
        "24小时内自动发消息",
        "7天内退款",
        "一天能学完吗",
        "视频剪辑",
        "不要视频剪辑",
        "有没有视频剪辑的",
        "标题太长了怎么办",
        "太长的句子怎么断行",
        "有没有英语课",
        "怎么给视频加字幕",
        "短视频怎么做",
        "标题不要太长怎么写",
        "长文本处理",
        "英文文档看不懂怎么办",
        "怎么把英文的网页翻译成中文",
        "文字识别",
        "做一个音频播放器",
        "直播带货",
    ],
)
def test_a_topic_says_nothing_of_how_a_course_is_given(topic: str) -> None:
    assert manner(plain(topic)) == (Manner(), plain(topic))


def test_a_length_is_no_price() -> None:
    limits = understand("半小时以内 200以内").limits
    assert (limits.max_minutes, limits.max_price_fen) == (30, 20000)


@pytest.fixture(scope="module")
def given() -> Librarian:
    return Librarian.build(
        [
            Document("short", "爬虫十分钟", minutes=10, language="en", form="video"),
            Document("long", "爬虫大全", minutes=900, language="zh", form="text"),
            Document("unsaid", "爬虫杂谈"),
        ]
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("爬虫", {"short", "long", "unsaid"}),
        ("爬虫，半小时以内的", {"short", "unsaid"}),
        ("爬虫，不要太长", {"short", "unsaid"}),
        ("爬虫，要英文授课", {"short"}),
        ("爬虫，不要视频", {"long", "unsaid"}),
        ("要中文讲的", {"long", "unsaid"}),
    ],
)
def test_what_is_said_is_obeyed_and_what_nobody_said_is_not_held_against_a_course(
    given: Librarian, asked: str, found: set[str]
) -> None:
    assert {hit.id for hit in given.search(asked).hits} == found


def test_a_course_in_another_language_is_shown_as_that_where_there_is_none(sample: Librarian) -> None:
    answer = sample.search("爬虫，要英文授课")
    assert answer.unsure and "不过是中文的" in answer.hits[0].reason
    assert answer.note == "这里的课都是中文的，暂时没有英文的"
    none = sample.search("英文的课有吗")
    assert (none.hits, none.note) == ((), "这里的课都是中文的，暂时没有英文的") and none.nearest


def test_how_long_it_takes_is_told_to_who_asked(given: Librarian) -> None:
    reasons = {hit.id: hit.reason for hit in given.search("爬虫，半小时以内的").hits}
    assert "大约 10 分钟学完" in reasons["short"]
    assert "分钟" not in reasons["unsaid"]


def test_when_no_course_is_so_short_that_is_said_and_the_shortest_shown(given: Librarian) -> None:
    found = Librarian.build([Document("a", "爬虫大全", minutes=900)]).search("爬虫，半小时以内的")
    assert (found.hits, found.note) == ((), "这么短的暂时没有")
    assert [hit.id for hit in found.nearest] == ["a"]


def test_a_new_length_takes_the_place_of_the_old_one(sample: Librarian) -> None:
    assert sample.read("一小时以内的", ["爬虫，半小时以内的"]).limits.max_minutes == 60
