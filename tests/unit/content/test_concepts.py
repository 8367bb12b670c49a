"""A creator's own concepts: what is read, what is refused, where, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.concept import OwnConcept
from content.concepts import ConceptFile, check_concepts, own_concepts, read_concepts

SOUP = '[[concept]]\nname = "煲汤"\nalso = ["炖汤"]\nneeds = ["想喝口热的"]\n'


def write(root: Path, text: str | bytes, name: str = "kitchen.toml") -> Path:
    path = root / "_concepts" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def only(root: Path) -> ConceptFile:
    files, problems = read_concepts(root)
    assert not problems
    (file,) = files
    return file


def test_no_folder_is_no_concepts(root: Path) -> None:
    assert read_concepts(root) == ([], [])


def test_a_file_is_read_whole(root: Path) -> None:
    write(
        root,
        SOUP + 'english = ["soup"]\ntypos = ["保汤"]\nnear = ["砂锅"]\nbefore = ["刀工"]\npart_of = ["做菜"]',
    )
    soup = OwnConcept(
        "煲汤", ("炖汤",), ("soup",), ("保汤",), ("想喝口热的",), ("砂锅",), ("刀工",), ("做菜",)
    )
    assert only(root).concepts == (soup,)
    assert OwnConcept.from_json(soup.as_json()) == soup


def test_windows_line_ends_and_a_byte_order_mark_are_read(root: Path) -> None:
    write(root, b"\xef\xbb\xbf" + SOUP.replace("\n", "\r\n").encode())
    assert [concept.name for concept in only(root).concepts] == ["煲汤"]


HEAD = '[[concept]]\nname = "煲汤"\n'
WRONG = [
    ('[[concept]]\nname = "煲汤"\nalso = "炖汤"', 3, "also 要写成列表", 'also = ["炖汤"]'),
    (HEAD + "needs = 5", 3, "needs 里只能是文字", 'needs = ["'),
    (HEAD + 'near = ["刀工", 3]', 3, "near 里只能是文字", "引号"),
    (HEAD + 'needs = ["想喝"]\nneds = ["想吃"]', 4, "不认识的键 neds", "是不是想写 needs？"),
    (HEAD + 'needs = ["", "想喝"]', 3, "有一项是空的", "删掉"),
    (HEAD + f'needs = ["{"长" * 61}"]', 3, "有 61 个字，最多 60", "写短"),
    (HEAD + f"needs = {['句子' + str(n) for n in range(61)]}", 3, "有 61 项，最多 60", "最常说"),
    ('[[concept]]\nneeds = ["想喝"]', 1, "缺少 name", 'name = "煲汤"'),
    ("[[concept]]\nname = 3", 2, "name 要写成文字", 'name = "煲汤"'),
    ('# 说明\n[concept]\nname = "煲汤"', 2, "[concept] 的写法不对", "[[concept]]"),
    (SOUP + '\n[[concepts]]\nname = "面包"', 6, "[[concepts]] 的写法不对", "[[concept]]"),
    ('name = "煲汤"', 1, "name 不在任何一条里", "[[concept]]"),
    ("concept = 3", 1, "concept 的写法不对", "[[concept]]"),
    (HEAD + "also = [“炖汤”]", 3, "这里的引号是中文的：“", "英文"),
    (HEAD + 'also = ["炖汤"，"熬汤"]', 3, "这里的逗号是中文的：，", "英文"),
    (HEAD + 'also = ["炖汤" "熬汤"]', 3, "少了逗号", '["第一句", "第二句"]'),
    (HEAD + 'also = ["炖汤",\n  "熬汤"\nneeds = ["想喝"]', 3, "方括号没有成对", "needs"),
    ("[[concept]]\nname = 煲汤", 2, "等号后面读不懂", "引号"),
    (HEAD + 'name = "面包"', 3, "这个键写了两次", "[[concept]]"),
    (HEAD + "想喝口热的", 3, "这一行读不懂", "name ="),
    ("a = " + "[" * 5000, 1, "", ""),
    ("a = " + "9" * 5000, 1, "数字太长", "删掉"),
    (HEAD + 'needs = ["想\\u0000喝"]', 3, "看不见的控制字符", "删掉"),
    ('[[concept]]\nname = "煲汤"'.encode("gbk"), 1, "不是 UTF-8", "另存为"),
    (b"#" * (256 * 1024 + 1), 1, "超过 256 KiB", "拆成"),
    (
        "".join(f'[[concept]]\nname = "第{n}道菜"\nneeds = ["吃"]\n' for n in range(501)),
        1,
        "最多 500 条",
        "拆成",
    ),
]


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"), WRONG, ids=[each[2] or "deep" for each in WRONG]
)
def test_what_is_wrong_is_told_with_its_line_and_how_to_mend_it(
    root: Path, text: str | bytes, line: int, message: str, hint: str
) -> None:
    path = write(root, text)
    file = only(root)
    assert file.refused and file.concepts == ()
    told = [problem for problem in file.problems if problem.severity == "error"]
    assert told[0].path == str(path)
    assert (told[0].line, message in told[0].message, hint in told[0].hint) == (line, True, True), told


def test_all_that_is_wrong_is_told_at_once_and_in_order(root: Path) -> None:
    write(root, HEAD + 'also = "炖汤"\nneeds = 5\n[[concept]]\nneeds = ["烤"]\n', "a.toml")
    write(root, "[[concept]]\n坏了", "b.toml")
    _, problems = check_concepts(root, lambda name: True)
    assert [(Path(problem.path).name, problem.line) for problem in problems] == [
        ("a.toml", 3),
        ("a.toml", 4),
        ("a.toml", 5),
        ("b.toml", 2),
    ]


def test_one_broken_file_leaves_the_others_alone(root: Path) -> None:
    write(root, "坏了", "a.toml")
    write(root, SOUP, "b.toml")
    files, _ = read_concepts(root)
    assert [concept.name for concept in own_concepts(files)] == ["煲汤"]


def test_an_unknown_neighbour_is_doubted_and_a_likely_one_named(root: Path) -> None:
    write(root, SOUP + 'near = ["砂锅菜", "python"]\nbefore = ["天书"]')
    write(root, '[[concept]]\nname = "砂锅"\nneeds = ["陶的锅"]', "pots.toml")
    _, problems = check_concepts(root, lambda name: name == "python")
    told = [(problem.line, problem.severity, problem.message, problem.hint) for problem in problems]
    assert told == [
        (5, "warning", "near 里的「砂锅菜」没有这个概念，没有用上", "是不是想写 砂锅？"),
        (6, "warning", "before 里的「天书」没有这个概念，没有用上", "先用 [[concept]] 写上它，或者删掉"),
    ]


def test_a_name_of_one_character_and_a_concept_without_needs_are_doubted_not_refused(root: Path) -> None:
    write(root, '[[concept]]\nname = "汤"')
    file = only(root)
    assert not file.refused and len(file.concepts) == 1
    assert [problem.severity for problem in file.problems] == ["warning", "warning"]


def test_a_link_that_leads_out_of_the_shop_is_refused(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.toml"
    outside.write_text(SOUP, encoding="utf-8")
    (root / "_concepts").mkdir()
    (root / "_concepts" / "link.toml").symlink_to(outside)
    assert "符号链接" in only(root).problems[0].message
    (root / "_concepts" / "link.toml").unlink()
    (root / "_concepts").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (root / "_concepts").symlink_to(tmp_path / "elsewhere")
    files, problems = read_concepts(root)
    assert files == [] and "指向外面" in problems[0].message


def test_too_many_files_are_told(root: Path) -> None:
    for number in range(51):
        write(root, SOUP, f"{number:02}.toml")
    files, problems = read_concepts(root)
    assert len(files) == 50 and "51 个，最多 50 个" in problems[0].message
