"""A catalogue of 2,000 courses and 20,000 lessons, made of the sample courses' own texts, no two alike."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.service import ROOT

COURSES = 2_000
LESSONS = 10  # of each course
SEED = 20_261_122
MARK = "\n<!--members-only-->\n"
_SAMPLE = ROOT / "content" / "courses"
_WORDS = ("先看结果", "为什么这样写", "常见的坑", "再快一点", "换个做法", "收尾", "多练一遍", "真实的例子")


def write(root: Path, courses: int = COURSES) -> Path:
    """The courses as their creator has them, below ``root``. The first lesson of each is free, two more begin
    free; code, tables and lists are as in the sample."""
    chance = random.Random(SEED)
    bodies, pages = _bodies("[0-9]*.md"), _bodies("_index.md")
    for number in range(courses):
        folder = root / f"course-{number:04}"
        folder.mkdir(parents=True)
        (folder / "_index.md").write_text(_index(number, chance.choice(pages), chance), encoding="utf-8")
        for position, body in enumerate(chance.sample(bodies, LESSONS), start=1):
            text = _lesson(number, position, body, chance)
            (folder / f"{position:02}-part-{position}.md").write_text(text, encoding="utf-8")
    return root


def _bodies(pattern: str) -> list[str]:
    """The texts below the front matter, but for those with pictures and links to files beside them."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(_SAMPLE.rglob(pattern)))
    bodies = [text.split("\n---\n", 1)[1] for text in texts if "\n---\n" in text]
    plain = [body.replace(MARK, "\n") for body in bodies if "](" not in body.replace("](http", "")]
    return [body for body in plain if len(body) > 300]


def _index(number: int, body: str, chance: random.Random) -> str:
    level, yuan = chance.choice(("入门", "进阶", "高级")), chance.choice((39, 59, 99, 149, 199))
    return (
        f"---\nid: course-{number:04}\ntitle: 第 {number} 门课\nsummary: 跟着做完 {number} 个小练习\n"
        f'price: "{yuan}.00"\nlevel: {level}\n'
        f"tags: [标签{number % 40}, 练习]\nteacher: 林间\nrefund: 7d\n---\n{_salted(body, number, 0, chance)}"
    )


def _lesson(number: int, position: int, body: str, chance: random.Random) -> str:
    free = "free: true\n" if position == 1 else ""
    text = _salted(body, number, position, chance)
    if position in (2, 3):
        paragraphs = text.split("\n\n")
        text = paragraphs[0] + f"\n{MARK}\n" + "\n\n".join(paragraphs[1:])
    return f"---\ntitle: 第 {position} 课 {chance.choice(_WORDS)}\n{free}---\n{text}"


def _salted(body: str, number: int, position: int, chance: random.Random) -> str:
    """A text that no other file has, in its first line and in the code."""
    changed = f"这是第 {number} 门课的第 {position} 节，{chance.choice(_WORDS)}。\n\n{body.strip()}\n"
    return changed.replace("100", str(chance.randrange(101, 999)))
