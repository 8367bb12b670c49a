"""Makes nlp/prose.txt: python -m benchmarks.prose TECHNICAL EVERYDAY.

Both are files of text, a paragraph a line: technical prose, and what people write of anything else. What
only the one uses tells what a question is about; see `nlp/prose.py`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from math import log
from pathlib import Path

from nlp import words
from nlp.corpus import files_of, lines_of
from nlp.prose import PROSE

SELDOM = 120  # counts in jieba's list below which a word is left out
SELDOM_SAID = 3  # or in the everyday text
OFTEN_WRITTEN = 30  # or in the technical one
FAR = 4  # nats at most
UNSEEN = 30  # counts in jieba's list that every word is given
MOST_CHARS = 2_000  # of a line
WIDTH = 118

HEAD = """\
# How many nats likelier a word is in technical prose than elsewhere. Made by benchmarks/prose.py.
"""


def counted(file: Path) -> Counter[str]:
    """The words of a text and how often each stands there."""
    counts: Counter[str] = Counter()
    for line in lines_of(files_of([file]), ()):
        counts.update(word for word in words.words(words.plain(line[:MOST_CHARS])) if not word.isascii())
    return counts


def leanings(technical: Mapping[str, int], everyday: Mapping[str, int]) -> dict[str, int]:
    """Each common word with its nats; without those that lean to neither side."""
    written, said = sum(technical.values()), sum(everyday.values())
    told: dict[str, int] = {}
    for word in {*technical, *everyday, *words.general_words()}:
        general, here, there = words.general_count(word), technical.get(word, 0), everyday.get(word, 0)
        if general < SELDOM and there < SELDOM_SAID and here < OFTEN_WRITTEN:
            continue
        elsewhere = ((general + UNSEEN) / words.GENERAL_TOTAL + (there + 0.5) / said) / 2
        nats = round(max(-FAR, min(FAR, log((here + 2) / written / elsewhere))))
        if nats and not word.isascii():
            told[word] = nats
    return told


def lines(told: Mapping[str, int]) -> Iterator[str]:
    """The file: lines of words of one leaning, which stands before them."""
    ordered = sorted(told, key=lambda word: (told[word], word))
    for nats, group in groupby(ordered, key=told.__getitem__):
        line = str(nats)
        for word in group:
            if len(line) + len(word) >= WIDTH // 2:  # a character is two letters wide
                yield line
                line = str(nats)
            line += f" {word}"
        yield line


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prose", description=__doc__)
    parser.add_argument("technical", type=Path)
    parser.add_argument("everyday", type=Path)
    options = parser.parse_args()
    told = leanings(counted(options.technical), counted(options.everyday))
    PROSE.write_text(HEAD + "\n".join(lines(told)) + "\n", encoding="utf-8")
    print(f"{PROSE}: {len(told)} words", file=sys.stderr)


if __name__ == "__main__":
    main()
