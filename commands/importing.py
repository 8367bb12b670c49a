"""``content import``: a course from a folder or file of another tool."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from content.importing.bring import Brought, Wish, bring
from content.problem import Problem

MAX_TOLD = 200


def run(wish: Wish, *, dry: bool) -> int:
    """Tells what was carried on standard output, what was not on standard error."""
    brought = bring(wish, dry=dry)
    _tell(brought.losses, "没有原样搬过来的（原文件里的位置）：")
    _tell(brought.held_back, "这几课先留成草稿，改好再删掉 draft: true：")
    print(f"{'会搬成' if dry else '搬好了'}：《{brought.title}》，来自 {brought.label}")
    print(f"  {_short(brought.folder)}  {brought.lessons} 课、{brought.pictures} 张图片")
    if dry:
        print("\n".join(f"    {path}" for path in sorted(brought.files)))
        print("这是试搬，什么都没有写。去掉 --dry-run 就真的搬。")
        return 0
    print(
        f"{_counted(brought)}"
        "接下来：看一遍 _index.md（价格、简介、标签），运行 python manage.py content check；\n"
        "  都好了就删掉 _index.md 里的 draft: true。它现在是草稿，第一课免费，其余都要买了才能看。"
    )
    return 0


def _counted(brought: Brought) -> str:
    count = len(brought.losses) + len(brought.held_back)
    where = "，每一处都留了注释“没有搬过来”，或写着现在的样子" if count else ""
    return f"{count} 处要看一看{where}。\n" if count else "都原样搬过来了。\n"


def _tell(problems: Iterable[Problem], head: str) -> None:
    listed = list(problems)
    if not listed:
        return
    print(head, file=sys.stderr)
    for problem in listed[:MAX_TOLD]:
        print(
            f"  {_short(Path(problem.path))}:{problem.line}: {problem.message} → {problem.hint}",
            file=sys.stderr,
        )
    if len(listed) > MAX_TOLD:
        print(f"  …… 还有 {len(listed) - MAX_TOLD} 处", file=sys.stderr)


def _short(path: Path) -> str:
    """As it is seen from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("../..") else relative
