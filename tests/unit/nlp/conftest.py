"""The real sample catalogue as plain documents, read by a few lines of the tests' own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlp import Document, Librarian

COURSES = Path(__file__).parents[3] / "content" / "courses"
LEVELS = {"零基础": "beginner", "入门": "beginner", "进阶": "intermediate", "高级": "advanced"}


@pytest.fixture(scope="session")
def sample_documents() -> list[Document]:
    indexes = sorted(COURSES.glob("*/_index.md"))
    return [_document(index) for index in indexes if "includes" not in _split(index)[0]]  # no offers


@pytest.fixture(scope="session")
def sample(sample_documents: list[Document]) -> Librarian:
    return Librarian.build(sample_documents)


@pytest.fixture(scope="session")
def small() -> Librarian:
    """Six courses, for what does not need the sample catalogue."""
    return Librarian.build(
        [
            Document(
                "crawler",
                "Python 爬虫从零到一",
                "抓下网页上的数据",
                "requests 与解析",
                ("爬虫",),
                "beginner",
                9900,
            ),
            Document(
                "crawler-pro", "爬虫进阶", "几万个网页怎么抓", "代理与并发", ("爬虫",), "advanced", 29900
            ),
            Document(
                "mysql",
                "MySQL 慢查询优化",
                "SQL 跑得慢怎么办",
                "索引与执行计划",
                ("数据库",),
                "intermediate",
                12900,
            ),
            Document("java", "Java 基础", "把基础打扎实", "集合与异常", ("Java",), "beginner", 0),
            Document("ml", "机器学习入门", "训练第一个模型", "sklearn", ("机器学习",), "beginner", 15900),
            Document("piano", "钢琴入门", "从认识琴键开始", "指法", ("钢琴",), "beginner", 4900),
        ]
    )


def _document(index: Path) -> Document:
    head, page = _split(index)
    texts = [page, *(text for lesson in sorted(index.parent.rglob("*.md")) for text in _free_text(lesson))]
    return Document(
        head["id"],
        head["title"],
        head.get("summary", ""),
        "\n".join(texts),
        tuple(map(str, head.get("tags", ()))),
        LEVELS.get(head.get("level", ""), ""),
        round(float(head["price"]) * 100),
        head.get("teacher", ""),
    )


def _free_text(lesson: Path) -> Iterator[str]:
    if lesson.name == "_index.md":
        return
    head, text = _split(lesson)
    yield str(head.get("title", ""))
    if head.get("free") or "<!--members-only-->" in text:
        yield text.split("<!--members-only-->")[0]


def _split(path: Path) -> tuple[dict[str, Any], str]:
    _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(head), text
