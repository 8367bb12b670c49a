"""A text that a pattern cannot fit is known by its characters."""

import re

import pytest

from nlp.asked import _ABOUT
from nlp.intent import _RULES
from nlp.needed import Quick, begun


@pytest.mark.parametrize(
    ("pattern", "text", "may_fit", "may_be"),
    [
        ("退款|退钱", "怎么退", True, False),
        ("退款|退钱", "退钱", True, True),
        ("退款|退钱", "爬虫", False, False),
        ("(?:我)?要?", "爬虫", True, False),  # needs nothing, and matches little
        (".{0,4}退", "爬虫退", True, True),
        ("[^退]+", "爬虫", True, True),
        (r"第\d(?!课)", "第3", True, True),
    ],
)
def test_what_cannot_fit_is_not_tried(pattern: str, text: str, may_fit: bool, may_be: bool) -> None:
    quick = Quick(re.compile(pattern))
    assert (quick.may_fit(frozenset(text)), quick.may_be(frozenset(text))) == (may_fit, may_be)


@pytest.mark.parametrize(
    "text", ["第2个多少钱", "买第一个", "谢谢老师", "有没有优惠", "多久能学完", "怎么付款", "爬虫"]
)
def test_no_saying_that_fits_is_passed_over(text: str) -> None:
    signs = frozenset(text)
    for quick in (*(each[-1] for each in _RULES), *(quick for _, quick in _ABOUT)):
        if quick.pattern.fullmatch(text):
            assert quick.may_fit(signs) and quick.may_be(signs)


@pytest.mark.parametrize(
    "pattern",
    ["(?:很)?感兴趣|哪里", "(?<=[是])课(?=$|程)", "(?:我|俺)?(?:也|就)*想学", "a?", "[^a]b|c", "x+y|[0-9]z"],
)
def test_a_pattern_that_is_begun_finds_what_it_found_before(pattern: str) -> None:
    text = "我也想学爬虫，是课程，很感兴趣，哪里ab有bb xxy 3z，是课"
    found = [match.span() for match in re.finditer(begun(pattern), text)]
    assert found == [match.span() for match in re.finditer(pattern, text)] and found
