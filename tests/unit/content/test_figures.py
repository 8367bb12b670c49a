"""Pictures, sound and film of a course, and Tencent Video."""

from __future__ import annotations

import struct
import zlib

import pytest

from content.assets import is_what_it_says, kind_of, picture_size
from tests.unit.content.rendering import html_of, rendered


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk))


def test_a_picture_by_itself_is_a_figure_with_its_title_below() -> None:
    html = html_of('![说明给看不见的人](../cover.jpg "图一：*全貌*")')
    assert html == (
        '<figure><img src="/courses/py/assets/cover.jpg" alt="说明给看不见的人" width="800" height="400" '
        'loading="lazy"><figcaption>图一：*全貌*</figcaption></figure>\n'
    )


def test_a_picture_in_a_sentence_stays_in_it() -> None:
    html = html_of('点 ![按钮](../cover.jpg "保存") 保存')
    assert "<figure" not in html and 'title="保存"' in html


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("字|300", (300, 150)),
        ("字|300x100", (300, 100)),
        ("字 | 40", (40, 20)),
        ("字", (800, 400)),
        ("9|9", (9, 4)),
    ],
)
def test_a_width_behind_the_words_keeps_the_proportion(written: str, size: tuple[int, int]) -> None:
    html = html_of(f"![{written}](../cover.jpg)")
    assert f'width="{size[0]}" height="{size[1]}"' in html
    assert "|" not in html


def test_no_size_is_made_up_when_the_file_does_not_tell_it() -> None:
    assert "width" not in rendered("![字|300](../cover.jpg)", size=None)[0].html


def test_a_wiki_picture_is_found_wherever_it_lies() -> None:
    html = html_of("![[cover.jpg|200]]\n\n![[图 1.png]]")
    assert 'src="/courses/py/assets/cover.jpg" alt="" width="200" height="100"' in html
    assert 'src="/courses/py/assets/01-start/%E5%9B%BE%201.png"' in html


def test_the_search_finds_words_and_captions_of_pictures() -> None:
    text = rendered('![替代文字](../cover.jpg "图下文字")')[0].text
    assert "替代文字" in text and "图下文字" in text


@pytest.mark.parametrize(("file", "tag"), [("talk.mp3", "audio"), ("film.mp4", "video")])
def test_sound_and_film_get_a_player_that_loads_nothing_by_itself(file: str, tag: str) -> None:
    html = html_of(f"![访谈](../{file})")
    assert f"<figure><{tag} " in html
    assert f'src="/courses/py/assets/{file}"' in html
    assert 'preload="none"' in html and "controls" in html and "<figcaption>访谈</figcaption>" in html


@pytest.mark.parametrize(
    "source",
    [
        "![x](none.png)",
        "![x](none.mp3)",
        "<img src='none.png'>",
        "<audio src='no.mp3'>",
        "<video src='https://evil.example/a.mp4'></video>",
        "<audio src='../cover.jpg'>",
    ],
)
def test_what_is_not_in_the_folder_is_not_shown(source: str) -> None:
    assert "src=" not in html_of(source)


@pytest.mark.parametrize(
    "source",
    [
        "![讲解](https://v.qq.com/x/page/a0012abcdef.html)",
        "![讲解](https://v.qq.com/x/cover/mzc0/a0012abcdef.html)",
        "![讲解](tencent:a0012abcdef)",
        "[讲解](tencent:a0012abcdef)",
    ],
)
def test_a_tencent_video_is_a_card_that_links_to_it(source: str) -> None:
    shown, problems = rendered(source)
    assert 'class="video"' in shown.html and 'data-vid="a0012abcdef"' in shown.html
    assert 'href="https://v.qq.com/x/page/a0012abcdef.html"' in shown.html
    assert ">讲解</a>" in shown.html and "<iframe" not in shown.html
    assert problems == []


@pytest.mark.parametrize(
    "source", ["![x](https://v.qq.com/x/page/)", "[x](tencent:a<b)", '[x](tencent:"onload=)']
)
def test_a_tencent_address_without_an_id_is_an_error(source: str) -> None:
    shown, problems = rendered(source)
    assert "data-vid" not in shown.html
    assert [one.severity for one in problems] == ["error"]


@pytest.mark.parametrize("size", [(1, 1), (3000, 20)])
def test_a_size_is_read_from_the_head_of_the_file(size: tuple[int, int]) -> None:
    assert picture_size(png(*size)) == size


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00", b"GIF89a", b"x" * 100])
def test_a_broken_head_has_no_size(data: bytes) -> None:
    assert picture_size(data) is None


@pytest.mark.parametrize(
    ("name", "data", "is_right"),
    [
        ("a.mp3", b"ID3\x04" + bytes(20), True),
        ("a.mp3", b"\xff\xfb\x90\x00", True),
        ("a.mp3", b"<script>", False),
        ("a.mp3", b"\xff\xd8\xff\xe0", False),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom", True),
        ("a.m4a", b"\x00\x00\x00\x18ftypM4A ", True),
        ("a.mp4", b"ID3\x04" + bytes(20), False),
        ("a.webm", b"\x1a\x45\xdf\xa3....B\x82\x84webm", True),
        ("a.webm", b"\x1a\x45\xdf\xa3....matroska", False),
        ("a.png", b"\x00\x00\x00\x18ftypisom", False),
    ],
)
def test_a_file_is_what_its_first_bytes_say(name: str, data: bytes, is_right: bool) -> None:
    assert is_what_it_says(name, data) is is_right


def test_kinds_go_by_ending() -> None:
    assert [kind_of(name) for name in ("a.PNG", "b.m4a", "c.webm", "d.svg", "e")] == [
        "image",
        "audio",
        "video",
        "",
        "",
    ]
