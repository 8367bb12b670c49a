"""A catalogue of 1,000 made-up courses, the same ones each time, published as a creator's are."""

from __future__ import annotations

import itertools
import random
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.service import prepare

COURSES = 1_000
SEED = 20_261_121
SUBJECTS = Path(__file__).with_name("subjects.txt")

_LEVELS = {
    "入门": ("零基础也跟得上，不用先学别的", "会开机、会打字就够了", (0, 39, 49, 79, 99)),
    "进阶": ("学过一点、想用到工作里的人", "写过几百行代码，会自己查文档", (99, 129, 149, 168, 199)),
    "高级": ("每天在用、想把它做好的人", "独立做完过一个项目", (199, 239, 258, 299, 399)),
}
_FORMS = (
    ("project", "{}项目实战", "跟着做完一个真的能用的项目"),
    ("basics", "{}快速上手", "三节课讲清楚最常用的两成"),
    ("camp", "{}训练营", "每天一个小练习，四周养成习惯"),
    ("pitfalls", "{}避坑手册", "前人踩过的坑一次看完"),
    ("interview", "{}面试题精讲", "高频题目逐道讲透，附答题思路"),
    ("cases", "{}案例课", "十个来自公司的案例，改改就能用"),
)
_TEACHERS = ("林间", "苏木", "周行", "何小满", "老秦", "阿澈", "江一", "白露")
_STEPS = ("先跑起来", "常用的写法", "出错了怎么查", "做成工具", "测试与上线", "性能与取舍", "团队协作")


class _Subject(NamedTuple):
    address: str
    name: str
    tags: str
    wish: str


def prepare_large(data: Path) -> None:
    """Tables and the courses in ``data``; published once a run, then copied."""
    shutil.copytree(_published(), data, dirs_exist_ok=True)


@cache
def folder() -> Path:
    """The courses as their creator has them, for ``content.path``; gone when this process ends."""
    root = _temporary("courses")
    chance = random.Random(SEED)
    kinds = list(itertools.product(_subjects(), _LEVELS, _FORMS))
    for number, (subject, level, form) in enumerate(chance.sample(kinds, COURSES)):
        _write_course(root / f"{subject.address}-{form[0]}-{number}", subject, level, form, chance)
    return root


@cache
def _published() -> Path:
    data = _temporary("published")
    began = time.perf_counter()
    prepare(data, {"KEBAN_CONTENT__PATH": str(folder())})
    print(f"{COURSES} courses published in {time.perf_counter() - began:.0f} s")
    return data


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _temporary(name: str) -> Path:
    _kept.append(tempfile.TemporaryDirectory(prefix=f"keban-{name}-"))
    return Path(_kept[-1].name)


def _subjects() -> list[_Subject]:
    lines = SUBJECTS.read_text(encoding="utf-8").splitlines()
    return [_Subject(*line.split(" | ")) for line in lines if not line.startswith("#")]


def _write_course(
    place: Path, subject: _Subject, level: str, form: tuple[str, str, str], chance: random.Random
) -> None:
    place.mkdir()
    _key, title, promise = form
    whom, before, prices = _LEVELS[level]
    steps = chance.sample(_STEPS, 4)
    tags = ", ".join(dict.fromkeys([*subject.tags.split(), level]))
    (place / "_index.md").write_text(
        f"---\nid: {place.name}\ntitle: {title.format(subject.name)}（{level}）\n"
        f'summary: {subject.wish}：{promise}\nprice: "{chance.choice(prices)}"\nlevel: {level}\n'
        f"tags: [{tags}]\nteacher: {chance.choice(_TEACHERS)}\nrefund: 7d\n---\n"
        f"想{subject.wish}，却不知道从哪里开始？这门{subject.name}课{promise}。\n\n<!--more-->\n\n"
        f"## 学完你能做什么\n\n- {subject.wish}；\n"
        + "".join(f"- {step}：每一步都有能跑的例子；\n" for step in steps)
        + f"\n## 适合谁\n\n{whom}。需要的基础：{before}。\n",
        encoding="utf-8",
    )
    for number, step in enumerate(steps, start=1):
        head = f"---\ntitle: {subject.name}：{step}\nfree: {str(number == 1).lower()}\n---\n"
        text = f"## {step}\n\n这一课讲{subject.name}的{step}。{promise}，最后{subject.wish}。\n\n" * 3
        (place / f"0{number}-part-{number}.md").write_text(
            head + text + "```python\nprint('好了')\n```\n", encoding="utf-8"
        )
