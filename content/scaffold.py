"""`content new`: a course or a lesson to start from, each key explained beside it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from content import placeholders as sample
from content.fields import MAX_SLUG_CHARS, SLUG
from infra.errors import Conflict, NotFound, Refused

_INDEX = f"""\
---
# 课程的身份证：写一次就不再改。买过的人靠它找回课程；文件夹名和标题以后都可以改。
id: {{slug}}
# 课程名，最多 60 个字。
title: {{title}}
# 一句话简介，显示在列表和聊天里，最多 120 个字。用读者自己会说的词，搜索也靠它。
summary: {sample.SUMMARY}
# 价格，单位元，一定要带引号。免费课写 "0"。
price: "99.00"
# 划线价，可以不写。
# price_original: "199.00"
# 难度：入门（也可写 零基础）、进阶 或 高级。
level: 入门
# 标签，读者可能会搜的词，中英文都行。
tags: [{", ".join(sample.TAGS)}]
# 老师的名字，可以不写。
teacher: {sample.TEACHER}
# 买了能看多久：forever（一直）、365d（天数）或 2027-12-31（到这一天为止）。
access: forever
# 退款：none（不退）或 7d（7 天内可退）。
refund: 7d
# 封面图片，放在课程文件夹里；不写就用标题做一张。
# cover: paywall.png
# 学完会什么，一条一句，显示在课程页上。
# learn: [能写一个会断点续抓的爬虫, 会把结果存成 Excel]
# 前几课免费试读；课时里写了分界线的，仍然只免费到分界线。
# trial: 1
# 一课一课地开：买下后，付费的课每隔一天开一课。
# drip: 1d
# 从什么时候上架、到哪天为止（买过的人一直能看），不写时区就是北京时间。
# publishDate: 2027-01-01 20:00
# expiryDate: 2027-12-31
# 谁看得见：public（上架）、unlisted（不上架，有链接才找得到）或 members（不卖，只给已有权限的人）。
# visibility: public
# 列表里的先后，小的在前。
# weight: 10
# 以前用过的网址，旧链接会转到这里来。
# aliases: [old-name]
# 只有套餐和会员才写 includes：另建一个文件夹，里面只放 _index.md，不放课时。
# 套餐写几门课的 id；会员写 all（全部课程）或 tag:爬虫（有这个标签的课），并把 access 写成有期限的。
# includes: [python-start, python-crawler]
# 草稿不会上架。把样板里的文字都换成自己的，再删掉下面这一行，一保存就发布。
draft: true
---

{sample.PAGE}

- 学完能做成什么
- 适合谁，需要先会什么
- 课程怎么安排

<!--more-->

{sample.LEAD}
"""

_FREE_LESSON = f"""\
---
title: 第一课：先看看效果
# 整课免费，让读者先试读。
free: true
# 阅读时间，单位分钟，可以不写，会按字数估算。
minutes: 5
---

## {sample.HEADING}

代码块写上语言就会高亮：

```python
print("你好，读者")
```

{sample.PICTURES}[第二课](02-second-step.md)。

![分界线以上谁都能读，以下买了再读](paywall.png)
"""

_PAID_LESSON = f"""\
---
title: 第二课：动手做
---

{sample.TRIAL}

<!--members-only-->

{sample.PAID}
"""


_LESSON = f"""\
---
title: {sample.LESSON}
# 草稿不会上架：写好以后删掉下面这一行。
draft: true
# 整课免费就写 free: true，并删掉正文里的分界线。
# free: true
# 阅读时间，单位分钟；不写会按字数估算。
# minutes: 10
# 买下几天以后打开这一课（不写就跟着课程的 drip）。
# drip: 3d
# 从什么时候公布。
# publishDate: 2027-01-01 20:00
# 这一课以前的网址，改名以后旧链接还能用。
# aliases: [old-lesson]
---

{sample.TRIAL}

<!--members-only-->

{sample.PAID}
"""
_PICTURE = Path(__file__).with_name("sample.png")
_CHAPTER = re.compile(r"(?:[\w-][\w. -]{0,79})?")
_LESSON_NAME = re.compile(r"(?:([0-9]{1,4})-)?([a-z0-9]+(?:-[a-z0-9]+)*)")


def new_lesson(root: Path, course: str, name: str) -> Path:
    """Writes a draft of a lesson into ``root/course``, or into a chapter of it.

    ``name``: ``03-title`` or ``01-chapter/03-title``; without a number it comes last. Raises Refused for a
    name that cannot be an address, NotFound for a course or chapter that is not there, Conflict when the
    file is.
    """
    chapter, _, stem = name.removesuffix(".md").rpartition("/")
    folder, match = root / course / chapter, _LESSON_NAME.fullmatch(stem)
    if match is None or len(stem) > MAX_SLUG_CHARS or not _CHAPTER.fullmatch(chapter):
        raise Refused(f"“{name}” 不能用作课时的文件名", hint="编号加小写字母、数字和 -，例如 03-parse-fields")
    if Path(course).name != course or not (root / course / "_index.md").is_file() or not folder.is_dir():
        raise NotFound(f"没有 {folder}", hint=f"先写课程：content new {course}")
    path = folder / f"{match[1] or _next_number(folder)}-{match[2]}.md"
    if path.exists() or path.is_symlink():
        raise Conflict(f"{path} 已经有了，没有改动它", hint="换一个名字")
    path.write_text(_LESSON, encoding="utf-8")
    return path


def _next_number(folder: Path) -> str:
    numbers = [
        int(found[1]) for path in folder.glob("*.md") if (found := _LESSON_NAME.match(path.name)) and found[1]
    ]
    return f"{max(numbers, default=0) + 1:02d}"


def new_course(root: Path, slug: str, *, title: str = sample.NAME) -> list[Path]:
    """Writes ``root/slug`` with a course page and two lessons, as a draft; returns the files.

    Raises Refused for a slug that cannot be an address or an id, Conflict when the folder is there already.
    """
    if SLUG.fullmatch(slug) is None or not 3 <= len(slug) <= min(40, MAX_SLUG_CHARS):
        raise Refused(
            f"“{slug}” 不能用作课程文件夹名", hint="3 到 40 个小写字母、数字和 -，例如 python-crawler"
        )
    folder = root / slug
    if folder.exists() or folder.is_symlink():
        raise Conflict(f"{folder} 已经有了，没有改动它", hint="换一个名字")
    root.mkdir(parents=True, exist_ok=True)
    _write_at_once(folder, _files(slug, title))
    return sorted(folder.iterdir())


def _files(slug: str, title: str) -> dict[str, bytes]:
    quoted = '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'
    texts = {
        "_index.md": _INDEX.replace("{slug}", slug).replace("{title}", quoted),
        "01-first-look.md": _FREE_LESSON,
        "02-second-step.md": _PAID_LESSON,
    }
    return {name: text.encode() for name, text in texts.items()} | {"paywall.png": _PICTURE.read_bytes()}


def _write_at_once(folder: Path, files: dict[str, bytes]) -> None:
    """The folder appears with all its files or not at all; a watcher never sees half of it."""
    # Hidden, beside its place: on the same disk, and no course until it is renamed.
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as workshop:
        made = Path(workshop) / folder.name
        made.mkdir()
        for name, data in files.items():
            (made / name).write_bytes(data)
        made.rename(folder)
