"""`content import` on the command line: what it says, where, and with which status."""

from __future__ import annotations

from pathlib import Path

import manage
from content.importing.kinds import NAMES
from tests.elsewhere import SOURCES
from tests.unit.commands.conftest import Keban


def test_the_kinds_that_can_be_told_are_those_that_there_are() -> None:
    assert manage._IMPORT_KINDS == NAMES


def test_an_import_stands_beside_the_other_courses_and_passes_the_check(
    keban: Keban, config: str, courses: Path, tmp_path: Path
) -> None:
    source = str(SOURCES["markdown"](tmp_path))
    outcome = keban(
        "--config", config, "content", "import", source, "--slug", "home-cooking", "--price", "19.00"
    )
    assert outcome.status == 0
    assert "搬好了：《家常菜入门》，来自 Markdown 文件" in outcome.out and "4 课、2 张图片" in outcome.out
    assert "content check" in outcome.out and "draft: true" in outcome.out
    assert 'price: "19.00"' in (courses / "home-cooking" / "_index.md").read_text()
    checked = keban("--config", config, "content", "check")
    assert checked.status == 0 and "另有 1 门还是草稿" in checked.out


def test_what_was_not_carried_is_told_with_its_place_and_the_way_to_mend_it(
    keban: Keban, config: str, tmp_path: Path
) -> None:
    err = keban("--config", config, "content", "import", str(SOURCES["hexo"](tmp_path))).err
    (line,) = [line for line in err.splitlines() if "mysterytag" in line]
    assert "second.md:14: 标签 {% mysterytag a b %} 没有搬过来 → " in line


def test_a_dry_run_lists_the_files_and_writes_none(
    keban: Keban, config: str, courses: Path, tmp_path: Path
) -> None:
    before = sorted(courses.rglob("*"))
    outcome = keban("--config", config, "content", "import", str(SOURCES["word"](tmp_path)), "--dry-run")
    assert outcome.status == 0 and "01-xuan-ti.md" in outcome.out and "什么都没有写" in outcome.out
    assert sorted(courses.rglob("*")) == before


def test_another_folder_can_be_told(keban: Keban, config: str, courses: Path, tmp_path: Path) -> None:
    before = sorted(courses.rglob("*"))
    other = tmp_path / "other" / "courses"
    source = str(SOURCES["html"](tmp_path))
    assert keban("--config", config, "content", "import", source, "--into", str(other)).status == 0
    assert (other / "zen-me-xie-zhou-bao" / "_index.md").exists() and sorted(courses.rglob("*")) == before


def test_a_source_that_is_not_there_is_one_plain_line(keban: Keban, config: str) -> None:
    outcome = keban("--config", config, "content", "import", "/no/such/place")
    assert outcome.status == 1 and outcome.out == ""
    assert outcome.err.splitlines()[0] == "没有找到 /no/such/place" and "→" in outcome.err


def test_an_unknown_kind_is_bad_usage(keban: Keban, config: str) -> None:
    assert keban("--config", config, "content", "import", ".", "--kind", "wordpress").status == 2
