"""Which part of a file a request wants."""

from __future__ import annotations

import pytest

from handlers.web.byte_range import NoSuchRange, Span, wanted

ALL = Span(0, 100, partial=False)


def asked(text: str, size: int = 100) -> Span:
    return wanted({"Range": text}, size, '"e"')


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=90-", 90, 10),
        ("bytes=-5", 95, 5),
        ("bytes=-500", 0, 100),
        ("bytes=99-99", 99, 1),
        ("bytes=50-9999", 50, 50),
        ("bytes=0-", 0, 100),
    ],
)
def test_one_range_is_given(text: str, start: int, length: int) -> None:
    assert asked(text) == Span(start, length, partial=True)


@pytest.mark.parametrize(
    "text",
    ["", "bytes=", "bytes=-", "bytes=5-3", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b", "bytes=" + "9" * 30],
)
def test_what_is_no_single_range_gets_the_whole_file(text: str) -> None:
    assert asked(text) == ALL


@pytest.mark.parametrize("text", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(text: str) -> None:
    with pytest.raises(NoSuchRange):
        asked(text)


def test_who_has_the_beginning_of_another_version_gets_all_of_this_one() -> None:
    headers = {"Range": "bytes=5-", "If-Range": '"old"'}
    assert wanted(headers, 100, '"new"') == ALL
    assert wanted(headers | {"If-Range": '"new"'}, 100, '"new"').partial


def test_nothing_of_an_empty_file_can_be_given() -> None:
    with pytest.raises(NoSuchRange):
        asked("bytes=0-", size=0)
    assert wanted({}, 0, '"e"') == Span(0, 0, partial=False)
