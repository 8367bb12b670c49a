from __future__ import annotations

from types import SimpleNamespace

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from werobot.replies import Article, ArticlesReply, ImageReply, TextReply, TransferCustomerServiceReply

from bot.reply import MAX_TEXT_BYTES, as_text, clean, cut, link, render, tap

# Letters, marks and signs of any script, right-to-left ones and emoji included; no line ends.
CHARACTERS_OF_A_LINE = st.characters(blacklist_categories=("Cs", "Cc"))
MESSAGE = SimpleNamespace(source="o1", target="gh")


def rendered(content: str) -> str:
    return str(
        xmltodict.parse(render(TextReply(MESSAGE, content=content)), strip_whitespace=False)["xml"]["Content"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "你好",
        "a]]>b",
        "]]>",
        "]]]]>>",
        "]]",
        "<xml>{content}</xml>",
        "😀👨‍👩‍👧",
        "\u200fשלום",
        "a\nb\tc",
        "&lt; &amp;",
    ],
)
def test_a_text_survives_its_xml(text: str) -> None:
    assert rendered(text) == text


def test_control_characters_are_left_out() -> None:
    assert rendered("a\x00b\x08c\x1fd\ud800e\uffff") == "abcde"


@given(st.text())
def test_any_text_makes_a_document_that_can_be_read(text: str) -> None:
    assert rendered("x" + text).startswith("x")


def test_a_name_with_a_cdata_end_stays_inside_its_field() -> None:
    reply = TextReply(SimpleNamespace(source="o]]>1", target="gh"), content="x")
    assert xmltodict.parse(render(reply))["xml"]["ToUserName"] == "o]]>1"


def test_a_short_text_is_not_cut() -> None:
    text = "课" * (MAX_TEXT_BYTES // 3)
    assert cut(text) == text


def test_a_long_text_is_cut_at_a_whole_line_and_says_so() -> None:
    text = "\n".join(f"{number}. 课程介绍" for number in range(300))
    short = cut(text)
    assert len(short.encode()) <= MAX_TEXT_BYTES
    *lines, last = short.split("\n")
    assert last == "…"
    assert lines == text.split("\n")[: len(lines)]


@given(st.text(min_size=400), st.integers(min_value=20, max_value=600))
def test_a_cut_keeps_the_limit_and_whole_characters(text: str, limit: int) -> None:
    text = clean(text)
    short = cut(text, limit)
    assert len(short.encode()) <= limit
    assert short == text or text.lstrip().startswith(short.removesuffix("…").rstrip("\n"))


# What readers see as one character each, made of one or of many.
CHARACTERS = st.sampled_from(
    [
        "课",
        "a",
        " ",
        "é",
        "e\u0301",
        "❤️",
        "👍🏽",
        "👨‍👩‍👧",
        "🏳️‍🌈",
        "🇨🇳",
        "🇮🇱",
        "1️⃣",
        "🏴\U000e0067\U000e0062\U000e007f",
        "ש",
        "ש\u05c1",
        "\u200f",
        "]]>",
        "<",
        "&",
    ]
)


@given(st.lists(CHARACTERS, min_size=1, max_size=120), st.integers(min_value=60, max_value=300))
def test_a_long_line_is_cut_between_what_readers_see_as_characters(characters: list[str], limit: int) -> None:
    line = "课" + "".join(characters)
    short = cut(line, limit)
    assert len(short.encode()) <= limit
    if short != line:
        start = short.removesuffix("\n…")
        wholes = {"课" + "".join(characters[:count]) for count in range(len(characters) + 1)}
        # What looks like the beginning of a link is left out as a whole.
        assert start in wholes or "<" in line


@given(st.lists(st.text(CHARACTERS_OF_A_LINE, max_size=60), min_size=1, max_size=80))
def test_of_many_lines_whole_ones_are_kept_as_many_as_fit(lines: list[str]) -> None:
    lines = ["课", *lines]
    short = cut("\n".join(lines), 400)
    kept = short.removesuffix("\n…").split("\n")
    assert len(short.encode()) <= 400
    assert kept == lines[: len(kept)]
    if short != "\n".join(lines):
        rest = lines[len(kept) :]
        following = next((at for at, line in enumerate(rest) if line.strip()), len(rest) - 1)
        longer = "\n".join([*kept, *rest[: following + 1]]) + "\n…"
        assert len(longer.encode()) > 400 or not any(line.strip() for line in rest)


HARD = st.text(
    st.one_of(CHARACTERS_OF_A_LINE, st.sampled_from("\n\r\t\x00\x1b\x7f\x85\ud83d\ufffe\u202e]>")),
    max_size=900,
)


@given(HARD)
def test_any_reply_arrives_as_it_was_cleaned_and_cut(text: str) -> None:
    arrived = rendered("课" + text)
    assert arrived == cut(clean("课" + text))
    assert len(arrived.encode()) <= MAX_TEXT_BYTES


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=20)), max_size=40))
def test_no_cut_leaves_a_link_open(pairs: list[tuple[str, str]]) -> None:
    text = "".join(f"{clean(before).replace('<', '')}{tap(label, label)}" for before, label in pairs)
    short = cut(text, 300)
    assert short.count("<a ") == short.count("</a>")


@pytest.mark.parametrize("start", ["\n", " \n\n", "\r\n"])
def test_a_long_line_after_an_empty_one_is_not_lost(start: str) -> None:
    assert cut(clean(start + "课" * 1000)).startswith("课" * 600)


def test_line_ends_of_other_systems_are_line_ends() -> None:
    assert rendered("a\r\nb\rc\nd") == "a\nb\nc\nd"


def test_a_single_long_line_is_not_cut_inside_a_link_or_an_emoji() -> None:
    assert cut("去看" + link("https://x.cn/" + "a" * 100, "第一课"), 80) == "去看\n…"
    assert cut("好👨‍👩‍👧👨‍👩‍👧", 22) == "好\n…"


def test_links_lead_to_http_only_and_cannot_leave_their_attribute() -> None:
    assert link("https://x.cn/课?a=1&b=2", "第一课") == '<a href="https://x.cn/%E8%AF%BE?a=1&b=2">第一课</a>'
    assert '"><' not in link('https://x.cn/"><script>', "a<b>")
    for address in ("javascript:alert(1)", "//x.cn", "weixin://x", ""):
        with pytest.raises(ValueError, match="http"):
            link(address, "x")


def test_a_tap_sends_its_text() -> None:
    assert tap("买 1", "购买") == '<a href="weixin://bizmsgmenu?msgmenucontent=买%201&msgmenuid=1">购买</a>'
    assert tap('"&<', "x", tap_id="7").count('"') == 2


def test_one_article() -> None:
    reply = ArticlesReply(message=MESSAGE)
    reply.add_article(Article("爬虫]]>课", "\x01入门", "", "https://x.cn"))
    for _ in range(2):  # rendering leaves the reply as it was
        read = xmltodict.parse(render(reply))["xml"]
        assert read["ArticleCount"] == "1"
        assert read["Articles"]["item"]["Title"] == "爬虫]]>课"
    assert as_text(reply) == "爬虫]]>课\n入门\nhttps://x.cn"


def test_what_cannot_be_a_late_text_is_none() -> None:
    assert as_text(ImageReply(MESSAGE, media_id="m")) == ""
    handover = TransferCustomerServiceReply(MESSAGE)
    assert as_text(handover) == ""
    assert xmltodict.parse(render(handover))["xml"]["MsgType"] == "transfer_customer_service"
