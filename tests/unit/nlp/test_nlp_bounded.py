"""Any number of questions, each of them new, keeps memory bounded."""

import gc
import random
import tracemalloc
from functools import _lru_cache_wrapper

from nlp import Librarian
from nlp.librarian import REMEMBERED

SEED = 20_261_122
NEW, FEW, REPEATED = 300, 50, 20_000  # questions; the last stand for a million

_TOPICS = ("爬虫", "pyhton", "数据库很慢", "paichong", "机器学习", "钢琴", "java", "红烧肉", "200以内")
_STARTS = ("想学", "怎么", "推荐", "有没有讲", "除了", "请问")


def _questions(chance: random.Random, count: int) -> list[str]:
    return [_question(chance) for _ in range(count)]


def _question(chance: random.Random) -> str:
    """Of words as people use them, a word of letters that nobody knows, and one of characters."""
    letters = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7))
    signs = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(4))
    return f"{chance.choice(_STARTS)}{chance.choice(_TOPICS)} {letters} {signs}"


def _remembered() -> dict[int, tuple[str, int, int | None]]:
    """Every cache of the librarian's: its name, how much is in it, and the most that may be."""
    caches = [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper)]
    ours = [each for each in caches if getattr(each, "__module__", "").startswith("nlp")]
    told = ((each, each.cache_info()) for each in ours)
    return {id(each): (each.__qualname__, info.currsize, info.maxsize) for each, info in told}


def test_whatever_grows_with_questions_has_a_bound(small: Librarian) -> None:
    chance = random.Random(SEED)
    before = _remembered()
    for question in _questions(chance, NEW):
        small.search(question)
    grown = [each for key, each in _remembered().items() if each[1] > before.get(key, each)[1]]
    assert grown  # what is remembered was looked at
    assert not [name for name, _, most in grown if most is None]


def test_no_more_answers_are_remembered_than_said(small: Librarian) -> None:
    for question in _questions(random.Random(SEED + 1), REMEMBERED + 100):
        small.search(question)
    sizes = [size for _, size, most in _remembered().values() if most is not None]
    assert REMEMBERED in sizes
    assert all(size <= most for _, size, most in _remembered().values() if most is not None)


def test_the_same_questions_again_and_again_keep_memory_bounded(small: Librarian) -> None:
    few = _questions(random.Random(SEED), FEW)
    for question in few:
        small.search(question)
    tracemalloc.start()
    try:
        for turn in range(REPEATED):
            small.search(few[turn % len(few)])
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 100_000
