"""``ask`` and ``nlp``: the librarian from the command line."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from content.concepts import own_concepts, read_concepts
from content.folder import course_folders, take_snapshot
from content.problem import Problem
from content.sketch import Sketch, sketch
from content.source import read_course
from content.written import CourseSource
from handlers.library import concept_of, document_of
from handlers.make_librarian import librarian_maker
from infra.clock import SystemClock
from infra.errors import ConfigError
from infra.settings import Settings
from nlp import Answer, BadVectors, Concept, Document, Librarian, Reading

LIMIT = 10
MOST_PROBLEMS = 5
FINDING = ("ask", "recommend")  # what the chat answers with courses; 200以内 is a wish to look around


def ask(settings: Settings, queries: list[str], *, as_json: bool, content: Path | None) -> int:
    """Each query's answer; without queries one a line from standard input."""
    kept = settings.site.data_dir / "nlp"  # nothing is written where no service has been
    ready = kept if content is None and kept.is_dir() else None
    librarian = make(settings.nlp.vectors, content or settings.content.path, ready)
    for query in queries or _lines(sys.stdin):
        started = time.perf_counter()
        reading, found = answer(librarian, query)
        milliseconds = (time.perf_counter() - started) * 1000
        print(
            _as_json(query, reading, found, milliseconds) if as_json else _as_text(reading, found),
            flush=True,
        )
    return 0


def answer(librarian: Librarian, query: str, before: Sequence[str] = ()) -> tuple[Reading, Answer]:
    """One query, after others, as the chat would answer it with courses; with none where it would talk."""
    reading = librarian.read(query, before)
    return reading, librarian.search(reading, limit=LIMIT) if reading.intent in FINDING else Answer()


def documents(folder: Path) -> list[Document]:
    """The courses of a folder as the librarian reads them, those that cannot be sold yet as far as they are
    there. Raises ConfigError when there is no folder."""
    if not folder.is_dir():
        raise ConfigError(f"content.path: {folder} is no folder", hint="give another with --content DIR")
    snapshots = [snapshot for path in course_folders(folder) if (snapshot := take_snapshot(path))]
    read = [(snapshot, *read_course(snapshot)) for snapshot in snapshots]
    _tell_problems(
        [problem for _, _, problems in read for problem in problems if problem.severity == "error"]
    )
    # As on the shelf: nobody searches for a bundle or a membership.
    there = [course or sketch(snapshot) for snapshot, course, _ in read if not (course and course.includes)]
    by_id = {course.id: course for course in reversed(there) if course and not course.draft}
    now = SystemClock().now()
    return [document_of(_by(course, now)) for course in reversed(by_id.values())]


def _by(course: CourseSource | Sketch, now: datetime) -> CourseSource | Sketch:
    """As the shelf would have it at this moment."""
    return replace(course, search_text=course.text_by(now)) if isinstance(course, CourseSource) else course


def concepts(folder: Path) -> list[Concept]:
    """The creator's own concepts beside the courses of a folder; none of a file that has an error."""
    files, problems = read_concepts(folder)
    found = [*problems, *(problem for file in files for problem in file.problems)]
    _tell_problems([problem for problem in found if problem.severity == "error"])
    return [concept_of(own) for own in own_concepts(files)]


def _tell_problems(problems: Sequence[Problem]) -> None:
    for problem in problems[:MOST_PROBLEMS]:
        print(problem, file=sys.stderr)
    if len(problems) > MOST_PROBLEMS:
        print(f"… {len(problems) - MOST_PROBLEMS} more: `content check` shows all", file=sys.stderr)


def make(vectors: str, content: Path, cache: Path | None = None) -> Librarian:
    """The librarian of a folder. Raises ConfigError for vectors or a folder that cannot be used."""
    return librarian_maker(vectors, cache)(documents(content), concepts(content), None)


def _lines(stream: Iterable[str]) -> Iterable[str]:
    return (line.rstrip("\n") for line in stream)


def _as_json(query: str, reading: Reading, answer: Answer, milliseconds: float) -> str:
    courses = [
        {"id": hit.id, "title": hit.title, "score": round(float(hit.score), 4), "reason": hit.reason}
        for hit in answer.hits
    ]
    found = {"query": query, "intent": reading.intent, "courses": courses, "ms": round(milliseconds, 3)}
    return json.dumps(found, ensure_ascii=False)


def _as_text(reading: Reading, answer: Answer) -> str:
    if answer.hits:
        return "\n".join(
            f"{number}. {hit.title}  {hit.score:.2f}\n   {hit.reason}"
            for number, hit in enumerate(answer.hits, 1)
        )
    near = "".join(f"\n   最接近的：{hit.title}" for hit in answer.nearest)
    return f"没有合适的课（{reading.intent}）{answer.note and '：' + answer.note}{near}"


def train(settings: Settings, corpus: list[Path], *, out: Path | None, workers: int, seed: int) -> int:
    """Word vectors from the catalogue and whatever text is given; then says what to write in config.toml."""
    from nlp import train as training

    target = out or settings.site.data_dir / "vectors"
    target.parent.mkdir(parents=True, exist_ok=True)
    how = training.Settings(workers=workers, seed=seed)
    try:
        made = training.train(corpus, documents(settings.content.path), target, settings=how, tell=_tell)
    except (training.NothingToTrain, BadVectors, OSError) as error:
        raise ConfigError(f"nlp train: {error}", hint="give text with --corpus PATH") from None
    except KeyboardInterrupt:
        print("停下了；同样的命令会接着做", file=sys.stderr)
        return 130
    print(f"{made.folder}: {made.words} 个词，来自 {made.lines} 行文字")
    print(f'在 config.toml 的 [nlp] 里写上：vectors = "{made.folder}"')
    return 0


def _tell(line: str) -> None:
    """How far it is, in one line of a terminal, or a line each in a file."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
    else:
        print(line, file=sys.stderr, flush=True)
