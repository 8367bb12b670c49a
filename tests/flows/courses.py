"""A small catalogue for the flows. Each paid part holds a sentence that nobody may see without a grant."""

from __future__ import annotations

from pathlib import Path

CANARY = "金丝雀在付费花园里唱歌"
FREE_WORDS = "这一段谁都能读"
CRAWLER, PANDAS, GIT, MYSQL = "爬虫小课", "Pandas 小课", "Git 免费课", "MySQL 索引小课"

PNG = b"\x89PNG\r\n\x1a\n"

_INDEX = """\
---
id: {id}
title: {title}
summary: {summary}
price: "{price}"
level: {level}
tags: [{tags}]
teacher: 阿文
access: {access}
refund: {refund}
---
{title}的课程主页，{summary}。

<!--more-->

这里是{title}的详细介绍。
"""
_OFFER = """\
---
id: {id}
title: {title}
summary: {summary}
price: "{price}"
includes: {includes}
access: {access}
refund: 7d
---
{title}的介绍。
"""
_FREE = """\
---
title: 第一课 先跑起来
free: true
---
{free_words}，关于{title}。

```python
def hello(name: str) -> str:
    return f"你好，{{name}}"
```
"""
_PAID = """\
---
title: 第二课 动手做
---
{free_words}，第二课的开头。

![免费的图](pictures/free.png)

<!--members-only-->

{canary}：{title}的付费正文。

![付费的图](pictures/paid.png)
"""
_WHOLLY_PAID = """\
---
title: 第三课 收尾
---
{canary}，整节都要购买。
"""


def write_course(
    root: Path,
    slug: str,
    *,
    title: str,
    summary: str,
    tags: str,
    price: str = "99.00",
    level: str = "入门",
    refund: str = "7d",
    access: str = "forever",
) -> Path:
    """A course with a free lesson, one with a free beginning and one that is wholly paid."""
    folder = root / slug
    folder.mkdir(parents=True)
    about = {"title": title, "canary": CANARY, "free_words": FREE_WORDS}
    (folder / "01-start.md").write_text(_FREE.format(**about), encoding="utf-8")
    (folder / "02-work.md").write_text(_PAID.format(**about), encoding="utf-8")
    (folder / "03-end.md").write_text(_WHOLLY_PAID.format(**about), encoding="utf-8")
    (folder / "pictures").mkdir()
    for name in ("free", "paid"):
        (folder / "pictures" / f"{name}.png").write_bytes(PNG + name.encode())
    index = _INDEX.format(
        id=slug,
        title=title,
        summary=summary,
        tags=tags,
        price=price,
        level=level,
        refund=refund,
        access=access,
    )
    # Last, so that a watcher finds the whole course.
    (folder / "_index.md").write_text(index, encoding="utf-8")
    return folder


def write_offer(
    root: Path, slug: str, title: str, summary: str, price: str, includes: str, access: str
) -> None:
    """A bundle or a membership: ``includes`` as in the front matter."""
    (root / slug).mkdir()
    about = {"id": slug, "title": title, "summary": summary, "price": price}
    text = _OFFER.format(**about, includes=includes, access=access)
    (root / slug / "_index.md").write_text(text, encoding="utf-8")


def write_courses(root: Path) -> Path:
    """Eight courses: enough for two pages of a list, one free, one that cannot be given back."""
    write_course(root, "crawler-one", title=CRAWLER, summary="把网页抓下来存成表格", tags="爬虫, Python")
    write_course(
        root,
        "crawler-two",
        title="爬虫进阶课",
        summary="并发和代理",
        tags="爬虫",
        price="199.00",
        level="进阶",
    )
    write_course(
        root, "crawler-three", title="爬虫面试课", summary="爬虫岗位怎么考", tags="爬虫", price="59.90"
    )
    write_course(
        root, "crawler-four", title="爬虫数据课", summary="爬虫之后怎么存数据", tags="爬虫", price="69"
    )
    write_course(
        root, "pandas-one", title=PANDAS, summary="用 Pandas 做数据分析", tags="数据分析", refund="none"
    )
    write_course(root, "git-free", title=GIT, summary="用 Git 管好代码", tags="Git", price="0")
    write_course(
        root, "mysql-one", title=MYSQL, summary="数据库查询慢怎么办", tags="MySQL, 数据库", price="129"
    )
    write_course(root, "linux-one", title="Linux 小课", summary="在服务器上不慌", tags="Linux", price="49")
    return root
