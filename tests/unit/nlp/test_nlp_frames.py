"""For whom and for what something is made: neither a topic nor small talk."""

import pytest

from nlp import Document, Librarian, frames


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("想给女朋友做个网页表白", "想 做个网页"),
        ("帮我妈学用excel", "学用excel"),
        ("送朋友一个生日小程序", "一个 小程序"),
        ("陪孩子学编程", "学编程"),
        ("剪个婚礼视频", "剪个 视频"),
    ],
)
def test_for_whom_and_for_what_fall_out(said: str, left: str) -> None:
    assert " ".join(frames.without(said).split()) == left


@pytest.mark.parametrize(
    "said", ["怎么追女朋友", "做生日蛋糕", "写一段表白的话", "朋友圈文案", "给客户做网页", ""]
)
def test_talk_stays_talk(said: str) -> None:
    assert frames.without(said) == said


def test_a_page_for_a_girlfriend_is_a_question_about_pages(sample: Librarian) -> None:
    found = sample.search("想给女朋友做个网页表白").hits
    assert found and found[0].id == "html-css-start"


@pytest.mark.parametrize(
    "said", ["怎么给女朋友做生日蛋糕", "给老婆做饭", "教孩子写作业", "给女朋友买什么礼物"]
)
def test_small_talk_with_somebody_in_it_is_still_refused(sample: Librarian, said: str) -> None:
    assert sample.read(said).intent == "offtopic"


def test_where_weddings_are_taught_a_wedding_is_the_topic() -> None:
    wedding = Librarian.build([Document("w", "婚礼视频剪辑", tags=("婚礼",)), Document("v", "视频剪辑入门")])
    assert "婚礼" in wedding.read("剪个婚礼视频").words
