"""Fits the weights that decide on yes and no: python -m benchmarks.calibrate FOLDER=FILE[,FILE…] …

FOLDER holds courses, each FILE labelled queries for them. The first pair is fitted to, all are reported;
talk.txt beside this file and the tests' noise.txt are asked of all. Prints the weights of `nlp/refuse.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from commands.librarian import documents
from nlp import calibrate, evaluate, refuse
from nlp.evaluate import Labelled
from nlp.refuse import Weights

TALK = (
    Path(__file__).with_name("talk.txt"),
    Path(__file__).parents[1] / "tests" / "unit" / "nlp" / "noise.txt",
)


def talk() -> list[Labelled]:
    """What people ask who want no course."""
    lines = (line for file in TALK for line in file.read_text(encoding="utf-8").splitlines())
    return [Labelled(line, "talk", {}) for line in lines if line and not line.startswith("# ")]


def _cases(pair: str, vectors: Path | None) -> list[calibrate.Case]:
    folder, _, files = pair.partition("=")
    queries = [each for file in files.split(",") for each in evaluate.load(Path(file))]
    with contextlib.redirect_stderr(io.StringIO()):  # what is wrong with the courses is not asked here
        courses = documents(Path(folder))
    return list(calibrate.cases(courses, [*queries, *talk()], vectors=vectors))


def _table(found: list[calibrate.Case], weights: Weights) -> Iterator[str]:
    yield f"  {'courses':>8} {'answered':>9} {'talk':>7} {'absent':>7}   refused"
    for row in calibrate.refused(found, weights):
        yield f"  {row.size:>8} {row.answered:>9.1%} {row.talk:>7.1%} {row.absent:>7.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate", description=__doc__)
    parser.add_argument("pairs", nargs="+", metavar="FOLDER=FILE")
    parser.add_argument("--vectors", type=Path, metavar="PATH")
    options = parser.parse_args()
    named = {pair: _cases(pair, options.vectors) for pair in options.pairs}
    weights = calibrate.fit(named[options.pairs[0]])
    for name, value in weights._asdict().items():
        print(f"    {name}: float = {value}")
    for pair, found in named.items():
        for title, each in (("before", refuse.WEIGHTS), ("fitted", weights)):
            print(f"{title}: {pair}")
            print("\n".join(_table(found, each)))


if __name__ == "__main__":
    main()
