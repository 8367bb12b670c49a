"""Where a message is parted into questions, and where not."""

import pytest

from nlp import Librarian
from nlp.several import LONGEST, MOST, parts


@pytest.mark.parametrize(
    ("said", "cut"),
    [
        ("想学爬虫，另外有没有讲git的", ("想学爬虫", "有没有讲git的")),
        ("爬虫怎么学？git怎么用？", ("爬虫怎么学", "git怎么用")),
        ("想学python，还有，顺便问一下java", ("想学python", "java")),
        ("想学python和java", ("想学python和java",)),
        ("我会python，想学爬虫", ("我会python，想学爬虫",)),
        ("", ("",)),
        ("？？", ("？？",)),
    ],
)
def test_a_message_is_parted_where_its_author_says_so(said: str, cut: tuple[str, ...]) -> None:
    assert parts(said) == cut


def test_there_are_few_parts_and_stories_stay_whole() -> None:
    assert len(parts("爬虫？git？redis？docker？java？")) == MOST
    assert len(parts("爬虫？" * LONGEST)) == 1


def test_each_question_is_read_by_itself(sample: Librarian) -> None:
    crawler, git = sample.read_all("想学爬虫，200以内，另外有没有讲git的")
    assert (crawler.limits.max_price_fen, git.limits.max_price_fen) == (20000, None)
    assert sample.search(git).hits[0].id == "git-teamwork"


@pytest.mark.parametrize("said", ["想学爬虫，另外便宜一点的", "你好？在吗？", "爬虫？还有爬虫进阶？", "爬虫"])
def test_what_is_one_question_is_read_as_one(sample: Librarian, said: str) -> None:
    assert sample.read_all(said) == (sample.read(said),)
