"""Words of everyday talk, and words that prove nothing whatever they stand in."""

import re
from functools import cache
from pathlib import Path

EVERYDAY = Path(__file__).with_name("everyday.txt")

_NUMERAL = re.compile(
    r"[\d零一二三四五六七八九十百千万亿两几数多半第]+[个台份张条家件次遍天年月页块元斤米种套本门人名位只篇号点层排]?"
)


@cache
def everyday_words() -> frozenset[str]:
    """The words of everyday talk, from `everyday.txt`."""
    lines = EVERYDAY.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def proves_nothing(word: str) -> bool:
    """Digits, numerals with their measures (几十台) and single letters are no evidence."""
    return bool(_NUMERAL.fullmatch(word)) or (len(word) == 1 and word.isascii())
