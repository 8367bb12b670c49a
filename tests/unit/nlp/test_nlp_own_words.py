"""The words of one shop: tags and titles stay whole, its subjects are no small talk, teachers are known."""

import pytest

from nlp import Document, Librarian, words
from nlp.asked import about, about_refund
from nlp.prepare import own_words

HOBBIES = [
    Document("uke", "尤克里里小课", "四根弦，一首歌", "按弦与扫弦", (), "beginner", 9900, "小满"),
    Document("campfire", "篝火弹唱", "带一把吉他，给朋友唱", "和弦", ("弹唱",), "beginner", 5900, "小满"),
    Document(
        "street", "街舞第一支", "跟着音乐跳舞，不怕手脚不协调", "律动", ("街舞",), "beginner", 0, "阿澈老师"
    ),
    Document("script", "Python 自动整理文件", "名字再乱也不怕", "只有文件的名字，证书和订单", ("Python",)),
]


@pytest.fixture(scope="module")
def hobbies() -> Librarian:
    return Librarian.build(HOBBIES)


def test_a_title_s_and_a_tag_s_word_is_not_cut_to_pieces() -> None:
    own = own_words([*HOBBIES, Document("x", "手碟", tags=("空灵鼓",))])
    assert {"尤克里里", "空灵鼓"} <= own.words
    assert "尤克里里" in words.words("想学尤克里里", own) and "尤克里里" not in words.words("想学尤克里里")


@pytest.mark.parametrize(
    ("text", "course"),
    [
        ("想学尤克里里", "uke"),
        ("吉他", "campfire"),
        ("想学吉他", "campfire"),
        ("跳舞", "street"),
        ("想学跳舞", "street"),
    ],
)
def test_what_the_shop_teaches_is_no_small_talk(hobbies: Librarian, text: str, course: str) -> None:
    assert hobbies.search(text).hits[0].id == course


def test_a_reason_says_the_creator_s_word(hobbies: Librarian) -> None:
    assert hobbies.search("想学尤克里里").hits[0].reason == "标题就是讲「尤克里里」"


@pytest.mark.parametrize("text", ["只有名字", "名字", "完全找到", "证书和名字", "手机名字"])
def test_everyday_words_are_no_reason(hobbies: Librarian, text: str) -> None:
    assert hobbies.search(text).hits == ()


def test_a_new_word_of_the_shop_is_cut_anew_in_the_courses_before() -> None:
    before = Librarian.build(HOBBIES[1:3])
    drum = Document("drum", "空灵鼓小课", tags=("空灵鼓",))
    told = Document("tale", "夜里的声音", "枕边听空灵鼓")
    after = Librarian.build([told, drum], previous=Librarian.build([told], previous=before))
    assert [hit.id for hit in after.search("空灵鼓").hits] == ["drum", "tale"]


@pytest.mark.parametrize("text", ["小满老师的课", "小满的课", "小满", "有没有小满老师讲的课"])
def test_a_teacher_s_courses_are_found_by_the_name(hobbies: Librarian, text: str) -> None:
    hits = hobbies.search(text).hits
    assert {hit.id for hit in hits} == {"uke", "campfire"}
    assert all(hit.reason.startswith("小满老师主讲，") for hit in hits)


def test_a_teacher_and_a_topic_are_both_kept_to(hobbies: Librarian) -> None:
    assert [hit.id for hit in hobbies.search("小满老师的吉他课").hits] == ["campfire"]
    assert hobbies.search("阿澈老师的课").hits[0].reason.startswith("阿澈老师主讲")


def test_who_wants_a_website_begins_with_pages(sample: Librarian) -> None:
    assert sample.search("想做网站，零基础").hits[0].id == "html-css-start"
    assert sample.search("想做个网站").hits[0].id == "html-css-start"


def test_a_beginner_is_one_in_traditional_characters_too(sample: Librarian) -> None:
    assert sample.read("我想學機器學習，完全沒有基礎").limits.level == "beginner"


@pytest.mark.parametrize(
    "text", ["视频剪辑怎么学", "python多少钱", "支付接口怎么写", "证书过期怎么配置", "群聊机器人怎么做"]
)
def test_a_subject_is_not_a_question_about_the_shop(text: str) -> None:
    assert about(text) == ""


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("退款多久到账", "when"),
        ("钱退到哪里", "where"),
        ("为什么不能退", "why_not"),
        ("能退吗", "rule"),
        ("退款", ""),
        ("我要退款", ""),
    ],
)
def test_a_question_about_refunds_is_no_wish_for_one(text: str, asked: str) -> None:
    assert about_refund(text) == asked


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("前端和后端学哪个好", ("前端", "后端")),
        ("学java还是学go", ("java", "go")),
        ("vue和react有什么区别", ("vue", "react")),
    ],
)
def test_of_two_subjects_that_are_compared_both_stand_first(
    sample: Librarian, sample_documents: list[Document], text: str, sides: tuple[str, str]
) -> None:
    heads = {each.id: f"{each.title} {each.tags}".lower() for each in sample_documents}
    hits = sample.search(text).hits
    first = [heads[hit.id] for hit in hits[:2]]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert any(sides[0] in head for head in first) and any(sides[1] in head for head in first)
