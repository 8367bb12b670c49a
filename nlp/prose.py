"""How much more, or less, technical prose uses a word than people do elsewhere.

`prose.txt` has the common words of Chinese by the logarithm of that ratio, in whole nats: counted in ten
million words of technical articles, against jieba's list (newspapers, mostly) and 1.4 million words of what
people write about books, hotels and washing machines. 衣服 and 医院 stand at -3, 网页 at 1, 代码 at 4. Nobody
chose them by hand; `benchmarks/prose.py` makes the file.
"""

from functools import cache
from pathlib import Path

PROSE = Path(__file__).with_name("prose.txt")
IN_LETTERS = 1.0  # nats of a word in letters


def leaning(word: str) -> float:
    """Of a word, in nats: below 0 technical prose is shy of it; 0 for one that nobody counted."""
    return IN_LETTERS if word.isascii() else float(_leanings().get(word, 0))


@cache
def _leanings() -> dict[str, int]:
    lines = PROSE.read_text(encoding="utf-8").splitlines()
    listed = (line.split() for line in lines if not line.startswith("#"))
    return {word: int(nats) for nats, *words in listed for word in words}
