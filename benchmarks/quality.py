"""How well courses are found: ours, with and without word vectors, beside BM25 (bm25s) and averaged word2vec.

Labelled queries of the sample catalogue, written by hand (`tests/unit/nlp/held_out.jsonl`), or of any other:

    python -m benchmarks.quality [--content DIR] [--queries FILE] [--vectors PATH]
"""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.limit import Limit
from commands import librarian
from nlp import Document, Librarian, evaluate, words
from nlp.evaluate import CUT, Labelled, Outcome, Result
from nlp.vector_files import load as load_vectors
from nlp.vectors import WordVectors

ROOT = Path(__file__).parents[1]
QUERIES = ROOT / "tests" / "unit" / "nlp" / "held_out.jsonl"
CONTENT = ROOT / "content" / "courses"
NDCG, NDCG_WITH_VECTORS = 0.60, 0.65
PARAPHRASE, PARAPHRASE_WITH_VECTORS = 0.40, 0.50

Find = Callable[[Labelled], Outcome]


def run(content: Path = CONTENT, queries: Path = QUERIES, vectors: Path | None = None) -> list[Limit]:
    """Prints nDCG@10 with its 95 % interval, all and by kind, of every way to find."""
    with contextlib.redirect_stderr(io.StringIO()):  # what keeps a course from the shelf is not asked here
        documents = librarian.documents(content)
    labelled = evaluate.load(queries)
    ways: dict[str, Find] = {"ours": _ours(Librarian.build(documents))}
    ways["bm25s"] = _bm25s(documents)
    if vectors:
        ways["ours + vectors"] = _ours(Librarian.build(documents, vectors=vectors))
        ways["mean of word2vec"] = _averaged(documents, load_vectors(vectors))
    told = {name: evaluate.run_in_turn(find, labelled) for name, find in ways.items()}
    _print(told)
    return _limits(told)


def _limits(told: dict[str, list[Result]]) -> list[Limit]:
    limits = []
    for name, least, least_of_paraphrases in (
        ("ours", NDCG, PARAPHRASE),
        ("ours + vectors", NDCG_WITH_VECTORS, PARAPHRASE_WITH_VECTORS),
    ):
        for kind, wanted in ((evaluate.ALL, least), ("paraphrase", least_of_paraphrases)):
            figures = evaluate.by_kind(told[name]).get(kind) if name in told else None
            if figures:
                limits.append(Limit(f"nDCG@10 of {name}, {kind}", figures.ndcg, at_least=wanted))
    return limits


def _ours(made: Librarian) -> Find:
    def find(each: Labelled) -> Outcome:
        _, answer = librarian.answer(made, each.query, each.after)
        return Outcome([hit.id for hit in answer.hits], answer.chance)

    return find


def _bm25s(documents: Sequence[Document]) -> Find:
    """BM25 on jieba's words, title and text together, as it comes."""
    import bm25s

    index = bm25s.BM25()
    index.index([_all_words(document) for document in documents], show_progress=False)
    known = set(index.vocab_dict)

    def find(each: Labelled) -> Outcome:
        asked = [word for word in words.words(words.plain(each.query)) if word in known]
        if not asked:
            return Outcome(())
        rows, scores = index.retrieve([asked], k=min(CUT, len(documents)), show_progress=False)
        pairs = zip(rows[0], scores[0], strict=True)
        return Outcome([documents[int(row)].id for row, score in pairs if score > 0])

    return find


def _averaged(documents: Sequence[Document], vectors: WordVectors) -> Find:
    """The mean of the words' vectors, every word alike, as the usual article shows it."""
    rows = np.vstack([vectors.text(dict.fromkeys(_all_words(each), 1.0), _alike) for each in documents])

    def find(each: Labelled) -> Outcome:
        question = vectors.text(dict.fromkeys(words.words(words.plain(each.query)), 1.0), _alike)
        best = np.argsort(-(rows @ question), kind="stable")[:CUT]
        return Outcome([documents[int(row)].id for row in best] if question.any() else ())

    return find


def _alike(_word: str) -> float:
    return 1.0


def _all_words(document: Document) -> list[str]:
    text = f"{document.title} {' '.join(document.tags)} {document.summary} {document.body}"
    return words.words(words.plain(text))


def _print(told: dict[str, list[Result]]) -> None:
    tables = {name: evaluate.by_kind(results) for name, results in told.items()}
    print(f"{'nDCG@10':<14} {'n':>5} " + " ".join(f"{name:>22}" for name in tables))
    for kind, first in tables["ours"].items():
        cells = (table[kind].gain for table in tables.values())
        row = " ".join(f"{f'{gain.mean:.3f} ({gain.low:.2f}–{gain.high:.2f})':>22}" for gain in cells)
        print(f"{kind:<14} {first.queries:>5} {row}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--content", type=Path, default=CONTENT, metavar="DIR")
    parser.add_argument("--queries", type=Path, default=QUERIES, metavar="FILE")
    parser.add_argument("--vectors", type=Path, metavar="PATH")
    options = parser.parse_args()
    run(options.content, options.queries, options.vectors)


if __name__ == "__main__":
    main()
