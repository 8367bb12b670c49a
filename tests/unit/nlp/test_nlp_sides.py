"""Several subjects in one question, and the order of courses for a broad one."""

import pytest

from nlp import Document, Librarian
from nlp.sides import in_turn


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("想学Python和Java", {"python-start", "java-core"}),
        ("Python 和 Java 先学哪个", {"python-start", "java-core"}),
        ("python or java", {"python-start", "java-core"}),
        ("MySQL 跟 Redis", {"mysql-index", "redis-practice"}),
        ("Docker还有Linux一起学", {"docker-deploy", "linux-command"}),
        ("爬虫、数据分析我都想学", {"python-crawler", "pandas-analysis"}),
    ],
)
def test_of_subjects_that_are_joined_each_has_its_best_course_at_the_top(
    sample: Librarian, text: str, first: set[str]
) -> None:
    assert {hit.id for hit in sample.search(text).hits[:2]} == first


def test_three_subjects_share_the_top(sample: Librarian) -> None:
    hits = sample.search("React、Docker 和 pandas").hits
    assert {hit.id for hit in hits[:3]} == {"react-hooks", "docker-deploy", "pandas-analysis"}


def test_a_course_about_both_subjects_stays_first(sample: Librarian) -> None:
    assert sample.search("想学Python和爬虫").hits[0].id == "python-crawler"


def test_two_names_of_one_subject_are_no_two_subjects(sample: Librarian) -> None:
    ids = [hit.id for hit in sample.search("k8s 和 kubernetes").hits]
    assert ids[0] == "kubernetes-ops"


def test_a_subject_beside_a_means_is_not_parted(sample: Librarian) -> None:
    """Only what is joined is two questions: the Python of 用Python处理Excel is none of its own."""
    assert sample.search("用Python处理Excel").hits[0].id == "excel-automation"


def test_whoever_asks_for_the_cheapest_of_two_sees_the_cheapest(sample: Librarian) -> None:
    assert sample.search("Python和Java 最便宜的").hits[0].id == "python-start"


def test_the_best_of_each_stand_in_turn_and_once() -> None:
    assert in_turn([[1, 2, 9], [3, 1, 8]]) == [1, 3, 2]
    assert in_turn([[1], [3, 4]]) == [1, 3, 4]


def test_of_a_broad_question_the_course_that_a_newcomer_can_follow_is_not_last(sample: Librarian) -> None:
    ids = [hit.id for hit in sample.search("chatgpt").hits]
    assert ids.index("prompt-writing") < ids.index("llm-finetune")


def alike(level: str) -> Document:
    return Document(level, f"Redis 实战{level}", "缓存", "缓存与锁", ("Redis",), level, 9900)


def test_among_equals_the_level_decides_only_where_nothing_more_is_said() -> None:
    shelf = Librarian.build([alike("advanced"), alike("intermediate"), alike("beginner")])
    assert [hit.id for hit in shelf.search("Redis").hits] == ["beginner", "intermediate", "advanced"]
    assert shelf.search("Redis 进阶").hits[0].id != "beginner"
