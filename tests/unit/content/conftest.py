"""A creator's folder in a temporary place, and a way to write courses into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from content.publish import Publisher
from content.shelf import Shelf
from infra.clock import ManualClock
from infra.database import Database

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16

INDEX = """\
---
id: {id}
title: Python 爬虫从零到一
summary: 自动把网页上的表格抓下来存成 Excel
price: "99.00"
price_original: "199.00"
level: 入门
tags: [爬虫, Python]
teacher: 林间
access: 365d
refund: 7d
---
学完能写自己的爬虫。
"""
FREE = "---\ntitle: 第一课\nfree: true\n---\n免费正文\n"
PAID = "---\ntitle: 第二课\n---\n试读正文\n\n<!--members-only-->\n\n付费正文\n"

WriteCourse = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "courses"
    folder.mkdir()
    return folder


@pytest.fixture
def write_course(root: Path) -> WriteCourse:
    """Writes a good course; `files` replaces or adds files by path, None takes one out."""

    def write(
        slug: str = "py-crawler", *, id: str | None = None, files: dict[str, object] | None = None
    ) -> Path:
        texts: dict[str, object] = {
            "_index.md": INDEX.format(id=id or slug),
            "01-first.md": FREE,
            "02-second.md": PAID,
            **(files or {}),
        }
        for path, text in texts.items():
            if text is None:
                continue
            target = root / slug / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else str(text).encode())
        return root / slug

    return write


@pytest.fixture
def publisher(db: Database, clock: ManualClock) -> Publisher:
    return Publisher(db, clock)


@pytest.fixture
def shelf(db: Database, clock: ManualClock) -> Shelf:
    return Shelf(db, clock)
