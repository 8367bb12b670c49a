"""Training against bare gensim on the same text: CPU seconds.

Bare gensim gets the text already cut and makes one call. Ours cuts, trains epoch by epoch, keeps what is done
after each, and writes the finished vectors. The text: the file or folder in KEBAN_CORPUS, else the lessons
of the sample courses, over and over, which is little and makes the fixed costs look large.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from benchmarks.limit import Limit
from nlp.corpus import files_of, lines_of, write_cut
from nlp.train import Settings, train

SAMPLE = Path(__file__).parents[1] / "content" / "courses"
TIMES_OVER = 20


def run() -> list[Limit]:
    """Prints every figure."""
    with tempfile.TemporaryDirectory(prefix="keban-training-") as temporary:
        root = Path(temporary)
        corpus = Path(os.environ["KEBAN_CORPUS"]) if "KEBAN_CORPUS" in os.environ else _sample(root)
        how = Settings()
        began = time.process_time()
        lines = write_cut(lines_of(files_of([corpus]), []), root / "cut.txt", lambda _: None)
        cutting = time.process_time() - began
        bare = _bare(root / "cut.txt", how)
        began = time.process_time()
        made = train([corpus], [], root / "vectors", settings=how)
        ours = time.process_time() - began
    print(
        f"{lines} lines, {made.words} words: ours {ours:.1f} s CPU with {cutting:.1f} s of cutting,"
        f" bare gensim {bare:.1f} s on text already cut; {ours / bare:.2f} times,"
        f" {ours / (cutting + bare):.2f} times when the cutting counts on both sides"
    )
    return [
        Limit("training against bare gensim, both with the cutting", ours / (cutting + bare), at_most=1.2)
    ]


def _sample(root: Path) -> Path:
    lessons = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SAMPLE.rglob("*.md")))
    (root / "sample.txt").write_text(f"{lessons}\n" * TIMES_OVER, encoding="utf-8")
    return root / "sample.txt"


def _bare(cut: Path, how: Settings) -> float:
    from gensim.models import Word2Vec

    began = time.process_time()
    Word2Vec(
        corpus_file=str(cut),
        sg=1,
        vector_size=how.dimensions,
        window=how.window,
        min_count=how.min_count,
        negative=how.negative,
        sample=how.sample,
        epochs=how.epochs,
        seed=how.seed,
        workers=how.workers,
    )
    return time.process_time() - began
